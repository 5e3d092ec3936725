package realtime

import (
	"bytes"
	"fmt"
)

// Waiting tells how many frames wait for the screen and what they cost of its bound.
func (s *Screen) Waiting() (frames, cost int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue.frames), s.queue.cost
}

// Spare tells how many frames the screen has room for while nothing waits.
func (s *Screen) Spare() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cap(s.queue.frames) + cap(s.queue.spare)
}

// Topics tells how many topics the hub keeps.
func (h *Hub) Topics() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.topics)
}

// Cost tells what a frame of so many bytes takes of a bound.
func Cost(bytes int) int { return newFrame(nil, span{}, make([]byte, bytes)).cost() }

// Awake tells whether the screen's writer has something to do.
func (s *Screen) Awake() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.awake
}

// TextOf is what a frame says; nothing is said by none. It panics at what is no whole frame.
func TextOf(frame []byte) string {
	if len(frame) == 0 {
		return ""
	}
	for _, head := range []int{2, 4, 10} {
		if text := frame[min(head, len(frame)):]; bytes.Equal(Frame(text), frame) {
			return string(text)
		}
	}
	panic(fmt.Sprintf("%q is no frame", frame))
}

// Count tells how many screens of this node watch the topic.
func (h *Hub) Count(topic string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.topics[topic]; t != nil {
		return len(t.watches)
	}
	return 0
}

// ReadHint reads a hint as a node of the prefix "test" does.
func ReadHint(subject string, payload []byte) (Hint, bool) {
	return (&NATS{prefix: "test."}).hint(subject, payload)
}

// WriteHint gives a hint's subject and payload.
func WriteHint(hint Hint) (subject string, text []byte) {
	return (&NATS{prefix: "test."}).subject(hint.Topic), payload(hint)
}
