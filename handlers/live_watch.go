package handlers

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
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
	ctx := context.Background()
	seen, checked := int64(-1), time.Now()
	for {
		select {
		case <-l.quit:
			return
		case <-tick.C:
		}
		l.gate.report(l.server.log)
		err := safely(func() error {
			rev, err := l.server.DB.SecurityRev(ctx)
			if err != nil {
				return err
			}
			if rev != seen || time.Since(checked) > recheckEvery {
				seen, checked = rev, time.Now()
				l.recheck(ctx, func(*socket) bool { return true })
			}
			return l.poll(ctx)
		})
		if err != nil {
			l.server.log.Error("live watch", slog.Any("error", err))
		}
	}
}

// poll asks how far the rooms on screens have come: a hint may be lost, and a drawing may have failed.
func (l *live) poll(ctx context.Context) error {
	l.mu.Lock()
	rooms := slices.Collect(maps.Keys(l.rooms))
	l.mu.Unlock()
	revs, err := l.server.DB.Revs(ctx, rooms)
	if err != nil {
		return err
	}
	for room, rev := range revs {
		l.want(room, rev)
	}
	return nil
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
func (l *live) recheckUser(ctx context.Context, user chat.UserID) {
	l.recheck(ctx, func(s *socket) bool { return s.viewer == user })
}

// recheck asks for some sockets again whether the session lives and the room may be seen, and acts on a no.
func (l *live) recheck(ctx context.Context, which func(*socket) bool) {
	l.mu.Lock()
	var list []*socket
	for s := range l.sockets {
		if which(s) {
			list = append(list, s)
		}
	}
	l.mu.Unlock()
	err := safely(func() error { return l.allow(ctx, list...) })
	if err != nil {
		l.server.log.Error("live recheck", slog.Any("error", err))
	}
}

// allow asks in one read what some sockets may have, and takes from them what they may not.
func (l *live) allow(ctx context.Context, sockets ...*socket) error {
	asked := make([]db.Access, len(sockets))
	for i, s := range sockets {
		asked[i] = s.access()
	}
	granted, err := l.server.DB.Granted(ctx, asked)
	if err != nil {
		return err
	}
	for _, s := range sockets {
		g, there := granted[s.access()]
		switch {
		case !there || !l.server.Community.Alive(g.Session):
			l.hub.End(sessionTopic(s.session), closeEnded)
		case !s.sees(g):
			err = errors.Join(err, l.evict(ctx, s))
		}
	}
	return err
}

// evict takes a room from somebody's screens and says so in its place.
func (l *live) evict(ctx context.Context, s *socket) error {
	f, err := l.frame(ctx)
	if err != nil {
		return err
	}
	last, err := fragment(ctx, views.RoomLost(f))
	l.hub.Evict(s.topic(), userTopic(s.viewer), last)
	return err
}
