package handlers

import (
	"context"
	"sync"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/views"
)

// tails keeps the newest changes of rooms as they were drawn: once, for the screens that are open, for those that come
// back, and for the pages that end at the newest message. What it does not hold is read and drawn again.
type tails struct {
	db    *db.DB
	words *views.Words

	mu    sync.Mutex
	rooms map[chat.RoomID]*tail
	size  int   // bytes of all rows
	turn  int64 // counts uses, to tell which was last
}

// Bounds of what is kept. A screen that missed more than a tail has loads the room again anyway.
const (
	tailMessages = 256
	tailBytes    = 256 << 10
	tailsBytes   = 64 << 20
	tailStart    = db.PageLength + 14 // how far back one begins for a page: some of the last changes may be edits
)

// tail is the newest changes of one room.
type tail struct {
	mu sync.Mutex // held while what is missing is read and drawn, so that it is done once for all who ask
	changes

	counted int   // its part of tails.size; tails.mu guards it and used
	used    int64 // the turn it was used in
}

// style is what a row depends on beside its message. Another one makes all rows stale.
type style struct {
	zone  string
	faces int64
}

func styleOf(s chat.Settings) style { return style{s.Zone, s.FacesRev} }

func newTails(d *db.DB, words *views.Words) *tails {
	return &tails{db: d, words: words, rooms: map[chat.RoomID]*tail{}}
}

// frame is what a row needs to be drawn.
func (ts *tails) frame(s chat.Settings) views.Frame {
	return views.Frame{Words: ts.words, Zone: zone(s)}
}

// missed is all that happened in a room after a revision, in the order of numbers, and how far that reaches. A page gets
// the whole of it in one frame, or none: a part would move its cursor past what was born there and is still to come.
type missed struct {
	messages []views.Drawn
	reached  chat.Rev
	tooMany  bool // for a frame; none of them was read
}

// after gives what happened after a revision, and looks for it if less is at hand than up to another. How far it reaches is
// what was read, whatever was announced.
func (ts *tails) after(ctx context.Context, room chat.RoomID, rev, upTo chat.Rev) (missed, error) {
	settings, err := ts.db.Settings(ctx)
	if err != nil {
		return missed{}, err
	}
	t := ts.open(room)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.style != styleOf(settings) || rev < t.floor || rev > t.rev {
		began := beginning(settings, rev)
		m, err := ts.extend(ctx, ts.frame(settings), room, &began, rev, upTo)
		if err == nil && !m.tooMany && began.rev >= t.rev { // else what is kept is newer
			t.changes = began
			ts.count(room, t)
		}
		return m, err
	}
	m, err := ts.extend(ctx, ts.frame(settings), room, &t.changes, rev, upTo)
	ts.count(room, t)
	return m, err
}

// newest gives the last messages of a room, at least as new as a page's snapshot of it: a page's length of them, or fewer
// where there are no more after since. It gives none where some are not at hand. What is newer than the page's cursor comes
// once more by its socket, which does no harm.
func (ts *tails) newest(ctx context.Context, settings chat.Settings, room chat.Room, since chat.Seq) ([]views.Drawn, error) {
	t := ts.open(room.ID)
	t.mu.Lock()
	defer t.mu.Unlock()
	defer func() { ts.count(room.ID, t) }()
	begin := max(room.Rev-tailStart, room.FloorRev, 0)
	anew, err := ts.ahead(ctx, room, t)
	if err != nil {
		return nil, err
	}
	anew = anew || t.style != styleOf(settings) || t.rev < begin || t.floor < room.FloorRev
	for {
		if anew {
			t.changes = beginning(settings, begin)
		}
		m, err := ts.extend(ctx, ts.frame(settings), room.ID, &t.changes, t.rev, room.Rev)
		if err != nil || m.tooMany {
			return nil, err
		}
		last := t.last(db.PageLength, since, room.LastSeq)
		if last != nil || anew || t.floor <= begin || len(t.messages) >= db.PageLength {
			return last, nil
		}
		anew = true // it was begun for a screen that missed little: a page needs more
	}
}

// ahead says whether what is kept goes further than the room itself: then the database is an older one. As a rule the
// room has only moved since the page's snapshot of it.
func (ts *tails) ahead(ctx context.Context, room chat.Room, t *tail) (bool, error) {
	if t.rev <= room.Rev {
		return false, nil
	}
	revs, err := ts.db.Revs(ctx, []chat.RoomID{room.ID})
	return t.rev > revs[room.ID], err
}

// forget lets go of a room.
func (ts *tails) forget(room chat.RoomID) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if t := ts.rooms[room]; t != nil {
		ts.size -= t.counted
		delete(ts.rooms, room)
	}
}

// beginning holds no changes yet, of those after a revision.
func beginning(settings chat.Settings, after chat.Rev) changes {
	return changes{style: styleOf(settings), floor: after, rev: after}
}

// extend reads and draws what a room's changes lack up to a revision, and gives those after another that they reach back to.
func (ts *tails) extend(ctx context.Context, f views.Frame, room chat.RoomID, to *changes, after, upTo chat.Rev) (missed, error) {
	if to.rev < upTo {
		c, err := ts.db.CatchUp(ctx, room, to.rev)
		if err != nil {
			return missed{}, err
		}
		if c.TooMany {
			revs, err := ts.db.Revs(ctx, []chat.RoomID{room})
			return missed{reached: revs[room], tooMany: true}, err
		}
		drawn := make([]views.Drawn, len(c.Changed))
		for i, m := range c.Changed {
			if drawn[i], err = views.Draw(ctx, f, m); err != nil {
				return missed{}, err
			}
		}
		for _, m := range drawn { // all of them or none
			to.put(m)
		}
		to.rev = c.Reached
	}
	m := missed{messages: to.since(after), reached: to.rev}
	to.trim()
	return m, nil
}

func (ts *tails) open(room chat.RoomID) *tail {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t := ts.rooms[room]
	if t == nil {
		t = &tail{}
		ts.rooms[room] = t
	}
	ts.turn++
	t.used = ts.turn
	return t
}

// count notes how large a tail has become, and lets go of those that were used least lately when all are too large.
func (ts *tails) count(room chat.RoomID, t *tail) {
	size := t.size()
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.rooms[room] != t {
		return // let go of meanwhile
	}
	ts.size += size - t.counted
	t.counted = size
	for ts.size > tailsBytes && len(ts.rooms) > 1 {
		var oldest chat.RoomID
		for room, t := range ts.rooms {
			if oldest == 0 || t.used < ts.rooms[oldest].used {
				oldest = room
			}
		}
		ts.size -= ts.rooms[oldest].counted
		delete(ts.rooms, oldest)
	}
}
