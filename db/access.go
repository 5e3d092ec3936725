package db

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"chinwag/chat"
)

// Access is an open page: whose session it belongs to and which room it shows.
type Access struct {
	Session chat.SessionHash
	Room    chat.RoomID // 0: none
}

// Granted is what a page may still have.
type Granted struct {
	Session  chat.Session // of a person who is not disabled; whether it is too old is for the rules to say
	Replaced bool         // the session goes on under another id: whoever has that one may come back
	Room     bool         // the room may be seen

	// How far the room has come, and from where on it is the person's to read; zero if it may not be seen.
	Rev, FloorRev     chat.Rev
	LastSeq, SinceSeq chat.Seq
}

// Granted asks for many open pages at once. A page whose session has ended is not in the answer.
func (d *DB) Granted(ctx context.Context, asked []Access) (map[Access]Granted, error) {
	granted := make(map[Access]Granted, len(asked))
	for some := range slices.Chunk(asked, chunk) {
		some = padded(some)
		args := make([]any, 0, 2*len(some))
		for _, a := range some {
			args = append(args, a.Session, a.Room)
		}
		err := d.each(ctx, d.reader, func(rows *sql.Rows) error {
			var a Access
			var g Granted
			var signedInAt, lastSeenAt int64
			err := rows.Scan(&a.Session, &a.Room, &signedInAt, &lastSeenAt, &g.Replaced,
				&g.Session.User.ID, &g.Session.User.Role, &g.Room,
				&g.Rev, &g.FloorRev, &g.LastSeq, &g.SinceSeq)
			g.Session.Hash, g.Session.SignedInAt, g.Session.LastSeenAt = a.Session, moment(signedInAt), moment(lastSeenAt)
			granted[a] = g
			return err
		}, `
			WITH asked (session, room) AS (VALUES `+pairs(len(some))+`)
			SELECT a.session, a.room, s.signed_in_at, s.last_seen_at, s.replaced, u.id, u.role, r.id IS NOT NULL,
				COALESCE(r.rev, 0), COALESCE(r.floor_rev, 0), COALESCE(r.last_seq, 0), COALESCE(m.since_seq, 0)
			FROM asked a
			JOIN sessions s ON s.id_hash = a.session
			JOIN users u ON u.id = s.user_id AND NOT u.disabled
			LEFT JOIN memberships m ON m.room_id = a.room AND m.user_id = u.id
			LEFT JOIN rooms r ON r.id = a.room AND (r.kind = 'public' OR m.user_id IS NOT NULL)`, args...)
		if err != nil {
			return nil, found(err, "read what pages may have")
		}
	}
	return granted, nil
}

// pairs are the placeholders of sessions and rooms. PostgreSQL has to be told what they are.
func pairs(count int) string {
	list := make([]string, count)
	for i := range list {
		session, room, _ := strings.Cut(placeholders(2*i+1, 2), ", ")
		list[i] = "(CAST(" + session + " AS TEXT), CAST(" + room + " AS BIGINT))"
	}
	return strings.Join(list, ", ")
}
