package realtime

import (
	"slices"
	"sync"
)

// maxHints is how many hints wait for one subscriber: under 4 MB, and more
// than any burst that a node could still draw in time.
const maxHints = 1 << 16

// Memory is the Broker of a community that runs on one node. Beyond what
// every broker promises, each subscriber gets the hints once and in the order
// of publishing; only one that is 65,536 hints behind loses the oldest.
type Memory struct {
	mu            sync.Mutex
	subscriptions []*subscription
}

// subscription is one subscriber and what waits for it; Memory.mu guards it.
type subscription struct {
	fn      func(Hint)
	waiting []Hint
	running bool // a goroutine is handing out what waits
}

// NewMemory returns a broker without subscribers.
func NewMemory() *Memory { return &Memory{} }

// Publish puts the hint aside for each subscriber. One that was idle gets a
// goroutine, which lives as long as hints wait.
func (m *Memory) Publish(hint Hint) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.subscriptions {
		if len(s.waiting) == maxHints {
			// The newest one matters: it shows how far the topic has come.
			s.waiting = s.waiting[1:]
		}
		s.waiting = append(s.waiting, hint)
		if !s.running {
			s.running = true
			go m.deliver(s)
		}
	}
}

// Subscribe calls fn with every hint that is published from now on.
func (m *Memory) Subscribe(fn func(Hint)) (cancel func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := &subscription{fn: fn}
	m.subscriptions = append(m.subscriptions, s)
	return func() { m.cancel(s) }
}

func (m *Memory) cancel(s *subscription) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s.waiting = nil
	m.subscriptions = slices.DeleteFunc(m.subscriptions, func(other *subscription) bool {
		return other == s
	})
}

func (m *Memory) deliver(s *subscription) {
	for hint, ok := m.next(s); ok; hint, ok = m.next(s) {
		s.fn(hint)
	}
}

// next gives the oldest hint that waits. When there is none, the subscriber
// is idle again, and its goroutine must end.
func (m *Memory) next(s *subscription) (Hint, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(s.waiting) == 0 {
		s.waiting, s.running = nil, false
		return Hint{}, false
	}
	hint := s.waiting[0]
	s.waiting = s.waiting[1:]
	return hint, true
}
