package handlers

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"chinwag/chat"
	"chinwag/realtime"
	"chinwag/views"
)

// liveRoom is a room that somebody here looks at.
type liveRoom struct {
	following sync.Once // makes the subscription to its hints; whoever enters waits for that
	cancel    func()    // ends it

	// live.mu guards the rest.
	screens int
	since   map[chat.Seq]int // how many of the screens may see only what came after which message; 0: all may be seen
	drawn   chat.Rev         // drawn and sent up to here
	wanted  chat.Rev         // announced up to here, whether it is true or not
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

// hear takes in what is said of a room. Kinds that this node does not know are for nodes that are newer.
func (l *live) hear(room chat.RoomID) func(realtime.Hint) {
	return func(h realtime.Hint) {
		switch chat.EventKind(h.Kind) {
		case chat.MessagePosted, chat.MessageEdited, chat.MessageDeleted:
			l.want(room, chat.Rev(h.Rev))
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
		r.wanted = from // what is announced from here on may be more than what is read now; what was before is not
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
	idle := r.drawn >= r.wanted // then nobody wakes up for it: the next to draw rests first
	l.mu.Unlock()
	if idle || wait <= 0 {
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

// drawRange sends the changes after a revision, up to another if it is true that the room has come so far, and says how
// far they reach.
func (l *live) drawRange(ctx context.Context, room chat.RoomID, r *liveRoom, from, to chat.Rev) (chat.Rev, error) {
	f, err := l.frame(ctx)
	if err != nil {
		return 0, err
	}
	m, err := l.tails.after(ctx, room, from, to)
	if err != nil {
		return 0, err
	}
	if m.reached <= from {
		return from, nil
	}
	if err := l.look(ctx); err != nil {
		return 0, err
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
