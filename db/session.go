package db

import (
	"context"
	"errors"
	"time"

	"chinwag/chat"
)

// Session reads a session and its person, or [chat.ErrNotFound] when it ended or the account is disabled.
// Whether it is too old is for [chat.Community.Alive] to say.
func (d *DB) Session(ctx context.Context, hash chat.SessionHash) (chat.Session, error) {
	s := chat.Session{Hash: hash}
	var signedInAt, lastSeenAt, createdAt int64
	err := d.reader.QueryRowContext(ctx, d.sql(`
		SELECT s.signed_in_at, s.last_seen_at, u.id, u.username, u.display_name, u.role, u.face_rev, u.created_at
		FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.id_hash = $1 AND NOT u.disabled`), hash).
		Scan(&signedInAt, &lastSeenAt, &s.User.ID, &s.User.Username, &s.User.DisplayName, &s.User.Role, &s.User.FaceRev, &createdAt)
	s.SignedInAt, s.LastSeenAt, s.User.CreatedAt = moment(signedInAt), moment(lastSeenAt), moment(createdAt)
	return s, found(err, "read session")
}

// CreateSession stores a new session. See [chat.SessionTx].
func (t *tx) CreateSession(s chat.SessionRow) error {
	return found(t.exec(`
		INSERT INTO sessions (id_hash, user_id, signed_in_at, last_seen_at, address, browser) VALUES ($1, $2, $3, $3, $4, $5)`,
		s.Hash, s.User, millis(s.SignedInAt), s.Address, s.Browser), "create session")
}

// TouchSession notes that a session was used. See [chat.SessionTx].
func (t *tx) TouchSession(hash chat.SessionHash, at time.Time) error {
	return found(t.exec(`UPDATE sessions SET last_seen_at = $1 WHERE id_hash = $2`, millis(at), hash), "touch session")
}

// SessionAlive asks for a session inside the transaction, which it lives through: whoever ends it waits. See [chat.SessionTx].
func (t *tx) SessionAlive(hash chat.SessionHash) (bool, error) {
	var user chat.UserID
	err := found(t.row(`SELECT u.id FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id_hash = $1 AND NOT u.disabled`+
		t.batch.db.dialect.holdRows("s"), hash).Scan(&user), "read session")
	if errors.Is(err, chat.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// DeleteOldSessions forgets sessions nobody can use any more. See [chat.SessionTx].
func (t *tx) DeleteOldSessions(user chat.UserID, lastSeen, signedIn time.Time) error {
	return found(t.exec(`DELETE FROM sessions WHERE user_id = $1 AND (last_seen_at < $2 OR signed_in_at < $3)`,
		user, millis(lastSeen), millis(signedIn)), "delete old sessions")
}

// DeleteSession ends a session. See [chat.SessionTx].
func (t *tx) DeleteSession(hash chat.SessionHash) (chat.UserID, error) {
	var user chat.UserID
	err := t.change(`DELETE FROM sessions WHERE id_hash = $1 RETURNING user_id`, hash).Scan(&user)
	return user, found(err, "delete session")
}

// SecurityRev reads the number that moves whenever a session or a right ends anywhere.
func (d *DB) SecurityRev(ctx context.Context) (int64, error) {
	var rev int64
	err := d.reader.QueryRowContext(ctx, d.sql(`SELECT security_rev FROM community`)).Scan(&rev)
	return rev, found(err, "read security_rev")
}
