package db

import (
	"context"
	"database/sql"
	"errors"

	"chinwag/chat"
)

// forViewer narrows a read of messages to what the viewer ($1) may see of a room ($2).
const forViewer = `WITH visible AS (SELECT r.id, COALESCE(m.since_seq, 0) AS since` + visibleRoom + `) `

// forEveryone reads a room ($1) for all its screens at once: who may see it was decided when they were let in.
const forEveryone = `WITH visible AS (SELECT r.id, 0 AS since FROM rooms r WHERE r.id = $1) `

// messagesOf reads messages of the visible room, each with the one before it for grouping. The plus keeps the
// viewer's bound from being what the index is searched by: it would walk from there to the page.
const messagesOf = `
	x.room_id, x.seq, x.rev, x.born, x.html, x.created_at, x.edited_at, x.deleted_at, u.id, u.username, u.display_name, u.role, u.face_rev,
		COALESCE(p.author_id, 0), COALESCE(p.created_at, 0)
	FROM visible v
	JOIN messages x ON x.room_id = v.id AND +x.seq > v.since
	JOIN users u ON u.id = x.author_id
	LEFT JOIN messages p ON p.room_id = x.room_id AND p.seq = x.seq - 1 AND p.seq > v.since `

// What a text was before it was drawn is only of use to whoever edits it.
const (
	selectMessage  = `SELECT x.body, ` + messagesOf
	selectMessages = `SELECT '', ` + messagesOf
)

// Message reads one message of a room the viewer may see, with its text as typed.
func (d *DB) Message(ctx context.Context, viewer chat.UserID, room chat.RoomID, seq chat.Seq) (chat.Message, error) {
	list, err := d.messages(ctx, d.reader, forViewer+selectMessage+`WHERE x.seq = $3`, viewer, room, seq)
	if err != nil {
		return chat.Message{}, err
	}
	if len(list) == 0 {
		return chat.Message{}, chat.ErrNotFound
	}
	return list[0], nil
}

func (d *DB) messages(ctx context.Context, q querier, text string, args ...any) ([]chat.Message, error) {
	var list []chat.Message
	err := d.each(ctx, q, func(rows *sql.Rows) error {
		var m chat.Message
		var at, editedAt, deletedAt, prevAt int64
		err := rows.Scan(&m.Body, &m.Room, &m.Seq, &m.Rev, &m.Born, &m.HTML, &at, &editedAt, &deletedAt,
			&m.Author.ID, &m.Author.Username, &m.Author.DisplayName, &m.Author.Role, &m.Author.FaceRev, &m.PrevAuthor, &prevAt)
		m.At, m.EditedAt, m.DeletedAt, m.PrevAt = moment(at), moment(editedAt), moment(deletedAt), moment(prevAt)
		list = append(list, m)
		return err
	}, text, args...)
	return list, found(err, "read messages")
}

// snapshot runs reads that must agree with each other.
func (d *DB) snapshot(ctx context.Context, read func(querier) error) (err error) {
	snap, err := d.reader.BeginTx(ctx, d.dialect.snapshotOptions())
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

// Sending reads a room and what a send's key was spent on. See [chat.MessageTx].
func (t *tx) Sending(author chat.UserID, room chat.RoomID, key string) (chat.RoomSeen, *chat.Sent, error) {
	var inRoom, seq sql.NullInt64
	var mac []byte
	seen, err := scanRoomSeen(t.row(`SELECT `+roomSeenColumns+`, s.room_id, s.seq, s.body_mac
		FROM rooms r LEFT JOIN memberships m ON m.room_id = r.id AND m.user_id = $1
		LEFT JOIN messages s ON s.author_id = $1 AND s.send_key = $3`+whereVisible, author, room, key), author, &inRoom, &seq, &mac)
	if err != nil || !seq.Valid {
		return seen, nil, err
	}
	return seen, &chat.Sent{Room: chat.RoomID(inRoom.Int64), Seq: chat.Seq(seq.Int64), BodyMAC: mac}, nil
}

// Message reads a message inside the transaction. See [chat.MessageTx].
func (t *tx) Message(room chat.RoomID, seq chat.Seq) (chat.Message, error) {
	m := chat.Message{Room: room, Seq: seq}
	var at, editedAt, deletedAt int64
	err := t.row(`
		SELECT rev, born, author_id, body, html, created_at, edited_at, deleted_at
		FROM messages WHERE room_id = $1 AND seq = $2`, room, seq).
		Scan(&m.Rev, &m.Born, &m.Author.ID, &m.Body, &m.HTML, &at, &editedAt, &deletedAt)
	m.At, m.EditedAt, m.DeletedAt = moment(at), moment(editedAt), moment(deletedAt)
	return m, found(err, "read message")
}

// SaveMessage replaces what a message says. See [chat.MessageTx].
func (t *tx) SaveMessage(m chat.Message) error {
	return found(t.exec(`
		UPDATE messages SET rev = $1, body = $2, html = $3, edited_at = $4, deleted_at = $5 WHERE room_id = $6 AND seq = $7`,
		m.Rev, m.Body, string(m.HTML), millis(m.EditedAt), millis(m.DeletedAt), m.Room, m.Seq), "save message")
}
