//go:build postgres

package e2e

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"chinwag/realtime/natstest"
)

// community is one that several nodes serve. As a site it is the door that people come in by, which leads to each node in
// turn and knows nothing of them.
type community struct {
	*site
	door  *line
	nats  *natstest.Server
	nodes []*site
}

// laterIs how long screens may be behind while nodes hear nothing of each other.
const laterIs = 10 * time.Second

// openCommunity starts nodes where nothing is yet, all at once, and sets the community up.
func openCommunity(t testing.TB, nodes int) *community {
	t.Helper()
	c := newCommunity(t, newPlace(t))
	for range nodes {
		c.addsNode(c.nats.URL)
	}
	c.isOpened()
	return c
}

// newCommunity has no nodes yet.
func newCommunity(t testing.TB, place string) *community {
	t.Helper()
	c := &community{door: startLine(t), nats: natstest.Start(t)}
	addr := net.JoinHostPort("127.0.0.1", c.door.port())
	c.site = &site{t: t, URL: "http://" + addr, addr: addr, place: place}
	return c
}

// addsNode adds one that reaches NATS by an address.
func (c *community) addsNode(nats string) {
	c.t.Helper()
	node := newSite(c.t, c.place, freeAddress(c.t), "--public-url", c.URL, "--nats-url", nats)
	c.nodes = append(c.nodes, node)
}

func (c *community) isOpened() {
	c.t.Helper()
	_, err := shared.binary() // before any of them is waited for
	must(c.t, err)
	for _, node := range c.nodes {
		node.launches()
	}
	for _, node := range c.nodes {
		node.isThere()
	}
	c.nodes[0].isSetUp()
	for _, node := range c.nodes {
		visitor := node.client("visitor")
		eventually(c.t, "every node takes people in", func() bool { return strings.Contains(visitor.get("/register").Body, `action="/register"`) })
	}
	c.leadsTo(c.nodes...)
}

// leadsTo has new connections lead to these nodes, in turn. Those that there are stay.
func (c *community) leadsTo(nodes ...*site) {
	var list []string
	for _, node := range nodes {
		list = append(list, node.addr)
	}
	c.door.mu.Lock()
	defer c.door.mu.Unlock()
	c.door.nodes = list
}

// follow waits until NATS has so many subscriptions of all nodes: one for people each, and one for each room on screens there.
func (c *community) follow(subscriptions int) {
	c.t.Helper()
	eventually(c.t, "the nodes follow each other", func() bool { return len(c.nats.Subjects("chinwag")) == subscriptions })
}

// stops ends all nodes and holds that the community is whole.
func (c *community) stops() {
	c.t.Helper()
	for _, node := range c.nodes {
		node.stops()
	}
	c.isSound()
}

// at is the same browser at one of the nodes.
func (c *client) at(node *site) *client {
	moved := node.client(c.name)
	moved.http.Jar = c.http.Jar
	return moved
}

// opensScreen opens a room, and keeps it open until the test ends.
func (c *client) opensScreen(room string) *watcher {
	c.t.Helper()
	w := newWatcher(c, room, newRecord(c.t, 1), 1)
	watching, leave := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { w.watches(watching) })
	c.t.Cleanup(func() { leave(); work.Wait() })
	eventually(c.t, c.name+" is live", w.isLive)
	return w
}

// shows waits until a message stands on the screen.
func (w *watcher) shows(text string) {
	w.t.Helper()
	eventually(w.t, w.name+" sees "+text, func() bool { return w.hasText(text) })
}

// hasText says whether one of the messages on the screen holds a text.
func (w *watcher) hasText(text string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.screen == nil {
		return false
	}
	for _, row := range w.screen.Rows {
		if strings.Contains(row.Text, text) {
			return true
		}
	}
	return false
}

// hasLost says whether the room was taken away.
func (w *watcher) hasLost() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.screen != nil && w.screen.Lost
}

// closedWith is how often the socket was closed with a code.
func (w *watcher) closedWith(code int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closes[code]
}

// isWhole holds that nothing was ever wrong with what the screen was given, and that it shows what a fresh page does.
func (w *watcher) isWhole() {
	w.t.Helper()
	room := w.rows(w.room)
	eventually(w.t, w.name+" shows the room", func() bool { return w.differs(room) == "" })
	for _, fault := range w.record.seen {
		w.t.Error(fault)
	}
}

// within holds that something comes to be so in time.
func within(t testing.TB, long time.Duration, what string, holds func() bool) {
	t.Helper()
	began := time.Now()
	eventually(t, what, holds)
	if took := time.Since(began); took > long {
		t.Errorf("%s: only after %v", what, took)
	}
}

// quickly does something some times, and holds that it took no longer than hints take: what is found by looking every two
// seconds takes far longer. The first time nodes may still be finding each other.
func quickly(t testing.TB, act func(i int)) {
	t.Helper()
	const times = 10
	act(0)
	began := time.Now()
	for i := range times {
		act(1 + i)
	}
	if took := time.Since(began); took > times*time.Second/2 {
		t.Errorf("%d times took %v", times, took)
	}
}
