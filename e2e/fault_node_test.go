//go:build faults && postgres

package e2e

import (
	"context"
	"fmt"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

// someRounds is how often a fault comes that takes longer than a kill.
func someRounds() int { return 1 + *rounds/5 }

// ends lets everybody finish, holds what has to hold, and stops all nodes.
func (c *community) ends(people *crowd, all *tally) {
	c.t.Helper()
	v := people.ends()
	for _, node := range c.nodes {
		c.slowest = max(c.slowest, node.slowest)
	}
	all.takes(people, v)
	c.stops()
}

// nodesKilled kills one node of three after the other, and now and then all of them.
func nodesKilled(t *testing.T, all *tally) {
	c := openCommunity(t, 3)
	people := c.crowd(8, 6)
	people.begins()
	for range *rounds {
		people.waits(50*time.Millisecond, 600*time.Millisecond)
		all.kills++
		if people.random.IntN(8) > 0 {
			c.losesNode(people)
			continue
		}
		for _, node := range c.nodes {
			node.isKilled()
		}
		people.record.happened("all nodes killed")
		for _, node := range c.nodes {
			node.launches()
		}
		for _, node := range c.nodes {
			node.isThere()
		}
		people.record.happened("all nodes started")
	}
	c.ends(people, all)
}

// nodesStoppedInTime stops one node of three for some seconds, as a machine that sleeps does, whatever it holds at that moment.
// Meanwhile eve leaves a room and mallory signs out at another node: when theirs goes on, they get nothing that was said since.
func nodesStoppedInTime(t *testing.T, all *tally) {
	c := openCommunity(t, 3)
	people := c.crowd(8, 6)
	people.begins()
	for round := range someRounds() {
		i := people.random.IntN(3)
		stopped, others := c.nodes[i], []*site{c.nodes[(i+1)%3], c.nodes[(i+2)%3]}
		owner, eve, mallory := c.member(fmt.Sprint("owner", round)), c.member(fmt.Sprint("eve", round)), c.member(fmt.Sprint("mallory", round))
		room := owner.makesRoom(fmt.Sprint("Secrets ", round), "private", "")
		for _, guest := range []*client{eve, mallory} {
			owner.submits(room+"/members", room+"/members", "username", guest.name)
		}
		leaves, signsOut, stays := eve.at(stopped).opensScreen(room), mallory.at(stopped).opensScreen(room), owner.at(stopped).opensScreen(room)
		meanwhile := []func(){
			eve.at(others[0]).prepares(room, room+"/leave"), mallory.at(others[1]).prepares("/rooms", "/logout"),
			owner.at(others[0]).prepares(room, room+"/messages", "body", "meanwhile"),
		}
		afterwards := owner.at(stopped).prepares(room, room+"/messages", "body", "afterwards")

		must(t, stopped.run.Process.Signal(syscall.SIGSTOP))
		people.record.happened("node stopped")
		for _, does := range meanwhile {
			does()
		}
		people.waits(100*time.Millisecond, 8*time.Second)
		must(t, stopped.run.Process.Signal(syscall.SIGCONT))
		people.record.happened("node goes on")
		afterwards()
		stays.shows("afterwards")
		within(t, 5*time.Second, "eve has lost the room", leaves.hasLost)
		within(t, 5*time.Second, "mallory's socket is closed", func() bool { return signsOut.closedWith(websocket.ClosePolicyViolation) > 0 })
		for _, w := range []*watcher{leaves, signsOut} {
			if w.hasText("meanwhile") || w.hasText("afterwards") {
				t.Errorf("%s got what was said afterwards", w.name)
			}
		}
		stays.isWhole()
		people.heals()
	}
	c.ends(people, all)
}

// prepares fills in a form of a page, to be sent later and again until it is accepted: another node may hold what it needs.
func (c *client) prepares(page, action string, fields ...string) (sends func()) {
	c.t.Helper()
	form := c.get(page).form(c.t, action)
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return func() {
		c.t.Helper()
		eventually(c.t, action+" is accepted", func() bool {
			a, err := c.try(context.Background(), http.MethodPost, action, form)
			return err == nil && a.Status < http.StatusInternalServerError
		})
	}
}

// keepUp holds that all pages show in time what is acknowledged by now.
func (c *crowd) keepUp(long time.Duration) {
	c.t.Helper()
	began, newest := time.Now(), c.record.newest()
	for _, w := range c.watchers {
		within(c.t, long-time.Since(began), w.name+" keeps up", func() bool {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.screen != nil && len(w.screen.Rows) > 0 && w.screen.Rows[len(w.screen.Rows)-1].Seq() >= newest
		})
	}
}

// newest is the highest number that was acknowledged.
func (r *record) newest() (seq int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.sends {
		seq = max(seq, s.seq)
	}
	return seq
}
