//go:build postgres

package e2e

import (
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

// TestNodesAreKilled kills one node after the other while people write, who send again at another with the same key. What was
// acknowledged stays, once and in order, and every page comes to show it.
func TestNodesAreKilled(t *testing.T) {
	t.Parallel()
	c := openCommunity(t, 2)
	people := c.crowd(6, 4)
	people.begins()
	for range *rounds {
		people.waits(100*time.Millisecond, 600*time.Millisecond)
		c.losesNode(people)
	}
	people.ends()
	c.stops()
}

// losesNode kills one and brings it back.
func (c *community) losesNode(people *crowd) {
	c.t.Helper()
	node := c.nodes[people.random.IntN(len(c.nodes))]
	node.isKilled()
	people.record.happened("node killed")
	people.waits(time.Millisecond, 400*time.Millisecond)
	node.starts()
	people.record.happened("node started")
	node.startedInTime()
}

// TestSendingOneThingAtAllNodes sends one message fifty times at once, to both nodes, and again after both were killed: it is
// one message, and every answer says which.
func TestSendingOneThingAtAllNodes(t *testing.T) {
	t.Parallel()
	c := openCommunity(t, 2)
	ada := c.member("ada")
	room := ada.makesRoom("Music", "public", "")
	ada.says(room, "before")
	answers := ada.sendsAtOnce(50, room, "only once", "the-key-of-one-send")
	for _, node := range c.nodes {
		node.isKilled()
		node.starts()
	}
	for _, a := range append(answers, ada.sendsAtOnce(4, room, "only once", "the-key-of-one-send")...) {
		if a.Status != http.StatusOK || a.storedAt() != 2 {
			t.Errorf("answered %d, stored at %d: %s", a.Status, a.storedAt(), a.Body)
		}
	}
	if rows := ada.rows(room); len(rows) != 2 || rows[1].Text != "only once" {
		t.Errorf("the room shows %+v", rows)
	}
	c.stops()
}

// TestOneKeyInTwoRoomsAtOnce spends one key on two rooms at the same moment, at both nodes. Rooms do not wait for each other;
// still only one of them gets a message, and whoever came second is told so.
func TestOneKeyInTwoRoomsAtOnce(t *testing.T) {
	t.Parallel()
	c := openCommunity(t, 2)
	ada := c.member("ada")
	rooms := []string{ada.makesRoom("Music", "public", ""), ada.makesRoom("Books", "public", "")}
	for i := range 10 {
		key := "a-key-that-is-spent-once-" + number(i)
		answers := make([][]answer, len(rooms))
		var sent sync.WaitGroup
		for r, room := range rooms {
			sent.Go(func() { answers[r] = ada.sendsAtOnce(5, room, key, key) })
		}
		sent.Wait()
		stored := 0
		for r := range rooms {
			first := answers[r][0]
			if first.Status == http.StatusOK {
				stored++
			}
			for _, a := range answers[r] {
				if a.Status != first.Status || a.storedAt() != first.storedAt() || a.Status != http.StatusOK && a.Status != http.StatusConflict {
					t.Errorf("a send is answered %d (%d) and %d (%d)", first.Status, first.storedAt(), a.Status, a.storedAt())
				}
			}
		}
		if there := len(ada.rows(rooms[0])) + len(ada.rows(rooms[1])); stored != 1 || there != i+1 {
			t.Errorf("%d rooms say that they stored it; %d messages after %d keys", stored, there, i+1)
		}
	}
	c.stops()
}

// TestRollingUpgrade tells one node after the other to go while people write and pages look on, and starts the next: no send
// fails that is tried again, and every page that was there is told to come back.
func TestRollingUpgrade(t *testing.T) {
	t.Parallel()
	c := openCommunity(t, 2)
	people := c.crowd(6, 20)
	for _, w := range people.watchers {
		w.restless = false
	}
	people.begins()
	for _, node := range c.nodes {
		people.waits(200*time.Millisecond, 400*time.Millisecond)
		people.areWatching()
		must(t, node.run.Process.Signal(syscall.SIGTERM))
		people.record.happened("told to go")
		if err := node.ended(); err != nil {
			t.Errorf("it did not end well: %v", err)
		}
		node.isClean()
		node.starts()
		people.record.happened("started")
	}
	people.areWatching()
	people.ends()
	told := 0
	for _, w := range people.watchers {
		told += w.closes[websocket.CloseServiceRestart]
		if len(w.closes) > 1 || len(w.closes) == 1 && w.closes[websocket.CloseServiceRestart] == 0 {
			t.Errorf("%s was closed with %v, and only %d was told", w.name, w.closes, websocket.CloseServiceRestart)
		}
	}
	if told < len(people.watchers) {
		t.Errorf("%d pages were told to come back %d times", len(people.watchers), told)
	}
	c.stops()
}
