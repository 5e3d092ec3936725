package dbtest

import (
	"slices"
	"sync"
	"time"

	"chinwag/chat"
)

// Events keeps what was published, in order.
type Events struct {
	mu   sync.Mutex
	list []chat.Event
}

// Publish keeps one event. See [chat.Publisher].
func (e *Events) Publish(event chat.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, event)
}

// List gives what was published so far.
func (e *Events) List() []chat.Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.list)
}

// Has says whether an event was published.
func (e *Events) Has(event chat.Event) bool { return slices.Contains(e.List(), event) }

// Clock is the rules' time. It stands still until it is moved.
type Clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

// Now is the time by this clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Date(2026, 11, 22, 14, 5, 3, 0, time.UTC).Add(c.ahead)
}

// Move turns the clock on, or back.
func (c *Clock) Move(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += by
}
