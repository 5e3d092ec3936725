package chat

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"
)

// How long a session lives. OWASP ASVS 5.0, 7.3.1 and 7.3.2, asks for both limits; administrators get less.
const (
	sessionIdle     = 14 * 24 * time.Hour
	SessionAbsolute = 90 * 24 * time.Hour // from signing in
	sessionAdmin    = 12 * time.Hour
	touchEvery      = time.Minute
)

// SessionID is the secret in a browser's cookie: 32 random bytes in base64url. It is stored nowhere.
type SessionID string

// SessionHash is the SHA-256 of a session's id in base64url: what is stored, and safe to name a session by.
type SessionHash string

// NewToken returns n random bytes in base64url without padding.
func NewToken(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b)
}

func newSessionID() SessionID { return SessionID(NewToken(32)) }

// Hash names the session without giving it away.
func (id SessionID) Hash() SessionHash {
	sum := sha256.Sum256([]byte(id))
	return SessionHash(base64.RawURLEncoding.EncodeToString(sum[:]))
}

// Visit says where a request came from, for the list of one's devices.
type Visit struct {
	Address string // the client's IP address
	Browser string // its User-Agent
}

// SessionRow is a new session as it is stored.
type SessionRow struct {
	Hash       SessionHash
	User       UserID
	SignedInAt time.Time
	Visit
}

// Session is a signed-in browser and its person.
type Session struct {
	Hash       SessionHash
	User       User
	SignedInAt time.Time
	LastSeenAt time.Time
}

// Alive says whether a session may still be used.
func (c *Community) Alive(s Session) bool {
	absolute := SessionAbsolute
	if s.User.Role == RoleAdmin {
		absolute = sessionAdmin
	}
	now := c.now()
	return now.Sub(s.LastSeenAt) < sessionIdle && now.Sub(s.SignedInAt) < absolute
}

func (c *Community) newSession(id SessionID, user UserID, from Visit) SessionRow {
	const browserMax = 300 // enough to recognise one's own browser by
	if len(from.Browser) > browserMax {
		from.Browser = from.Browser[:browserMax]
	}
	from.Browser = oneLine(from.Browser)
	return SessionRow{Hash: id.Hash(), User: user, SignedInAt: c.now(), Visit: from}
}

// SignIn checks a name (or a verified e-mail address) and password and returns a new session's secret id.
// Whatever is wrong, the answer is the same Invalid and takes the same time.
func (c *Community) SignIn(ctx context.Context, from Visit, name, password string) (SessionID, User, error) {
	refused := invalid("password", "login.wrong")
	account, err := c.store.Account(ctx, NameKey(name))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return "", User{}, err
	}
	right, err := c.password.verify(ctx, account.PasswordHash, password)
	if err != nil {
		return "", User{}, err
	}
	if !right || account.Disabled {
		return "", User{}, refused
	}
	upgraded := ""
	if c.password.outdated(account.PasswordHash) {
		if upgraded, err = c.password.hash(ctx, password); err != nil {
			return "", User{}, err
		}
	}
	id := newSessionID()
	err = c.store.Write(ctx, 0, func(tx Tx) error {
		now, err := tx.AccountByName(Fold(account.Username))
		if err != nil {
			return err
		}
		if now.Disabled || now.PasswordHash != account.PasswordHash {
			return refused // it changed while we were hashing
		}
		if upgraded != "" {
			if err := tx.SavePassword(account.ID, upgraded); err != nil {
				return err
			}
		}
		at := c.now()
		if err := tx.DeleteOldSessions(account.ID, at.Add(-sessionIdle), at.Add(-SessionAbsolute)); err != nil {
			return err
		}
		return tx.CreateSession(c.newSession(id, account.ID, from))
	})
	return id, account.User, err
}

// SignOut ends a session for good, on all its pages and sockets. A session that has ended already is no error.
func (c *Community) SignOut(ctx context.Context, hash SessionHash) error {
	return c.store.Write(ctx, 0, func(tx Tx) error {
		user, err := tx.DeleteSession(hash)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		tx.Publish(Event{Kind: SessionEnded, Session: hash, User: user})
		return tx.MoveSecurity()
	})
}

// Untouched says whether it has not been noted for a minute that a session is in use.
func (c *Community) Untouched(s Session) bool { return c.now().Sub(s.LastSeenAt) >= touchEvery }

// Touch notes that a session is in use, at most once a minute.
func (c *Community) Touch(ctx context.Context, s Session) error {
	if !c.Untouched(s) {
		return nil
	}
	now := c.now()
	return c.store.Write(ctx, 0, func(tx Tx) error { return tx.TouchSession(s.Hash, now) })
}
