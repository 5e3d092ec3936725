package db

import (
	"context"
	"time"

	"chinwag/chat"
)

const selectLink = `
	SELECT l.hash, l.purpose, l.user_id, l.email, l.created_at, l.expires_at, l.used_at,
		u.id, u.username, u.display_name, u.role, u.face_rev, u.created_at, u.password_hash, u.disabled
	FROM links l JOIN users u ON u.id = l.user_id
	WHERE l.hash = $1`

// Link reads a link and whose it is. See [chat.Store].
func (d *DB) Link(ctx context.Context, hash chat.LinkHash) (chat.Link, error) {
	return scanLink(d.reader.QueryRowContext(ctx, d.sql(selectLink), hash))
}

// Link reads a link inside the transaction. See [chat.LinkTx].
func (t *tx) Link(hash chat.LinkHash) (chat.Link, error) { return scanLink(t.row(selectLink, hash)) }

func scanLink(r row) (chat.Link, error) {
	var l chat.Link
	var createdAt, expiresAt, usedAt, since int64
	err := r.Scan(&l.Hash, &l.Purpose, &l.User, &l.Email, &createdAt, &expiresAt, &usedAt, &l.Owner.ID, &l.Owner.Username,
		&l.Owner.DisplayName, &l.Owner.Role, &l.Owner.FaceRev, &since, &l.Owner.PasswordHash, &l.Owner.Disabled)
	l.CreatedAt, l.ExpiresAt, l.UsedAt, l.Owner.CreatedAt = moment(createdAt), moment(expiresAt), moment(usedAt), moment(since)
	return l, found(err, "read link")
}

// CreateLink stores a new link. See [chat.LinkTx].
func (t *tx) CreateLink(l chat.LinkRow) error {
	return found(t.exec(`
		INSERT INTO links (hash, purpose, user_id, email, created_at, expires_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, 0)`,
		l.Hash, l.Purpose, l.User, l.Email, millis(l.CreatedAt), millis(l.ExpiresAt)), "create link")
}

// RenewLink has a link live longer. See [chat.LinkTx].
func (t *tx) RenewLink(hash chat.LinkHash, until time.Time) error {
	return found(t.exec(`UPDATE links SET expires_at = $1 WHERE hash = $2`, millis(until), hash), "renew link")
}

// VoidLinks has a person's links of a kind lead nowhere. See [chat.LinkTx].
func (t *tx) VoidLinks(user chat.UserID, purpose chat.LinkPurpose, at time.Time) error {
	return found(t.exec(`UPDATE links SET used_at = $1 WHERE user_id = $2 AND purpose = $3 AND used_at = 0`,
		millis(at), user, purpose), "void links")
}

// DeleteOldLinks forgets what led nowhere for long. See [chat.LinkTx].
func (t *tx) DeleteOldLinks(user chat.UserID, before time.Time) error {
	return found(t.exec(`DELETE FROM links WHERE user_id = $1 AND used_at > 0 AND expires_at < $2`, user, millis(before)), "delete old links")
}
