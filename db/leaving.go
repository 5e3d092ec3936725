package db

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"chinwag/chat"
)

// EraseUser empties an account. Its key is one that no username can be, so that the name is free. See [chat.AccountTx].
func (t *tx) EraseUser(user chat.UserID, at time.Time) error {
	if err := t.exec(`DELETE FROM links WHERE user_id = $1`, user); err != nil {
		return found(err, "delete links")
	}
	if err := t.exec(`DELETE FROM jobs WHERE user_id = $1`, user); err != nil { // there may be an address in them
		return found(err, "delete jobs")
	}
	return found(t.exec(`
		UPDATE users SET username = '', username_key = 'deleted/' || id, display_name = '', email = '', email_key = '', email_verified = FALSE,
			password_hash = '', role = 'member', face_rev = face_rev + 1, disabled = TRUE, deleted_at = $1
		WHERE id = $2`, millis(at), user), "erase user")
}

// MembershipsOf reads the rooms somebody is in. See [chat.Store].
func (d *DB) MembershipsOf(ctx context.Context, user chat.UserID) ([]chat.RoomID, error) {
	var list []chat.RoomID
	err := d.each(ctx, d.reader, func(rows *sql.Rows) error {
		var room chat.RoomID
		err := rows.Scan(&room)
		list = append(list, room)
		return err
	}, `SELECT room_id FROM memberships WHERE user_id = $1 ORDER BY room_id`, user)
	return list, found(err, "read memberships")
}

// writtenPiece is how many messages one statement looks at.
const writtenPiece = 5000

// WrittenBy reads where somebody's messages stand. They are found by the keys of their sends, the only index that knows authors,
// and put in order here: numbers are small. See [chat.Store].
func (d *DB) WrittenBy(ctx context.Context, author chat.UserID) ([]chat.Written, error) {
	rooms := map[chat.RoomID][]chat.Seq{}
	key := ""
	for n := writtenPiece; n == writtenPiece; {
		n = 0
		err := d.each(ctx, d.reader, func(rows *sql.Rows) error {
			var room chat.RoomID
			var seq chat.Seq
			var gone bool
			err := rows.Scan(&room, &seq, &gone, &key)
			if n++; !gone {
				rooms[room] = append(rooms[room], seq)
			}
			return err
		}, `
			SELECT room_id, seq, deleted_at > 0, send_key FROM messages
			WHERE author_id = $1 AND send_key > $2 ORDER BY send_key LIMIT $3`, author, key, writtenPiece)
		if err != nil {
			return nil, found(err, "read what somebody wrote")
		}
	}
	var list []chat.Written
	for _, room := range slices.Sorted(maps.Keys(rooms)) {
		slices.Sort(rooms[room])
		list = append(list, chat.Written{Room: room, Seqs: rooms[room]})
	}
	return list, nil
}
