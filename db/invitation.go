package db

import (
	"context"
	"database/sql"
	"time"

	"chinwag/chat"
)

const invitationColumns = `i.id, i.room_id, i.created_at, i.expires_at, i.uses, i.used, i.revoked_at,
	u.disabled OR u.role NOT IN ('admin', 'moderator'), u.id, u.username, u.display_name, u.role, u.face_rev, COALESCE(r.name, '')`

// selectInvitation reads invitations with who made them, and the name of a room that they may see.
const selectInvitation = `
	SELECT ` + invitationColumns + `
	FROM invitations i
	JOIN users u ON u.id = i.by_id
	LEFT JOIN memberships m ON m.room_id = i.room_id AND m.user_id = i.by_id
	LEFT JOIN rooms r ON r.id = i.room_id AND (r.kind = 'public' OR m.user_id IS NOT NULL)`

const selectInvitationByID = selectInvitation + ` WHERE i.id = $1`

// Invitation reads an invitation. See [chat.Store].
func (d *DB) Invitation(ctx context.Context, id int64) (chat.Invitation, error) {
	i, err := scanInvitation(d.reader.QueryRowContext(ctx, d.sql(selectInvitationByID), id))
	return i, found(err, "read invitation")
}

// invitationsLimit is how many of them a page shows.
const invitationsLimit = 500

// Invitations lists the invitations that the viewer may revoke, those that can still be used first, then by age: all of them
// for administrators, their own for moderators. The name of a room stands with it only if the viewer, too, may see it.
func (d *DB) Invitations(ctx context.Context, viewer chat.UserID, now time.Time) ([]chat.Invitation, error) {
	var list []chat.Invitation
	err := d.each(ctx, d.reader, func(rows *sql.Rows) error {
		i, err := scanInvitation(rows)
		list = append(list, i)
		return err
	}, forInviter+`
		ORDER BY u.disabled OR u.role NOT IN ('admin', 'moderator') OR i.revoked_at > 0 OR i.expires_at BETWEEN 1 AND $2 OR i.uses BETWEEN 1 AND i.used, i.id DESC LIMIT $3`,
		viewer, millis(now), invitationsLimit)
	return list, found(err, "read invitations")
}

// InvitationOf reads one of the invitations that the viewer may revoke.
func (d *DB) InvitationOf(ctx context.Context, viewer chat.UserID, id int64) (chat.Invitation, error) {
	i, err := scanInvitation(d.reader.QueryRowContext(ctx, d.sql(forInviter+` AND i.id = $2`), viewer, id))
	return i, found(err, "read invitation")
}

// forInviter narrows invitations, and the names of their rooms, to what the viewer ($1) may know.
const forInviter = `
	SELECT ` + invitationColumns + `
	FROM users v
	JOIN invitations i ON i.by_id = v.id OR v.role = 'admin'
	JOIN users u ON u.id = i.by_id
	LEFT JOIN memberships m ON m.room_id = i.room_id AND m.user_id = v.id
	LEFT JOIN rooms r ON r.id = i.room_id AND (r.kind = 'public' OR m.user_id IS NOT NULL)
	WHERE v.id = $1 AND v.role IN ('admin', 'moderator')`

func scanInvitation(r row) (i chat.Invitation, err error) {
	var createdAt, expiresAt, revokedAt int64
	err = r.Scan(&i.ID, &i.Room, &createdAt, &expiresAt, &i.Uses, &i.Used, &revokedAt,
		&i.Void, &i.By.ID, &i.By.Username, &i.By.DisplayName, &i.By.Role, &i.By.FaceRev, &i.RoomName)
	i.CreatedAt, i.ExpiresAt, i.RevokedAt = moment(createdAt), moment(expiresAt), moment(revokedAt)
	return i, err
}

// CreateInvitation stores an invitation. See [chat.InvitationTx].
func (t *tx) CreateInvitation(i chat.Invitation) error {
	return found(t.exec(`
		INSERT INTO invitations (id, by_id, room_id, created_at, expires_at, uses, used, revoked_at) VALUES ($1, $2, $3, $4, $5, $6, 0, 0)`,
		i.ID, i.By.ID, i.Room, millis(i.CreatedAt), millis(i.ExpiresAt), i.Uses), "create invitation")
}

// Invitation reads an invitation inside the transaction. See [chat.InvitationTx].
func (t *tx) Invitation(id int64) (chat.Invitation, error) {
	i, err := scanInvitation(t.row(selectInvitationByID, id))
	return i, found(err, "read invitation")
}

// UseInvitation counts a use, which locks the invitation, and reads it. See [chat.InvitationTx].
func (t *tx) UseInvitation(id int64) (chat.Invitation, error) {
	if err := t.exec(`UPDATE invitations SET used = used + 1 WHERE id = $1`, id); err != nil {
		return chat.Invitation{}, found(err, "use invitation")
	}
	return t.Invitation(id)
}

// RevokeInvitation notes that an invitation is of no use any more. See [chat.InvitationTx].
func (t *tx) RevokeInvitation(id int64, at time.Time) error {
	return found(t.exec(`UPDATE invitations SET revoked_at = $1 WHERE id = $2`, millis(at), id), "revoke invitation")
}
