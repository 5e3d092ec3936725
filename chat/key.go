package chat

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"regexp"
)

// keyShape is what a send's key may look like; ours are 32 characters of base64url.
var keyShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Where the parts of a key of ours end, in bytes. It begins with the time, as UUIDs of version 7 do (RFC 9562, section 5.7), so that
// the newest keys stand together in the index that finds them. Together the parts fill base64url without a spare bit: a
// key has one spelling.
const (
	keyTime   = 6             // milliseconds since 1970
	keyRandom = keyTime + 4   // random bytes
	keyNamed  = keyRandom + 4 // its author's number; people are numbered from 1 and never become so many
	keyLength = keyNamed + 10 // a seal of all these
)

// NewKey makes the key of one send, which makes repeating it harmless. It names its author and cannot be forged, so that
// a text which waits for somebody to sign in again goes out in nobody else's name.
func (c *Community) NewKey(author UserID) string {
	key := binary.BigEndian.AppendUint64(make([]byte, 0, keyLength), uint64(c.now().UnixMilli())<<16)[:keyRandom]
	_, _ = rand.Read(key[keyTime:]) // never fails: crypto/rand ends the program instead
	key = binary.BigEndian.AppendUint32(key, uint32(author))
	return base64.RawURLEncoding.EncodeToString(append(key, c.sealKey(key)...))
}

// KeyAuthor says for whom a key was made; false for one that this installation did not make.
func (c *Community) KeyAuthor(key string) (UserID, bool) {
	if !keyShape.MatchString(key) { // base64 overlooks line breaks
		return 0, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil || len(raw) != keyLength || !hmac.Equal(raw[keyNamed:], c.sealKey(raw[:keyNamed])) {
		return 0, false
	}
	return UserID(binary.BigEndian.Uint32(raw[keyRandom:])), true
}

func (c *Community) sealKey(named []byte) []byte {
	return c.derived("key of a send", named)[:keyLength-keyNamed]
}

// derived is what follows from the installation's secret for something. The words keep each use of the secret apart from the
// others.
func (c *Community) derived(use string, of []byte) []byte {
	mac := hmac.New(sha256.New, c.key)
	_, _ = mac.Write([]byte(use)) // a hash never fails
	_, _ = mac.Write(of)
	return mac.Sum(nil)
}

// derivedFor is what follows from it for a number, in base64url.
func (c *Community) derivedFor(use string, number int64) string {
	return base64.RawURLEncoding.EncodeToString(c.derived(use, binary.BigEndian.AppendUint64(nil, uint64(number))))
}
