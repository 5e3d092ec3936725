//go:build faults && postgres

package e2e

import (
	"strings"
	"testing"
	"time"
)

// natsAway stops NATS, or cuts it off from one node of three, with a word or without, while people write. Sends go on, and no screen stays behind.
func natsAway(t *testing.T, all *tally) {
	c := newCommunity(t, newPlace(t))
	var lines []*line
	for range 3 {
		l := startLineTo(t, strings.TrimPrefix(c.nats.URL, "nats://"))
		lines = append(lines, l)
		c.addsNode("nats://127.0.0.1:" + l.port())
	}
	c.isOpened()
	people := c.crowd(8, 9)
	people.begins()
	for range someRounds() {
		people.waits(200*time.Millisecond, time.Second)
		acked := people.record.acknowledged()
		l := lines[people.random.IntN(len(lines))]
		for range 1 + people.random.IntN(3) { // it comes back and goes again before the nodes have found it
			switch people.random.IntN(3) {
			case 0:
				c.nats.Stop()
				people.record.happened("NATS stopped")
				people.waits(10*time.Millisecond, 2*time.Second)
				people.keepUp(laterIs)
				c.nats.Start()
			case 1:
				l.isSilent(func() {
					people.record.happened("a node hears nothing of NATS")
					people.waits(10*time.Millisecond, 9*time.Second)
					people.keepUp(laterIs)
				})
			default:
				l.breaks()
				people.record.happened("a node cut off from NATS")
				people.waits(10*time.Millisecond, 2*time.Second)
				people.keepUp(laterIs)
				l.mends()
			}
			people.record.happened("NATS is back")
		}
		if people.record.acknowledged() == acked {
			t.Error("nothing was sent without NATS")
		}
	}
	for _, l := range lines {
		l.breaks()
	}
	eventually(t, "every node is cut off", func() bool { return len(c.nats.Subjects("chinwag")) == 0 })
	c.ends(people, all) // every page comes to show all of it, although no node hears of another
}

// isSilent keeps back what would pass, and lets nobody know, as long as something lasts.
func (l *line) isSilent(lasts func()) {
	l.mu.Lock() // whatever passes is counted under it
	defer l.mu.Unlock()
	lasts()
}
