//go:build postgres

package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

// TestS27_WhatEndsAtOneNodeEndsAtTheOther signs people out and takes them out of a room at one node. Their sockets at the
// other end, or lose the room, in time; nothing that is said from then on reaches them, with NATS or without.
func TestS27_WhatEndsAtOneNodeEndsAtTheOther(t *testing.T) {
	c := openCommunity(t, 2)
	for _, with := range []struct {
		name   string
		before func()
		within time.Duration
	}{
		{"with NATS", func() {}, 2 * time.Second},
		{"F7 without NATS", c.nats.Stop, 5 * time.Second},
	} {
		t.Run(with.name, func(t *testing.T) {
			with.before()
			for i := range 3 {
				here, there := c.nodes[i%2], c.nodes[(i+1)%2]
				name := fmt.Sprintf("%d%d", int(with.within.Seconds()), i)
				owner, eve, mallory := c.member("owner"+name), c.member("eve"+name), c.member("mallory"+name)
				room := owner.makesRoom("Secrets "+name, "private", "")
				for _, guest := range []*client{eve, mallory} {
					owner.submits(room+"/members", room+"/members", "username", guest.name)
				}
				leaves, signsOut, stays := eve.at(there).opensScreen(room), mallory.at(there).opensScreen(room), owner.at(there).opensScreen(room)
				owner.says(room, "for all")
				for _, screen := range []*watcher{leaves, signsOut, stays} {
					screen.shows("for all")
				}

				began := time.Now()
				eve.at(here).submits(room, room+"/leave")
				owner.at(there).says(room, "not for eve")
				within(t, with.within-time.Since(began), "eve has lost the room", leaves.hasLost)
				began = time.Now()
				mallory.at(here).submits("/rooms", "/logout")
				owner.at(there).says(room, "not for mallory")
				within(t, with.within-time.Since(began), "mallory's socket is closed",
					func() bool { return signsOut.closedWith(websocket.ClosePolicyViolation) > 0 })
				owner.at(here).says(room, "for nobody else")
				stays.shows("for nobody else")
				stays.isWhole()
				for _, screen := range []*watcher{leaves, signsOut} {
					for _, text := range []string{"not for " + screen.name[:len(screen.name)-2], "for nobody else"} {
						if screen.hasText(text) {
							t.Errorf("%s got %q", screen.name, text)
						}
					}
				}
			}
		})
	}
	c.stops()
}
