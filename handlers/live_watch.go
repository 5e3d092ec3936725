package handlers

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"chinwag/chat"
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
	defer l.work.Done()
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
		rev, err := l.server.DB.SecurityRev(ctx)
		if err != nil {
			l.server.log.Error("live watch", slog.Any("error", err))
			continue
		}
		if rev != seen || time.Since(checked) > recheckEvery {
			l.recheck(ctx, func(*socket) bool { return true })
			seen, checked = rev, time.Now()
		}
		l.redraw()
	}
}

// redraw tries rooms again whose drawing failed.
func (l *live) redraw() {
	l.mu.Lock()
	late := map[chat.RoomID]chat.Rev{}
	for id, r := range l.rooms {
		if !r.drawing && r.drawn < r.wanted {
			late[id] = r.wanted
		}
	}
	l.mu.Unlock()
	for id, rev := range late {
		l.want(id, rev)
	}
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
	for _, s := range list {
		if err := l.recheckSocket(ctx, s); err != nil {
			l.server.log.Error("live recheck", slog.Int64("user", int64(s.viewer)), slog.Any("error", err))
		}
	}
}

// recheckUser asks for all screens of one person.
func (l *live) recheckUser(ctx context.Context, user chat.UserID) {
	l.recheck(ctx, func(s *socket) bool { return s.viewer == user })
}

func (l *live) recheckSocket(ctx context.Context, s *socket) error {
	session, err := l.server.DB.Session(ctx, s.session)
	if errors.Is(err, chat.ErrNotFound) || err == nil && !l.server.Community.Alive(session) {
		l.hub.End(sessionTopic(s.session), closeEnded)
		return nil
	}
	if err != nil || s.room == 0 {
		return err
	}
	_, err = l.server.DB.Room(ctx, s.viewer, s.room)
	if !errors.Is(err, chat.ErrNotFound) {
		return err
	}
	f, err := l.frame(ctx)
	if err != nil {
		return err
	}
	last, err := fragment(ctx, views.RoomLost(f))
	l.hub.Evict(roomTopic(s.room), userTopic(s.viewer), last)
	return err
}
