package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"chinwag/chat"
	"chinwag/realtime"
	"chinwag/views"
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
	cancel func() // ends the subscription to hints
	quit   chan struct{}
	work   sync.WaitGroup // drawings, the watch and the pings

	lookout  lookout
	catching chan struct{} // a place for each page that may read what it lacks at a time

	mu      sync.Mutex
	rooms   map[chat.RoomID]*liveRoom // those with a screen here
	sockets map[*socket]struct{}
	people  map[chat.UserID]int // how many of the sockets are whose
	opened  int                 // how many sockets there ever were
}

const catchUpsAtOnce = 8

// liveRoom is a room that somebody here looks at; live.mu guards it.
type liveRoom struct {
	screens int
	since   map[chat.Seq]int // how many of the screens may see only what came after which message; 0: all may be seen
	drawn   chat.Rev         // drawn and sent up to here
	wanted  chat.Rev         // announced up to here
	drawing bool
	next    time.Time     // it rests until then
	enough  chan struct{} // tells that so much waits that it need not rest
}

// restMost is how long a hot room's screens wait for what is said. What a screen costs is the writing of a frame, whatever
// is in it, so a hot room is sent to in larger pieces: after each piece it rests as long as writing it took, once for each
// change that was in it. Where one message has been written before the next comes, nobody waits.
const (
	restMost  = 100 * time.Millisecond
	restUntil = 200 // changes that wait: as many as a screen may be behind
)

func newLive(s *Server) *live {
	return &live{
		server: s, hub: realtime.NewHub(realtime.DefaultBound), tails: newTails(s.DB, s.Words),
		gate: newGate(),
		quit: make(chan struct{}), catching: make(chan struct{}, catchUpsAtOnce),
		rooms: map[chat.RoomID]*liveRoom{}, sockets: map[*socket]struct{}{}, people: map[chat.UserID]int{},
	}
}

func (l *live) start() {
	l.cancel = l.server.Broker.Subscribe(l.hint)
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

// hint takes one in and sees that something is done about it.
func (l *live) hint(h realtime.Hint) {
	switch chat.EventKind(h.Kind) {
	case chat.MessagePosted, chat.MessageEdited, chat.MessageDeleted:
		var room chat.RoomID
		if _, err := fmt.Sscanf(h.Topic, roomHintForm, &room); err == nil {
			l.want(room, chat.Rev(h.Rev))
		}
	case chat.SessionEnded:
		l.hub.End(h.Topic, closeEnded)
	case chat.MemberLeft:
		var user chat.UserID
		if _, err := fmt.Sscanf(h.Topic, userTopicForm, &user); err == nil {
			l.try("live recheck", func(ctx context.Context) error { return l.recheckUser(ctx, user) })
		}
	}
}

// want notes how far a room has come and sees that somebody draws it.
func (l *live) want(room chat.RoomID, rev chat.Rev) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.rooms[room]
	if r == nil {
		return
	}
	r.wanted = max(r.wanted, rev)
	if r.wanted-r.drawn >= restUntil {
		select {
		case r.enough <- struct{}{}:
		default:
		}
	}
	if r.drawing || r.drawn >= r.wanted {
		return
	}
	r.drawing = true
	l.work.Go(func() { l.draw(room, r) })
}

// draw sends what is missing until nothing is. One goroutine a room, so frames leave in order.
func (l *live) draw(room chat.RoomID, r *liveRoom) {
	for l.rest(r) {
		l.mu.Lock()
		from, to := r.drawn, r.wanted
		if from >= to {
			r.drawing = false
			l.mu.Unlock()
			return
		}
		l.mu.Unlock()
		begin := time.Now()
		var reached chat.Rev
		err := safely(func() (err error) {
			reached, err = l.drawRange(context.Background(), room, r, from, to)
			return err
		})
		l.mu.Lock()
		if err != nil {
			r.drawing = false // the watch tries again
			l.mu.Unlock()
			l.server.log.Error("live drawing", slog.Int64("room", int64(room)), slog.Any("error", err))
			return
		}
		now := time.Now()
		r.drawn, r.next = reached, now.Add(min(now.Sub(begin)*time.Duration(reached-from), restMost))
		l.mu.Unlock()
	}
}

// rest waits until a room may be sent to again; false: the node is going.
func (l *live) rest(r *liveRoom) bool {
	l.mu.Lock()
	wait := time.Until(r.next)
	l.mu.Unlock()
	if wait <= 0 {
		return true
	}
	select {
	case <-time.After(wait):
		return true
	case <-r.enough:
		return true
	case <-l.quit:
		return false
	}
}

// drawRange sends the changes after a revision, at least up to another, and says how far they reach.
func (l *live) drawRange(ctx context.Context, room chat.RoomID, r *liveRoom, from, to chat.Rev) (chat.Rev, error) {
	if err := l.lookFirst(ctx); err != nil {
		return 0, err
	}
	f, err := l.frame(ctx)
	if err != nil {
		return 0, err
	}
	m, err := l.tails.after(ctx, room, from, to)
	if err != nil {
		return 0, err
	}
	if m.tooMany {
		m.reached = to
	}
	// Who comes only now asks how far the room is after this was read, and reads it.
	l.mu.Lock()
	since := slices.Collect(maps.Keys(r.since))
	l.mu.Unlock()
	for _, first := range since {
		if m.tooMany {
			l.hub.Lose(roomTopic(room, first))
			continue
		}
		text, err := fragment(ctx, views.Changes(f, visible(m.messages, first), from))
		if err != nil {
			return 0, err
		}
		l.hub.Send(roomTopic(room, first), int64(from), int64(m.reached), text)
	}
	return m.reached, nil
}

// frame is what a fragment needs to be drawn.
func (l *live) frame(ctx context.Context) (views.Frame, error) {
	settings, err := l.server.DB.Settings(ctx)
	return l.tails.frame(settings), err
}

// crowded says whether somebody has as many sockets as one person may.
func (l *live) crowded(user chat.UserID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.people[user] >= socketsMax
}

// enter counts a screen into a room that has come to rev, before the screen reads what it missed. It refuses one too
// many: of sockets that open at once, each found the others not there yet.
func (l *live) enter(s *socket, rev chat.Rev) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.people[s.viewer] >= socketsMax {
		return false
	}
	l.people[s.viewer]++
	l.sockets[s] = struct{}{}
	s.turn = l.opened % pingTurns
	l.opened++
	if s.room == 0 {
		return true
	}
	r := l.rooms[s.room]
	if r == nil {
		r = &liveRoom{drawn: rev, wanted: rev, since: map[chat.Seq]int{}, enough: make(chan struct{}, 1)}
		l.rooms[s.room] = r
	}
	r.screens++
	r.since[s.since]++
	return true
}

func (l *live) exit(s *socket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.sockets, s)
	if l.people[s.viewer]--; l.people[s.viewer] == 0 {
		delete(l.people, s.viewer)
	}
	if r := l.rooms[s.room]; r != nil {
		if r.since[s.since]--; r.since[s.since] == 0 {
			delete(r.since, s.since)
		}
		if r.screens--; r.screens == 0 {
			delete(l.rooms, s.room)
		}
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
