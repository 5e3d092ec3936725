package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"chinwag/chat"
	"chinwag/realtime"
	"chinwag/views"
)

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
