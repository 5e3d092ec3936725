//go:build postgres

package e2e

import "testing"

// TestF7_NATSGoesAndComesBack takes NATS away while people talk: they go on, and what is said at one node shows at the other
// somewhat later. A node starts without it, too. When it is back, all is as before.
func TestF7_NATSGoesAndComesBack(t *testing.T) {
	c := openCommunity(t, 2)
	here, there := c.nodes[0], c.nodes[1]
	carl := c.member("carl")
	room := carl.makesRoom("Music", "public", "")
	screens := []*watcher{carl.at(here).opensScreen(room), carl.at(there).opensScreen(room)}
	said := 0
	says := func(node *site) (text string) {
		t.Helper()
		said++
		text = "message " + number(said)
		carl.at(node).says(room, text)
		return text
	}
	quick := func() {
		t.Helper()
		c.follow(4)
		quickly(t, func(i int) {
			text := says(c.nodes[i%2])
			for _, screen := range screens {
				screen.shows(text)
			}
		})
	}
	late := func() {
		t.Helper()
		for i, node := range c.nodes {
			text := says(node)
			within(t, laterIs, "it shows at the other node", func() bool { return screens[1-i].hasText(text) })
		}
	}
	quick()
	c.nats.Stop()
	late()
	c.nats.Start()
	quick()
	c.nats.Stop()
	there.stops()
	there.starts()
	eventually(t, "it has its screen again", screens[1].isLive)
	late()
	c.nats.Start()
	quick()
	for _, screen := range screens {
		screen.isWhole()
		if screen.loads != 1 {
			t.Errorf("the page was loaded %d times", screen.loads)
		}
	}
	c.stops()
}
