package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"

	"chinwag/chat"
)

// PageLength is how many messages a page shows.
const PageLength = 50

// CatchUpLimit is how many changes a screen is given piece by piece; one that missed more loads the room again.
const CatchUpLimit = 200

// Page says which messages of a room are asked for. The zero value is the newest.
type Page struct {
	Before chat.Seq // the page that ends just before this message
	After  chat.Seq // the page that begins just after this message
	At     chat.Seq // the page around this message, which must be there
}

// History is a piece of a room as one viewer may see it, read in one snapshot.
type History struct {
	Room     chat.RoomSeen
	Messages []chat.Message // in order
	Older    bool           // there are messages before these
	Newer    bool           // there are messages after these
}

// forViewer narrows a read of messages to what the viewer ($1) may see of a room ($2).
const forViewer = `WITH visible AS (SELECT r.id, COALESCE(m.since_seq, 0) AS since` + visibleRoom + `) `

// forEveryone reads a room ($1) for all its screens at once: who may see it was decided when they were let in.
const forEveryone = `WITH visible AS (SELECT r.id, 0 AS since FROM rooms r WHERE r.id = $1) `

// selectMessages reads messages of the visible room, each with the one before it for grouping. The plus keeps the
// viewer's bound from being what the index is searched by: it would walk from there to the page.
const selectMessages = `
	SELECT x.room_id, x.seq, x.rev, x.born, x.body, x.html, x.created_at, x.edited_at, x.deleted_at,
		u.id, u.username, u.display_name, u.role, u.face_rev, COALESCE(p.author_id, 0), COALESCE(p.created_at, 0)
	FROM visible v
	JOIN messages x ON x.room_id = v.id AND +x.seq > v.since
	JOIN users u ON u.id = x.author_id
	LEFT JOIN messages p ON p.room_id = x.room_id AND p.seq = x.seq - 1 AND p.seq > v.since `

// History reads a page of a room. It is [chat.ErrNotFound] when the viewer may not know the room, or page.At is not there.
func (d *DB) History(ctx context.Context, viewer chat.UserID, room chat.RoomID, page Page) (h History, err error) {
	err = d.snapshot(ctx, func(q querier) error {
		h.Room, err = scanRoomSeen(q.QueryRowContext(ctx, d.sql(selectRoom), viewer, room), viewer)
		if err != nil {
			return err
		}
		lowest := chat.Seq(1)
		if h.Room.Joined() {
			lowest = h.Room.Membership.SinceSeq + 1
		}
		first, last := page.span(lowest, h.Room.LastSeq)
		if page.At > 0 && (page.At < first || page.At > last) {
			return chat.ErrNotFound
		}
		h.Older, h.Newer = first > lowest, last < h.Room.LastSeq
		h.Messages, err = d.messages(ctx, q, forViewer, `WHERE x.seq BETWEEN $3 AND $4 ORDER BY x.seq`, viewer, room, first, last)
		return err
	})
	return h, err
}

// span counts out the first and the last message of a page among those the viewer may see: numbers have no holes.
// An empty page ends before it begins.
func (p Page) span(lowest, highest chat.Seq) (first, last chat.Seq) {
	switch {
	case p.At > 0:
		first, last = p.At-PageLength/2, p.At+PageLength/2-1
	case p.After > 0:
		first = max(min(p.After, highest)+1, lowest)
		last = first + PageLength - 1
	default:
		last = highest
		if p.Before > 0 {
			last = min(p.Before-1, highest)
		}
		first = last - PageLength + 1
	}
	return max(first, lowest), min(last, highest)
}

// Message reads one message of a room the viewer may see.
func (d *DB) Message(ctx context.Context, viewer chat.UserID, room chat.RoomID, seq chat.Seq) (chat.Message, error) {
	list, err := d.messages(ctx, d.reader, forViewer, `WHERE x.seq = $3`, viewer, room, seq)
	if err != nil {
		return chat.Message{}, err
	}
	if len(list) == 0 {
		return chat.Message{}, chat.ErrNotFound
	}
	return list[0], nil
}

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
		c.Changed, err = d.changed(ctx, q, forViewer, `WHERE x.rev > $3 ORDER BY x.rev LIMIT $4`, viewer, room, after, CatchUpLimit+1)
		c.Reload = len(c.Changed) > CatchUpLimit
		return err
	})
	return c, err
}

// Changes reads the next CatchUpLimit changes of a room after a revision, in the order of their numbers, for all screens
// that were let into the room. As many as that mean that there may be more.
func (d *DB) Changes(ctx context.Context, room chat.RoomID, after chat.Rev) ([]chat.Message, error) {
	return d.changed(ctx, d.reader, forEveryone, `WHERE x.rev > $2 ORDER BY x.rev LIMIT $3`, room, after, CatchUpLimit)
}

// changed puts changes in the order of their numbers. They are read by revision: asked for by number, the database
// would walk the whole room to find the few that changed.
func (d *DB) changed(ctx context.Context, q querier, visible, which string, args ...any) ([]chat.Message, error) {
	list, err := d.messages(ctx, q, visible, which, args...)
	slices.SortFunc(list, func(a, b chat.Message) int { return cmp.Compare(a.Seq, b.Seq) })
	return list, err
}

func (d *DB) messages(ctx context.Context, q querier, visible, which string, args ...any) ([]chat.Message, error) {
	var list []chat.Message
	err := d.each(ctx, q, func(rows *sql.Rows) error {
		var m chat.Message
		var at, editedAt, deletedAt, prevAt int64
		err := rows.Scan(&m.Room, &m.Seq, &m.Rev, &m.Born, &m.Body, &m.HTML, &at, &editedAt, &deletedAt,
			&m.Author.ID, &m.Author.Username, &m.Author.DisplayName, &m.Author.Role, &m.Author.FaceRev, &m.PrevAuthor, &prevAt)
		m.At, m.EditedAt, m.DeletedAt, m.PrevAt = moment(at), moment(editedAt), moment(deletedAt), moment(prevAt)
		list = append(list, m)
		return err
	}, visible+selectMessages+which, args...)
	return list, found(err, "read messages")
}

// snapshot runs reads that must agree with each other.
func (d *DB) snapshot(ctx context.Context, read func(querier) error) (err error) {
	snap, err := d.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return found(err, "begin a snapshot")
	}
	defer func() { err = errors.Join(err, snap.Rollback()) }()
	return read(snap)
}

// CreateMessage stores a new message. See [chat.MessageTx].
func (t *tx) CreateMessage(m chat.MessageRow) error {
	return found(t.exec(`
		INSERT INTO messages (room_id, seq, rev, born, author_id, body, html, created_at, edited_at, deleted_at, send_key, body_mac)
		VALUES ($1, $2, $3, $3, $4, $5, $6, $7, 0, 0, $8, $9)`,
		m.Room, m.Seq, m.Rev, m.Author, m.Body, string(m.HTML), millis(m.At), m.Key, m.BodyMAC), "create message")
}

// Sent reads what a key was spent on. See [chat.MessageTx].
func (t *tx) Sent(author chat.UserID, key string) (chat.Sent, error) {
	var s chat.Sent
	err := t.row(`SELECT room_id, seq, body_mac FROM messages WHERE author_id = $1 AND send_key = $2`, author, key).
		Scan(&s.Room, &s.Seq, &s.BodyMAC)
	return s, found(err, "read sent message")
}
