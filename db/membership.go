package db

import (
	"context"
	"database/sql"

	"chinwag/chat"
)

// membersLimit is how many people a member list shows.
const membersLimit = 1000

// Members lists the people in a room the viewer may see, by name.
func (d *DB) Members(ctx context.Context, viewer chat.UserID, room chat.RoomID) ([]chat.Member, error) {
	var list []chat.Member
	err := d.each(ctx, d.reader, func(rows *sql.Rows) error {
		var m chat.Member
		err := rows.Scan(&m.ID, &m.Username, &m.DisplayName, &m.User.Role, &m.FaceRev, &m.Role)
		list = append(list, m)
		return err
	}, `
		WITH visible AS (SELECT r.id`+visibleRoom+`)
		SELECT u.id, u.username, u.display_name, u.role, u.face_rev, o.role
		FROM visible v JOIN memberships o ON o.room_id = v.id JOIN users u ON u.id = o.user_id
		WHERE u.deleted_at = 0 ORDER BY u.username_key LIMIT $3`, viewer, room, membersLimit)
	return list, found(err, "read members")
}

// Membership reads one person's place in a room. See [chat.MembershipTx].
func (t *tx) Membership(room chat.RoomID, user chat.UserID) (chat.Membership, error) {
	m := chat.Membership{Room: room, User: user}
	var joinedAt int64
	err := t.row(`SELECT role, since_seq, read_seq, joined_at FROM memberships WHERE room_id = $1 AND user_id = $2`, room, user).
		Scan(&m.Role, &m.SinceSeq, &m.ReadSeq, &joinedAt)
	m.JoinedAt = moment(joinedAt)
	return m, found(err, "read membership")
}

// CreateMembership stores a membership and counts it. See [chat.MembershipTx].
func (t *tx) CreateMembership(m chat.Membership) error {
	if err := t.exec(`
		INSERT INTO memberships (room_id, user_id, role, since_seq, read_seq, joined_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		m.Room, m.User, m.Role, m.SinceSeq, m.ReadSeq, millis(m.JoinedAt)); err != nil {
		return found(err, "create membership")
	}
	return t.countMembers(m.Room, 1)
}

// DeleteMembership removes a membership that is there. See [chat.MembershipTx].
func (t *tx) DeleteMembership(room chat.RoomID, user chat.UserID) error {
	if err := t.exec(`DELETE FROM memberships WHERE room_id = $1 AND user_id = $2`, room, user); err != nil {
		return found(err, "delete membership")
	}
	return t.countMembers(room, -1)
}

func (t *tx) countMembers(room chat.RoomID, change int) error {
	if err := t.mayWait(); err != nil {
		return err
	}
	return found(t.exec(`UPDATE rooms SET members = members + $1 WHERE id = $2`, change, room), "count members")
}

// MarkRead raises a read mark. See [chat.MembershipTx].
func (t *tx) MarkRead(room chat.RoomID, user chat.UserID, seq chat.Seq) error {
	return found(t.exec(`UPDATE memberships SET read_seq = $1 WHERE room_id = $2 AND user_id = $3 AND read_seq < $1`,
		seq, room, user), "mark read")
}
