package handlers

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/views"
)

// How often the watch looks whether a right or a session ended elsewhere, and how often it looks at all of them anyway:
// sessions also end by growing old.
const (
	watchEvery   = 2 * time.Second
	recheckEvery = 60 * time.Second
)

// watch is the net under the hints: it finds what they did not tell.
func (l *live) watch() {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-l.quit:
			return
		case <-tick.C:
		}
		l.gate.report(l.server.log)
		l.try("live watch", func(ctx context.Context) error {
			return errors.Join(l.look(ctx), l.poll(ctx))
		})
	}
}

// lookout is how this node keeps up with ended rights and sessions.
type lookout struct {
	mu      sync.Mutex
	rev     int64     // security_rev at the last look at all sockets
	checked time.Time // when that was
}

// look finds what ended, wherever that was: it looks at one number, and at all sockets when that moved. The number moves in
// the transaction that takes a session or a right. So whoever reads what was said, then looks, and only then sends it, sends
// nothing to those who had lost it before it was said, and need not be told of that.
func (l *live) look(ctx context.Context) error {
	rev, err := l.server.DB.SecurityRev(ctx)
	if err != nil {
		return err
	}
	l.lookout.mu.Lock()
	defer l.lookout.mu.Unlock()
	now := time.Now()
	if rev == l.lookout.rev && now.Sub(l.lookout.checked) <= recheckEvery {
		return nil
	}
	if err := l.recheck(ctx, func(*socket) bool { return true }); err != nil {
		return err
	}
	l.lookout.rev, l.lookout.checked = rev, now
	return nil
}

// try does something for all, and writes down what goes wrong.
func (l *live) try(what string, do func(context.Context) error) {
	if err := safely(func() error { return do(context.Background()) }); err != nil {
		l.server.log.Error(what, slog.Any("error", err))
	}
}

// poll asks how far the rooms on screens have come: a hint may be lost, and a drawing may have failed.
func (l *live) poll(ctx context.Context) error {
	drawn := map[chat.RoomID]chat.Rev{}
	l.mu.Lock()
	for room, r := range l.rooms {
		drawn[room] = r.drawn
	}
	l.mu.Unlock()
	revs, err := l.server.DB.Revs(ctx, slices.Collect(maps.Keys(drawn)))
	if err != nil {
		return err
	}
	for room, rev := range revs {
		if rev < drawn[room] {
			l.turnBack(room, rev)
		}
		l.want(room, rev)
	}
	return nil
}

// turnBack begins a room anew that has come less far than what was read of it before: the database is an older one, restored
// or taken over by a standby that had not heard of all. What is on screens may never have been said, so they load again.
func (l *live) turnBack(room chat.RoomID, rev chat.Rev) {
	l.server.log.Warn("a room has lost what was said in it", slog.Int64("room", int64(room)), slog.Int64("rev", int64(rev)))
	l.tails.forget(room)
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.rooms[room]
	if r == nil || r.drawing { // another look will find it again
		return
	}
	r.drawn, r.wanted = rev, rev
	for since := range r.since {
		l.hub.Lose(roomTopic(room, since))
	}
}

// pingTurns is in how many groups the sockets are pinged, one a second, so that each has its turn every pingEvery.
const pingTurns = int(pingEvery / time.Second)

// ping asks all sockets in turn for a sign of life, and gives up those that take nothing any more.
func (l *live) ping() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for turn := 0; ; turn = (turn + 1) % pingTurns {
		select {
		case <-l.quit:
			return
		case <-tick.C:
		}
		l.mu.Lock()
		for k := range l.sockets {
			if k.turn == turn {
				k.screen.Ping()
			}
			if k.line.stuck(writeWithin) {
				k.line.endWithin(0)
			}
		}
		l.mu.Unlock()
	}
}

// recheckUser asks for all screens of one person.
func (l *live) recheckUser(ctx context.Context, user chat.UserID) error {
	return l.recheck(ctx, func(k *socket) bool { return k.viewer == user })
}

// recheck asks for some sockets again whether the session lives and the room may be seen, and acts on a no.
func (l *live) recheck(ctx context.Context, which func(*socket) bool) error {
	l.mu.Lock()
	var list []*socket
	for k := range l.sockets {
		if which(k) {
			list = append(list, k)
		}
	}
	l.mu.Unlock()
	return l.allow(ctx, list...)
}

// allow asks in one read what some sockets may have, and takes from them what they may not.
func (l *live) allow(ctx context.Context, sockets ...*socket) error {
	asked := make([]db.Access, len(sockets))
	for i, k := range sockets {
		asked[i] = k.access()
	}
	granted, err := l.server.DB.Granted(ctx, asked)
	if err != nil {
		return err
	}
	for _, k := range sockets {
		g, there := granted[k.access()]
		if code := l.ending(g, there); code != 0 {
			l.hub.End(sessionTopic(k.session), code)
		} else if !k.sees(g) {
			err = errors.Join(err, l.evict(ctx, k))
		}
	}
	return err
}

// ending is the code that a page's socket is closed with, by what its session may have; 0: it may stay. The browser of a session
// that was replaced has another id by now, and comes back with that one.
func (l *live) ending(g db.Granted, there bool) int {
	switch {
	case there && g.Replaced:
		return closeRestart
	case !there || !l.server.Community.Alive(g.Session):
		return closeEnded
	}
	return 0
}

// evict takes a room from somebody's screens and says so in its place.
func (l *live) evict(ctx context.Context, k *socket) error {
	f, err := l.frame(ctx)
	if err != nil {
		return err
	}
	last, err := fragment(ctx, views.RoomLost(f))
	l.hub.Evict(k.topic(), userTopic(k.viewer), last)
	return err
}
