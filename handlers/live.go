package handlers

import (
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"chinwag/chat"
	"chinwag/realtime"
)

// live is this node's part of the live channel. A hint says that a room moved; the missing range is then read and drawn
// once, and the same bytes go to every screen. Drawing stands between two counts: what a room's hints announced and
// what was drawn, so that a lost, doubled or late hint costs time, never a message.
//
// Locks, outermost first: lookout.mu, live.mu, then the hub's and a screen's. tail.mu and tails.mu are apart from them.
type live struct {
	server *Server
	hub    *realtime.Hub
	tails  *tails
	gate   *gate
	cancel func() // ends the subscription to what is said of people
	quit   chan struct{}
	work   sync.WaitGroup // drawings, the watch and the pings

	lookout  lookout
	catching chan struct{} // a place for each page that may read what it lacks at a time

	mu       sync.Mutex
	rooms    map[chat.RoomID]*liveRoom // those with a screen here
	sockets  map[*socket]struct{}
	people   map[chat.UserID]int // how many of the sockets are whose
	opened   int                 // how many sockets there ever were
	suspects suspects
}

const catchUpsAtOnce = 8

func newLive(s *Server) *live {
	return &live{
		server: s, hub: realtime.NewHub(realtime.DefaultBound), tails: newTails(s.DB, s.Words),
		gate: newGate(),
		quit: make(chan struct{}), catching: make(chan struct{}, catchUpsAtOnce),
		rooms: map[chat.RoomID]*liveRoom{}, sockets: map[*socket]struct{}{}, people: map[chat.UserID]int{},
		suspects: suspects{users: map[chat.UserID]struct{}{}},
	}
}

func (l *live) start() {
	l.cancel = l.server.Broker.Subscribe(hintsOfPeople, l.suspect)
	l.work.Go(l.watch)
	l.work.Go(l.ping)
}

// How fast screens are let go, so that they do not all come back in the same moment.
const (
	goodbyeEvery = time.Millisecond
	goodbyesMost = 10 * time.Second
)

// stop tells one screen after the other to come back: this node is going.
func (l *live) stop() {
	l.mu.Lock()
	list := slices.Collect(maps.Keys(l.sockets))
	l.mu.Unlock()
	begin := time.Now()
	for i, k := range list {
		turn := time.Duration(i) * min(goodbyeEvery, goodbyesMost/time.Duration(len(list)))
		time.Sleep(turn - time.Since(begin))
		l.letGo(k)
	}
	l.cancel()
	close(l.quit)
	l.hub.EndAll(closeRestart)
}

// letGo ends a socket that is still there. A write that a deaf peer holds up gets no more time than the farewell would.
func (l *live) letGo(k *socket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, there := l.sockets[k]; there {
		k.screen.End(closeRestart)
		k.line.endWithin(farewellWithin)
	}
}

// wait returns when the last socket is closed and the last frame is drawn.
func (l *live) wait(within time.Duration) error {
	end := time.Now().Add(within)
	for l.open() > 0 {
		if time.Now().After(end) {
			return errors.New("some sockets were still open at the end")
		}
		time.Sleep(closedEvery)
	}
	l.work.Wait()
	return nil
}

// closedEvery is how often wait looks whether the sockets are closed.
const closedEvery = 5 * time.Millisecond

// open is how many sockets this node has.
func (l *live) open() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.sockets)
}

// crowded says whether somebody has as many sockets as one person may.
func (l *live) crowded(user chat.UserID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.people[user] >= socketsMax
}

// enter counts a screen into a room that has come to rev, and follows the room's hints from the first screen on, before
// the screen reads what it missed. It refuses one too many: of sockets that open at once, each found the others not there
// yet.
func (l *live) enter(k *socket, rev chat.Rev) bool {
	l.mu.Lock()
	if l.people[k.viewer] >= socketsMax {
		l.mu.Unlock()
		return false
	}
	l.people[k.viewer]++
	l.sockets[k] = struct{}{}
	k.turn = l.opened % pingTurns
	l.opened++
	r := l.join(k, rev)
	l.mu.Unlock()
	if r != nil {
		r.following.Do(func() { r.cancel = l.server.Broker.Subscribe(hintsOfRoom(k.room), l.hear(k.room)) })
	}
	return true
}

// join and part are called with live locked, but the broker without it.

func (l *live) join(k *socket, rev chat.Rev) *liveRoom {
	if k.room == 0 {
		return nil
	}
	r := l.rooms[k.room]
	if r == nil {
		r = &liveRoom{drawn: rev, wanted: rev, since: map[chat.Seq]int{}, enough: make(chan struct{}, 1)}
		l.rooms[k.room] = r
	}
	r.screens++
	r.since[k.since]++
	return r
}

// part gives the room if this was its last screen.
func (l *live) part(k *socket) *liveRoom {
	r := l.rooms[k.room]
	if r == nil {
		return nil
	}
	if r.since[k.since]--; r.since[k.since] == 0 {
		delete(r.since, k.since)
	}
	if r.screens--; r.screens > 0 {
		return nil
	}
	delete(l.rooms, k.room)
	return r
}

func (l *live) exit(k *socket) {
	l.mu.Lock()
	delete(l.sockets, k)
	if l.people[k.viewer]--; l.people[k.viewer] == 0 {
		delete(l.people, k.viewer)
	}
	left := l.part(k)
	l.mu.Unlock()
	if left != nil {
		left.cancel()
	}
}

// safely turns a panic into an error: a mistake in drawing for some must not end the server for all.
func safely(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
	}()
	return do()
}
