package realtime

import (
	"slices"
	"sync"
)

// Memory is the Broker of a community that runs on one node: Publish calls the subscribers, and that is all.
type Memory struct {
	mu     sync.RWMutex
	topics map[string][]*subscriber // what a list holds is never changed: whoever got one reads it without the lock
}

type subscriber struct{ fn func(Hint) }

// NewMemory returns a broker without subscribers.
func NewMemory() *Memory { return &Memory{topics: map[string][]*subscriber{}} }

// Publish calls the topic's subscribers.
func (m *Memory) Publish(hint Hint) {
	m.mu.RLock()
	list := m.topics[hint.Topic]
	m.mu.RUnlock()
	for _, s := range list {
		s.fn(hint)
	}
}

// Subscribe calls fn with every hint of the topic that is published from now on.
func (m *Memory) Subscribe(topic string, fn func(Hint)) (cancel func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := &subscriber{fn}
	m.topics[topic] = append(m.topics[topic], s)
	return func() { m.cancel(topic, s) }
}

func (m *Memory) cancel(topic string, s *subscriber) {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := slices.DeleteFunc(slices.Clone(m.topics[topic]), func(other *subscriber) bool { return other == s })
	if len(list) == 0 {
		delete(m.topics, topic)
		return
	}
	m.topics[topic] = list
}
