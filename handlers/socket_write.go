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

// behindAfter is how many changes a page may have missed; one that missed more is told so, and loads the room again.
const behindAfter = 200

// errClosed ends a writer that has written its last.
var errClosed = errors.New("closed")

// TryWrite writes what the line takes at once. See [realtime.Writer].
func (k *socket) TryWrite(frame []byte) bool { return k.line.tryWrite(frame) }

// Write writes what waits until nothing does. What goes wrong ends the socket. See [realtime.Writer].
func (k *socket) Write() {
	err := safely(func() error {
		if err := k.send(nil); err != nil { // the rest of what was tried
			return err
		}
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
		return k.send(ping())
	default:
		return k.send(batch.Frame)
	}
}

// catchUp asks what the page may have and writes what it missed; what the hub has of that by now is skipped. The screen
// is registered already: what ends or happens after the question reaches it as an event.
func (k *socket) catchUp(ctx context.Context) error {
	l := k.live
	var granted map[db.Access]db.Granted
	err := l.inTurn(func() (err error) {
		granted, err = l.server.DB.Granted(ctx, []db.Access{k.access()})
		return err
	})
	if err != nil {
		return err
	}
	g, there := granted[k.access()]
	if code := l.ending(g, there); code != 0 {
		return k.close(code)
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
	case g.Rev-after > behindAfter:
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

// sendMissed writes the changes after a revision, at least up to another.
func (k *socket) sendMissed(ctx context.Context, after, upTo chat.Rev) error {
	m := missed{reached: after}
	if after < upTo {
		err := k.live.inTurn(func() (err error) {
			m, err = k.live.tails.after(ctx, k.room, after, upTo)
			return err
		})
		if err != nil {
			return err
		}
		if err := k.live.look(ctx); err != nil {
			return err
		}
		if _, watching := k.screen.Reached(k.topic()); !watching {
			return nil // it has lost the room, and is told so next
		}
	}
	text, err := k.live.drawMissed(ctx, visible(m.messages, k.since), after)
	switch {
	case err != nil:
		return err
	case m.tooMany, len(text) > realtime.DefaultBound: // as much as may wait for a screen; a page loads less
		return k.reload(ctx, 0, 0)
	case len(text) > 0:
		if err := k.send(realtime.Frame(text)); err != nil {
			return err
		}
	}
	k.screen.Skip(k.topic(), int64(m.reached))
	return nil
}

// inTurn reads what a page lacks when it has a place to: there are thousands who come back at once.
func (l *live) inTurn(read func() error) error {
	l.catching <- struct{}{}
	defer func() { <-l.catching }()
	return read()
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
	text, err := fragment(ctx, component(f))
	if err != nil {
		return err
	}
	return k.send(realtime.Frame(text))
}

// close says why the socket ends. Its error is errClosed, or what kept the peer from being told.
func (k *socket) close(code int) error {
	k.ended.Store(true)
	if err := k.line.close(code); err != nil {
		return err
	}
	return errClosed
}
