//go:build postgres

package e2e

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNodesShowTheSame writes, edits and deletes at one node after the other: the screens at both show it at once, and what
// a fresh page at either shows.
func TestNodesShowTheSame(t *testing.T) {
	c := openCommunity(t, 2)
	here, there := c.nodes[0], c.nodes[1]
	carl := c.member("carl")
	room := carl.makesRoom("Music", "public", "")
	c.leadsTo(here)
	ada := c.person("ada")
	ada.joins(room)
	ada.isLive()
	c.leadsTo(there)
	bob := c.person("bob")
	bob.joins(room)
	bob.isLive()
	c.leadsTo(c.nodes...)
	screens := []*watcher{carl.at(here).opensScreen(room), carl.at(there).opensScreen(room)}
	both := func(text string) {
		t.Helper()
		for _, screen := range screens {
			screen.shows(text)
		}
	}
	var want []string
	quickly(t, func(i int) {
		one, other := carl.at(c.nodes[i%2]), carl.at(c.nodes[(i+1)%2])
		message := fmt.Sprintf("%s/%d", room, i+1)
		one.says(room, fmt.Sprintf("word %d", i))
		both(fmt.Sprintf("word %d", i))
		other.edits(message, fmt.Sprintf("sentence %d", i))
		both(fmt.Sprintf("sentence %d", i))
		want = append(want, fmt.Sprintf("sentence %d", i))
		if i%3 == 0 {
			one.deletes(message)
			for _, screen := range screens {
				eventually(t, "it is gone", func() bool { return !screen.hasText(want[i]) })
			}
			want[i] = "Message deleted"
		}
	})
	ada.says("from a browser here")
	bob.sees("from a browser here")
	bob.says("from a browser there")
	want = append(want, "from a browser here", "from a browser there")
	ada.seesOnly(want...)
	bob.seesOnly(want...)
	both("from a browser there")
	for _, screen := range screens {
		screen.isWhole()
	}
	if diff := cmp.Diff(carl.at(here).rows(room), carl.at(there).rows(room)); diff != "" {
		t.Errorf("the nodes show different rooms (-here +there):\n%s", diff)
	}
	ada.seesWhatAReloadShows()
	bob.seesWhatAReloadShows()
}
