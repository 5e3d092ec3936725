package chat

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"
)

// How long a session lives. OWASP ASVS 5.0, 7.3.1 and 7.3.2, asks for both limits; administrators get less.
const (
	sessionIdle     = 14 * 24 * time.Hour
	SessionAbsolute = 90 * 24 * time.Hour // from signing in
	sessionAdmin    = 12 * time.Hour
	sessionFresh    = 10 * time.Minute // after the password was typed
	replacedKept    = 2 * time.Minute  // until a browser has its new id on all its pages
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
func (id SessionID) Hash() SessionHash { return SessionHash(hashToken(string(id))) }

// names says whether a session can have that name: databases do not take every text.
func (h SessionHash) names() bool {
	sum, err := base64.RawURLEncoding.DecodeString(string(h))
	return err == nil && len(sum) == sha256.Size
}

// hashToken is the SHA-256 of a random token, in base64url. That needs no salt and no slowness: nobody guesses a token.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
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
	ProvedAt   time.Time // zero: at SignedInAt
	Visit
}

// Session is a signed-in browser and its person.
type Session struct {
	Hash       SessionHash
	User       User
	SignedInAt time.Time
	LastSeenAt time.Time
	ProvedAt   time.Time // when the password was last typed
}

// Device is a session as its owner sees it in a list.
type Device struct {
	Session
	Visit
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

// Fresh says whether the password was typed into a session so lately that what matters most may be done without typing it again.
// What was noted by a clock that was far ahead counts for nothing.
func (c *Community) Fresh(s Session) bool { return c.now().Sub(s.ProvedAt).Abs() < sessionFresh }

func (c *Community) newSession(id SessionID, user UserID, from Visit) SessionRow {
	const browserMax = 300 // enough to recognise one's own browser by
	if len(from.Browser) > browserMax {
		from.Browser = from.Browser[:browserMax]
	}
	from.Browser = oneLine(from.Browser)
	now := c.now()
	return SessionRow{Hash: id.Hash(), User: user, SignedInAt: now, ProvedAt: now, Visit: from}
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
