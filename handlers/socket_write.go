package handlers

import (
	"context"
	"errors"
	"log/slog"

	"github.com/a-h/templ"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/realtime"
	"chinwag/views"
)

// errClosed ends a writer that has written its last.
var errClosed = errors.New("closed")

// TryWrite writes what the line takes at once. See [realtime.Writer].
func (k *socket) TryWrite(frame []byte) (rest []byte) { return k.line.tryWrite(frame) }

// Write writes what waits until nothing does. What goes wrong ends the socket. See [realtime.Writer].
func (k *socket) Write() {
	err := safely(func() error {
		for batch, ok := k.screen.Take(); ok; batch, ok = k.screen.Take() {
			if err := k.pass(batch); err != nil {
				return err
			}
		}
		return nil
	})
	switch {
	case err == nil:
	case errors.Is(err, errClosed): // the peer's answer ends the reader
		if err := k.hearUntil(farewellWithin); err != nil {
			_ = k.conn.Close()
		}
	default:
		if !k.ended.Load() { // else the peer has gone, and this is no news
			k.live.server.log.Info("socket closed", slog.String("id", k.id), slog.Any("error", err))
		}
		_ = k.close(closeInside) // it may be what broke
		_ = k.conn.Close()       // ends the reader
	}
}

func (k *socket) pass(batch realtime.Batch) error {
	switch {
	case batch.End != 0:
		return k.close(batch.End)
	case batch.Behind:
		ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
		defer cancel()
		return k.catchUp(ctx)
	case batch.Ping:
		return k.line.ping()
	default:
		return k.send(batch.Frame)
	}
}

// catchUp asks what the page may have and writes what it missed; what the hub has of that by now is skipped. The screen
// is registered already: what ends or happens after the question reaches it as an event.
func (k *socket) catchUp(ctx context.Context) error {
	l := k.live
	l.catching <- struct{}{}
	granted, err := l.server.DB.Granted(ctx, []db.Access{k.access()})
	<-l.catching
	if err != nil {
		return err
	}
	g, there := granted[k.access()]
	if !there || !l.server.Community.Alive(g.Session) {
		return k.close(closeEnded)
	}
	after, watching := k.cursor()
	switch {
	case !watching:
		return nil
	case !k.sees(g):
		k.screen.Leave(k.topic())
		return k.sendFragment(ctx, func(f views.Frame) templ.Component { return views.RoomLost(f) })
	case after < g.FloorRev || after > g.Rev:
		return k.reload(ctx, 0, 0)
	case g.Rev-after > db.CatchUpLimit:
		return k.farBehind(ctx, g, after)
	}
	return k.sendMissed(ctx, after, g.Rev)
}

// cursor is how far the page has come in its room: by its own word at first.
func (k *socket) cursor() (after chat.Rev, watching bool) {
	if k.room == 0 {
		return 0, false
	}
	rev, watching := k.screen.Reached(k.topic())
	if k.fresh {
		k.fresh = false
		return k.after, watching
	}
	return chat.Rev(rev), watching
}

// sendMissed writes the changes after a revision, at least up to another. What is new to the page is asked of the whole
// range, as in drawRange.
func (k *socket) sendMissed(ctx context.Context, from, upTo chat.Rev) error {
	l := k.live
	reached := from
	for reached < upTo {
		p, err := l.missed(ctx, k.room, reached)
		if err != nil {
			return err
		}
		if reached = p.reached; !p.more {
			reached = max(reached, upTo) // what moved beside messages
		}
		frame, err := l.drawMissed(ctx, visible(p.messages, k.since), from)
		switch {
		case err != nil:
			return err
		case len(frame) > realtime.DefaultBound: // as much as may wait for a screen; a page loads less
			return k.reload(ctx, 0, 0)
		case len(frame) > 0:
			if err := k.send(realtime.Frame(frame)); err != nil {
				return err
			}
		}
	}
	k.screen.Skip(k.topic(), int64(reached))
	return nil
}

// missed reads what a page missed, when it has a place to.
func (l *live) missed(ctx context.Context, room chat.RoomID, after chat.Rev) (piece, error) {
	l.catching <- struct{}{}
	defer func() { <-l.catching }()
	return l.tails.next(ctx, room, after)
}

func (l *live) drawMissed(ctx context.Context, messages []views.Drawn, after chat.Rev) ([]byte, error) {
	if len(messages) == 0 {
		return nil, nil
	}
	f, err := l.frame(ctx)
	if err != nil {
		return nil, err
	}
	return fragment(ctx, views.Changes(f, messages, after))
}

// farBehind tells a page that missed too much how many messages that were, and where it was.
func (k *socket) farBehind(ctx context.Context, g db.Granted, after chat.Rev) error {
	last, err := k.live.server.DB.SeqAt(ctx, k.room, after)
	if err != nil {
		return err
	}
	last = max(last, k.since)
	return k.reload(ctx, int(g.LastSeq-last), last+1)
}

// reload tells a page to load its room again. Nothing more of the room comes: a hole would not show.
func (k *socket) reload(ctx context.Context, missed int, from chat.Seq) error {
	k.screen.Leave(k.topic())
	return k.sendFragment(ctx, func(f views.Frame) templ.Component { return views.FarBehind(f, k.room, missed, from) })
}

// send writes a frame. Somebody who takes very long for it is not written to again, and told so if they ever read.
func (k *socket) send(frame []byte) error {
	took, err := k.line.write(frame)
	if err == nil && took > slowAfter {
		return k.close(closeCrowded)
	}
	return err
}

func (k *socket) sendFragment(ctx context.Context, component func(views.Frame) templ.Component) error {
	f, err := k.live.frame(ctx)
	if err != nil {
		return err
	}
	frame, err := fragment(ctx, component(f))
	if err != nil {
		return err
	}
	return k.send(realtime.Frame(frame))
}

// close says why the socket ends. Its error is errClosed, or what kept the peer from being told.
func (k *socket) close(code int) error {
	k.ended.Store(true)
	if err := k.line.close(code); err != nil {
		return err
	}
	return errClosed
}
