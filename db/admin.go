package db

import "chinwag/chat"

// SaveRole gives somebody another role. See [chat.AccountTx].
func (t *tx) SaveRole(user chat.UserID, role chat.Role) error {
	return found(t.exec(`UPDATE users SET role = $1 WHERE id = $2`, role, user), "save role")
}

// SaveDisabled shuts somebody out, or lets them in again. See [chat.AccountTx].
func (t *tx) SaveDisabled(user chat.UserID, disabled bool) error {
	return found(t.exec(`UPDATE users SET disabled = $1 WHERE id = $2`, disabled, user), "disable or enable")
}

// SomeAdmin looks for an administrator who may sign in. See [chat.AccountTx].
func (t *tx) SomeAdmin() (some bool, err error) {
	err = t.row(`SELECT EXISTS (SELECT 1 FROM users WHERE role = 'admin' AND NOT disabled)`).Scan(&some)
	return some, found(err, "look for an administrator")
}

// HoldAccountByName reads an account that nobody deletes meanwhile: to delete it is to change its key. See [chat.AccountTx].
func (t *tx) HoldAccountByName(key string) (chat.Account, error) {
	return scanAccount(t.row(selectAccount+t.batch.db.dialect.holdRows("users"), key))
}
