package e2e

import (
	"testing"
	"time"
)

// readyWithin is how long the program may take to answer again after the worst end, by itself.
const readyWithin = 5 * time.Second

// TestKilledAtAnyMoment kills the program again and again while people write and pages look on: sometimes in the middle of
// things, sometimes while it starts. What it acknowledged stays, once and in order, and every page comes to show it.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	site := openSite(t)
	c := site.crowd(8, 3)
	c.begins()
	c.isKilled(*rounds)
	c.ends()
	site.stops()
	site.isSound()
	t.Logf("killed %d times; slowest start %v", *rounds, site.slowest)
}

// isKilled kills the program that often. Each time it has to come back by itself.
func (c *crowd) isKilled(rounds int) {
	c.t.Helper()
	for range rounds {
		c.waits(50*time.Millisecond, 800*time.Millisecond)
		c.site.isKilled()
		c.record.happened("killed")
		for c.random.IntN(3) == 0 {
			c.site.launches()
			c.waits(time.Millisecond, 250*time.Millisecond)
			c.site.isKilled()
			c.record.happened("killed at its start")
		}
		c.site.starts()
		c.record.happened("started")
	}
	c.site.startedInTime()
}

func (s *site) startedInTime() {
	s.t.Helper()
	if s.slowest > readyWithin {
		s.t.Errorf("ready only after %v", s.slowest)
	}
}
