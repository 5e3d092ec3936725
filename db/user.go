package db

import (
	"context"
	"database/sql"

	"chinwag/chat"
)

const accountColumns = `
	SELECT id, username, display_name, role, face_rev, created_at, password_hash, disabled
	FROM users`

const (
	selectAccount     = accountColumns + ` WHERE username_key = $1`
	selectAccountByID = accountColumns + ` WHERE id = $1`
)

// Account reads an account by folded username or verified e-mail address. See [chat.Store].
func (d *DB) Account(ctx context.Context, key string) (chat.Account, error) {
	return scanAccount(d.reader.QueryRowContext(ctx, d.sql(selectAccount+` OR (email_key = $1 AND email_verified)`), key))
}

// AccountByID reads an account by number. See [chat.Store].
func (d *DB) AccountByID(ctx context.Context, user chat.UserID) (chat.Account, error) {
	return scanAccount(d.reader.QueryRowContext(ctx, d.sql(selectAccountByID), user))
}

// AccountByName reads an account inside the transaction. See [chat.UserTx].
func (t *tx) AccountByName(key string) (chat.Account, error) {
	return scanAccount(t.row(selectAccount, key))
}

// AccountByEmail reads an account inside the transaction. See [chat.UserTx].
func (t *tx) AccountByEmail(key string) (chat.Account, error) {
	return scanAccount(t.row(accountColumns+` WHERE email_key = $1 AND email_verified`, key))
}

// UserIDs reads the numbers of all accounts. See [chat.UserTx].
func (t *tx) UserIDs() ([]chat.UserID, error) {
	var list []chat.UserID
	err := t.each(func(rows *sql.Rows) error {
		var id chat.UserID
		err := rows.Scan(&id)
		list = append(list, id)
		return err
	}, `SELECT id FROM users ORDER BY id`)
	return list, found(err, "read users")
}

// User reads a person by number. See [chat.UserTx].
func (t *tx) User(user chat.UserID) (chat.User, error) {
	account, err := t.AccountByID(user)
	return account.User, err
}

// AccountByID reads an account inside the transaction. See [chat.UserTx].
func (t *tx) AccountByID(user chat.UserID) (chat.Account, error) {
	return scanAccount(t.row(selectAccountByID, user))
}

func scanAccount(r row) (chat.Account, error) {
	var a chat.Account
	var createdAt int64
	err := r.Scan(&a.ID, &a.Username, &a.DisplayName, &a.Role, &a.FaceRev, &createdAt, &a.PasswordHash, &a.Disabled)
	a.CreatedAt = moment(createdAt)
	return a, found(err, "read account")
}

// CreateUser stores a new account. See [chat.UserTx].
func (t *tx) CreateUser(u chat.UserRow) error {
	return found(t.exec(`
		INSERT INTO users (id, username, username_key, display_name, email, email_key, email_verified,
			password_hash, role, face_rev, created_at, disabled)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, FALSE)`,
		u.ID, u.Username, u.UsernameKey, u.DisplayName, u.Email, u.EmailKey, u.EmailVerified,
		u.PasswordHash, u.Role, millis(u.CreatedAt)), "create user")
}

// SavePassword replaces an account's password hash. See [chat.UserTx].
func (t *tx) SavePassword(user chat.UserID, hash string) error {
	return found(t.exec(`UPDATE users SET password_hash = $1 WHERE id = $2`, hash, user), "save password")
}
