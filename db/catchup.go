package db

import (
	"cmp"
	"context"
	"slices"

	"chinwag/chat"
)

// CatchUpLimit is how many changes are read at once. More of them are for a page, not for a frame.
const CatchUpLimit = 1000

// CatchUp is what happened in a room after a revision: every message that was born or changed since, as it is now.
type CatchUp struct {
	Changed []chat.Message // by number; a message born after the revision is new, any other was changed
	Reached chat.Rev       // up to here, never beyond what is committed
	TooMany bool           // there are more than CatchUpLimit, and none of them was read
}

// CatchUp reads all changes of a room after a revision, for all screens that were let into the room.
func (d *DB) CatchUp(ctx context.Context, room chat.RoomID, after chat.Rev) (CatchUp, error) {
	c, err := d.changes(ctx, room, after)
	if err != nil || c.TooMany || len(c.Changed) > 0 {
		return c, err
	}
	// What moved the room, if anything did, is no message. How far it came must be read before the messages are: what is
	// committed in between then shows among them.
	revs, err := d.Revs(ctx, []chat.RoomID{room})
	if err != nil || revs[room] <= after {
		return c, err
	}
	if c, err = d.changes(ctx, room, after); err == nil && !c.TooMany {
		c.Reached = max(c.Reached, revs[room])
	}
	return c, err
}

// changes reads the messages that were changed after a revision, as far as the last of them.
func (d *DB) changes(ctx context.Context, room chat.RoomID, after chat.Rev) (CatchUp, error) {
	// They are read by revision: asked for by number, the database would walk the whole room to find the few that changed.
	changed, err := d.messages(ctx, d.reader, forEveryone+selectMessages+`WHERE x.rev > $2 ORDER BY x.rev LIMIT $3`, room, after, CatchUpLimit+1)
	switch {
	case err != nil || len(changed) == 0:
		return CatchUp{Reached: after}, err
	case len(changed) > CatchUpLimit:
		return CatchUp{Reached: after, TooMany: true}, nil
	}
	reached := changed[len(changed)-1].Rev
	slices.SortFunc(changed, func(a, b chat.Message) int { return cmp.Compare(a.Seq, b.Seq) })
	return CatchUp{Changed: changed, Reached: reached}, nil
}

// SeqAt finds the newest message that a room had at a revision; 0: it had none. Messages are born in the order of their
// numbers, so it is found by halving.
func (d *DB) SeqAt(ctx context.Context, room chat.RoomID, rev chat.Rev) (seq chat.Seq, err error) {
	err = d.reader.QueryRowContext(ctx, d.sql(`
		WITH RECURSIVE search (low, high) AS (
			SELECT CAST(0 AS BIGINT), last_seq FROM rooms WHERE id = $1
			UNION ALL
			SELECT CASE WHEN m.born <= $2 THEN m.seq ELSE h.low END, CASE WHEN m.born <= $2 THEN h.high ELSE m.seq - 1 END
			FROM search h JOIN messages m ON m.room_id = $1 AND m.seq = (h.low + h.high + 1) / 2
			WHERE h.low < h.high
		)
		SELECT low FROM search WHERE low = high`), room, rev).Scan(&seq)
	return seq, found(err, "find the message at a revision")
}
