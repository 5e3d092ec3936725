package db

import (
	"context"

	"chinwag/chat"
)

const selectEmail = `
	SELECT u.email, u.email_verified, COALESCE((
		SELECT l.email FROM links l
		WHERE l.user_id = u.id AND l.purpose = 'email' AND l.used_at = 0 AND l.email <> u.email
		ORDER BY l.created_at DESC LIMIT 1), '')
	FROM users u
	WHERE u.id = $1`

// Email reads somebody's e-mail address, which is theirs to see.
func (d *DB) Email(ctx context.Context, user chat.UserID) (chat.Email, error) {
	return scanEmail(d.reader.QueryRowContext(ctx, d.sql(selectEmail), user))
}

// Email reads an address inside the transaction. See [chat.UserTx].
func (t *tx) Email(user chat.UserID) (chat.Email, error) { return scanEmail(t.row(selectEmail, user)) }

func scanEmail(r row) (chat.Email, error) {
	var e chat.Email
	err := r.Scan(&e.Address, &e.Verified, &e.Pending)
	return e, found(err, "read e-mail address")
}

// SaveEmail replaces an address. See [chat.UserTx].
func (t *tx) SaveEmail(user chat.UserID, e chat.Email) error {
	return found(t.exec(`UPDATE users SET email = $1, email_key = $2, email_verified = $3 WHERE id = $4`,
		e.Address, chat.Fold(e.Address), e.Verified, user), "save e-mail address")
}
