package handlers

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

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

// changes is every message of a room that changed after floor, up to rev.
type changes struct {
	look     look
	floor    chat.Rev
	rev      chat.Rev
	messages []views.Drawn // by number
}

// look is what a row depends on beside its message. Another one makes all rows stale.
type look struct {
	zone  string
	faces int64
}

func lookOf(s chat.Settings) look { return look{s.Zone, s.FacesRev} }

func newTails(d *db.DB, words *views.Words) *tails {
	return &tails{db: d, words: words, rooms: map[chat.RoomID]*tail{}}
}

// frame is what a row needs to be drawn.
func (ts *tails) frame(s chat.Settings) views.Frame {
	return views.Frame{Words: ts.words, Zone: zone(s)}
}

// piece is some changes of a room in the order of their numbers, and how far they reach.
type piece struct {
	messages []views.Drawn
	reached  chat.Rev
	more     bool // there may be others after these
}

// next gives the changes after a revision, or some of the first of them.
func (ts *tails) next(ctx context.Context, room chat.RoomID, after chat.Rev) (piece, error) {
	t := ts.open(room)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.floor <= after && after < t.rev {
		return piece{t.after(after), t.rev, true}, nil
	}
	settings, err := ts.db.Settings(ctx)
	if err != nil {
		return piece{}, err
	}
	p, err := ts.read(ctx, ts.frame(settings), room, after)
	if err != nil || len(p.messages) == 0 {
		return p, err
	}
	switch look := lookOf(settings); {
	case t.look == look && after == t.rev:
		t.add(p)
	case p.reached >= t.rev: // it reaches further back than what was kept, or follows on nothing
		t.changes = changes{look: look, floor: after}
		t.add(p)
	}
	ts.count(room, t)
	return p, nil
}

// newest gives the last messages of a room as the snapshot of a page saw it, if they are all at hand: a page's length of
// them, or fewer where there are no more after since.
func (ts *tails) newest(ctx context.Context, f views.Frame, look look, room chat.Room, since chat.Seq) ([]views.Drawn, error) {
	t := ts.open(room.ID)
	t.mu.Lock()
	defer t.mu.Unlock()
	if begin := max(room.Rev-tailStart, room.FloorRev, 0); t.look != look || t.rev < begin || t.floor < room.FloorRev {
		t.changes = changes{look: look, floor: begin, rev: begin}
	}
	for t.rev < room.Rev {
		p, err := ts.read(ctx, f, room.ID, t.rev)
		if err != nil || len(p.messages) == 0 {
			return nil, err
		}
		t.add(p)
	}
	ts.count(room.ID, t)
	return t.last(db.PageLength, since), nil
}

// read reads and draws changes after a revision.
func (ts *tails) read(ctx context.Context, f views.Frame, room chat.RoomID, after chat.Rev) (piece, error) {
	changed, err := ts.db.Changes(ctx, room, after)
	p := piece{make([]views.Drawn, len(changed)), after, len(changed) == db.CatchUpLimit}
	for i, m := range changed {
		if err == nil {
			p.messages[i], err = views.Draw(ctx, f, m)
		}
		p.reached = max(p.reached, m.Rev)
	}
	return p, err
}

func (t *changes) after(rev chat.Rev) []views.Drawn {
	var list []views.Drawn
	for _, m := range t.messages {
		if m.Rev > rev {
			list = append(list, m)
		}
	}
	return list
}

// last gives the newest n messages, or all there are after since, if none of them is missing here.
func (t *changes) last(n int, since chat.Seq) []views.Drawn {
	end := len(t.messages)
	if end == 0 {
		return nil
	}
	first := max(t.messages[end-1].Seq-chat.Seq(n)+1, since+1, 1)
	i, there := slices.BinarySearchFunc(t.messages, first, bySeq)
	if !there || int(t.messages[end-1].Seq-first) != end-1-i { // numbers have no holes
		return nil
	}
	return slices.Clone(t.messages[i:])
}

func bySeq(m views.Drawn, seq chat.Seq) int { return cmp.Compare(m.Seq, seq) }

// add takes in what follows on rev: a message that is here already gives way to its newer self.
func (t *changes) add(p piece) {
	for _, m := range p.messages {
		i, there := slices.BinarySearchFunc(t.messages, m.Seq, bySeq)
		if there {
			t.messages[i] = m
		} else {
			t.messages = slices.Insert(t.messages, i, m)
		}
	}
	t.rev = p.reached
	for size := t.size(); len(t.messages) > tailMessages || size > tailBytes; {
		size -= t.forgetOldest()
	}
}

// forgetOldest lets go of what changed least lately, and gives its size.
func (t *changes) forgetOldest() int {
	oldest := 0
	for i, m := range t.messages {
		if m.Rev < t.messages[oldest].Rev {
			oldest = i
		}
	}
	m := t.messages[oldest]
	t.messages = slices.Delete(t.messages, oldest, oldest+1)
	t.floor = m.Rev
	return cost(m)
}

// cost is what keeping a message takes: its row, its HTML for the case that it stands first on a page, and itself.
func cost(m views.Drawn) int { return m.Size() + len(m.HTML) + 300 }

func (t *changes) size() int {
	size := 0
	for _, m := range t.messages {
		size += cost(m)
	}
	return size
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

// visible narrows messages to those after since. The first of them does not show whether it continues a hidden one.
func visible(messages []views.Drawn, since chat.Seq) []views.Drawn {
	if since == 0 {
		return messages
	}
	list := slices.DeleteFunc(slices.Clone(messages), func(m views.Drawn) bool { return m.Seq <= since })
	if len(list) > 0 && list[0].Seq == since+1 {
		m := list[0].Message
		m.PrevAuthor, m.PrevAt = 0, time.Time{}
		list[0] = views.Undrawn([]chat.Message{m})[0]
	}
	return list
}
