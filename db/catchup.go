package db

import (
	"cmp"
	"context"
	"slices"

	"chinwag/chat"
)

// CatchUpLimit is how many changes a screen is given piece by piece; one that missed more loads the room again.
const CatchUpLimit = 200

// CatchUp is what happened in a room after a revision.
type CatchUp struct {
	Room    chat.RoomSeen
	Changed []chat.Message // by number; a message born after the revision is new, any other was changed
	Reload  bool           // the way from the revision to now is too long or lost: the room must be loaded again
}

// CatchUp reads what the viewer missed in a room after a revision, in one snapshot.
func (d *DB) CatchUp(ctx context.Context, viewer chat.UserID, room chat.RoomID, after chat.Rev) (c CatchUp, err error) {
	err = d.snapshot(ctx, func(q querier) error {
		c.Room, err = scanRoomSeen(q.QueryRowContext(ctx, d.sql(selectRoom), viewer, room), viewer)
		if err != nil {
			return err
		}
		if after < c.Room.FloorRev || after > c.Room.Rev {
			c.Reload = true
			return nil
		}
		if after == c.Room.Rev {
			return nil
		}
		c.Changed, err = d.changed(ctx, q, forViewer+selectMessages+`WHERE x.rev > $3 ORDER BY x.rev LIMIT $4`,
			viewer, room, after, CatchUpLimit+1)
		c.Reload = len(c.Changed) > CatchUpLimit
		return err
	})
	return c, err
}

// Changes reads the next CatchUpLimit changes of a room after a revision, in the order of their numbers, for all screens
// that were let into the room. As many as that mean that there may be more.
func (d *DB) Changes(ctx context.Context, room chat.RoomID, after chat.Rev) ([]chat.Message, error) {
	return d.changed(ctx, d.reader, forEveryone+selectMessages+`WHERE x.rev > $2 ORDER BY x.rev LIMIT $3`, room, after, CatchUpLimit)
}

// changed puts changes in the order of their numbers. They are read by revision: asked for by number, the database
// would walk the whole room to find the few that changed.
func (d *DB) changed(ctx context.Context, q querier, text string, args ...any) ([]chat.Message, error) {
	list, err := d.messages(ctx, q, text, args...)
	slices.SortFunc(list, func(a, b chat.Message) int { return cmp.Compare(a.Seq, b.Seq) })
	return list, err
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
