package db

import (
	"context"
	"database/sql"

	"chinwag/chat"
)

// Edits reads the older versions of a message, oldest first, for those who keep order in its room; for anybody else it is
// [chat.ErrNotFound].
func (d *DB) Edits(ctx context.Context, viewer chat.UserID, room chat.RoomID, seq chat.Seq) (list []chat.Edit, err error) {
	err = d.snapshot(ctx, func(q querier) error {
		seen, err := scanRoomSeen(q.QueryRowContext(ctx, d.sql(selectRoom), viewer, room), viewer)
		if err != nil {
			return err
		}
		account, err := scanAccount(q.QueryRowContext(ctx, d.sql(selectAccountByID), viewer))
		if err != nil {
			return err
		}
		if !seen.Moderates(account.User) || seq <= seen.SinceSeq() || seq > seen.LastSeq {
			return chat.ErrNotFound
		}
		err = d.each(ctx, q, func(rows *sql.Rows) error {
			var e chat.Edit
			var at int64
			err := rows.Scan(&e.Body, &e.HTML, &at)
			e.At = moment(at)
			list = append(list, e)
			return err
		}, `SELECT body, html, written_at FROM edits WHERE room_id = $1 AND seq = $2 ORDER BY rev`, room, seq)
		return found(err, "read older versions")
	})
	return list, err
}

// CreateEdit keeps an older version. See [chat.MessageTx].
func (t *tx) CreateEdit(m chat.Message) error {
	written := m.At
	if !m.EditedAt.IsZero() {
		written = m.EditedAt
	}
	return found(t.exec(`INSERT INTO edits (room_id, seq, rev, body, html, written_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		m.Room, m.Seq, m.Rev, m.Body, string(m.HTML), millis(written)), "create edit")
}

// DeleteEdits forgets older versions. See [chat.MessageTx].
func (t *tx) DeleteEdits(room chat.RoomID, seq chat.Seq) error {
	return found(t.exec(`DELETE FROM edits WHERE room_id = $1 AND seq = $2`, room, seq), "delete edits")
}
