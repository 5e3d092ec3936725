package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"chinwag/chat"
)

// provedAtColumn is when the password was last typed, in sessions that older programs made, too.
const provedAtColumn = `CASE s.proved_at WHEN 0 THEN s.signed_in_at ELSE s.proved_at END`

// Session reads a session and its person, or [chat.ErrNotFound] when it ended or the account is disabled.
// Whether it is too old is for [chat.Community.Alive] to say.
func (d *DB) Session(ctx context.Context, hash chat.SessionHash) (chat.Session, error) {
	s := chat.Session{Hash: hash}
	var signedInAt, lastSeenAt, provedAt, createdAt int64
	err := d.reader.QueryRowContext(ctx, d.sql(`
		SELECT s.signed_in_at, s.last_seen_at, `+provedAtColumn+`, u.id, u.username, u.display_name, u.role, u.face_rev, u.created_at
		FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.id_hash = $1 AND NOT s.replaced AND NOT u.disabled`), hash).
		Scan(&signedInAt, &lastSeenAt, &provedAt, &s.User.ID, &s.User.Username, &s.User.DisplayName, &s.User.Role, &s.User.FaceRev, &createdAt)
	s.SignedInAt, s.LastSeenAt, s.ProvedAt = moment(signedInAt), moment(lastSeenAt), moment(provedAt)
	s.User.CreatedAt = moment(createdAt)
	return s, found(err, "read session")
}

// Devices reads somebody's sessions, the last used first. Which of them are too old is for [chat.Community.Alive] to say.
func (d *DB) Devices(ctx context.Context, user chat.UserID) ([]chat.Device, error) {
	var list []chat.Device
	err := d.each(ctx, d.reader, func(rows *sql.Rows) error {
		var s chat.Device
		var signedInAt, lastSeenAt, provedAt int64
		err := rows.Scan(&s.Hash, &signedInAt, &lastSeenAt, &provedAt, &s.User.ID, &s.User.Role, &s.Address, &s.Browser)
		s.SignedInAt, s.LastSeenAt, s.ProvedAt = moment(signedInAt), moment(lastSeenAt), moment(provedAt)
		list = append(list, s)
		return err
	}, `
		SELECT s.id_hash, s.signed_in_at, s.last_seen_at, `+provedAtColumn+`, u.id, u.role, s.address, s.browser
		FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.user_id = $1 AND NOT s.replaced AND NOT u.disabled
		ORDER BY s.last_seen_at DESC, s.id_hash`, user)
	return list, found(err, "read devices")
}

// CreateSession stores a new session. See [chat.SessionTx].
func (t *tx) CreateSession(s chat.SessionRow) error {
	proved := s.ProvedAt
	if proved.IsZero() {
		proved = s.SignedInAt
	}
	return found(t.exec(`
		INSERT INTO sessions (id_hash, user_id, signed_in_at, last_seen_at, proved_at, address, browser) VALUES ($1, $2, $3, $4, $4, $5, $6)`,
		s.Hash, s.User, millis(s.SignedInAt), millis(proved), s.Address, s.Browser), "create session")
}

// TouchSession notes that a session was used. See [chat.SessionTx].
func (t *tx) TouchSession(hash chat.SessionHash, at time.Time) error {
	return found(t.exec(`UPDATE sessions SET last_seen_at = $1 WHERE id_hash = $2 AND NOT replaced`, millis(at), hash), "touch session")
}

// SessionAlive asks for a session inside the transaction, which it lives through: whoever ends it waits. See [chat.SessionTx].
func (t *tx) SessionAlive(hash chat.SessionHash) (bool, error) {
	var user chat.UserID
	err := found(t.row(`SELECT u.id FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id_hash = $1 AND NOT s.replaced AND NOT u.disabled`+
		t.batch.db.dialect.holdRows("s"), hash).Scan(&user), "read session")
	if errors.Is(err, chat.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// DeleteOldSessions forgets sessions nobody can use any more. See [chat.SessionTx].
func (t *tx) DeleteOldSessions(user chat.UserID, lastSeen, signedIn, replaced time.Time) error {
	return found(t.exec(`
		DELETE FROM sessions
		WHERE user_id = $1 AND (last_seen_at < $2 OR signed_in_at < $3 AND NOT replaced OR replaced AND last_seen_at < $4)`,
		user, millis(lastSeen), millis(signedIn), millis(replaced)), "delete old sessions")
}

// ReplaceSession ends a session whose owner goes on. It is deleted, and made again as what it is now, because whoever writes in
// it holds it against deletion only. An older program, which does not know such sessions, takes it for one that is too old. See
// [chat.SessionTx].
func (t *tx) ReplaceSession(hash chat.SessionHash, at time.Time) error {
	user, err := t.DeleteSession(hash)
	if err != nil {
		return err
	}
	return found(t.exec(`
		INSERT INTO sessions (id_hash, user_id, signed_in_at, last_seen_at, address, browser, replaced) VALUES ($1, $2, 0, $3, '', '', TRUE)`,
		hash, user, millis(at)), "replace session")
}

// DeleteSession ends a session. See [chat.SessionTx].
func (t *tx) DeleteSession(hash chat.SessionHash) (chat.UserID, error) {
	var user chat.UserID
	if err := t.mayWait(); err != nil {
		return 0, err
	}
	t.endsSessions = true
	err := t.change(`DELETE FROM sessions WHERE id_hash = $1 RETURNING user_id`, hash).Scan(&user)
	return user, found(err, "delete session")
}

// DeleteSessions ends a person's sessions. See [chat.SessionTx].
func (t *tx) DeleteSessions(user chat.UserID, but chat.SessionHash) error {
	if err := t.mayWait(); err != nil {
		return err
	}
	t.endsSessions = true
	return found(t.exec(`DELETE FROM sessions WHERE user_id = $1 AND id_hash <> $2`, user, but), "delete sessions")
}

// SecurityRev reads the number that moves whenever a session or a right ends anywhere.
func (d *DB) SecurityRev(ctx context.Context) (int64, error) {
	var rev int64
	err := d.reader.QueryRowContext(ctx, d.sql(`SELECT security_rev FROM community`)).Scan(&rev)
	return rev, found(err, "read security_rev")
}
