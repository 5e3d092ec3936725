package chat

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"regexp"
)

// keyShape is what a send's key may look like; ours are 48 characters of base64url.
var keyShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// The parts of a key of ours, in bytes. Together they fill base64url without a spare bit: a key has one spelling.
const (
	keyRandom = 16
	keyNamed  = keyRandom + 8 // and its author's number
	keyLength = keyNamed + 12 // and a seal of both
)

// NewKey makes the key of one send, which makes repeating it harmless. It names its author and cannot be forged, so that
// a text which waits for somebody to sign in again goes out in nobody else's name.
func (c *Community) NewKey(author UserID) string {
	key := make([]byte, keyRandom, keyLength)
	_, _ = rand.Read(key) // never fails: crypto/rand ends the program instead
	key = binary.BigEndian.AppendUint64(key, uint64(author))
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
	return UserID(binary.BigEndian.Uint64(raw[keyRandom:])), true
}

func (c *Community) sealKey(named []byte) []byte {
	mac := hmac.New(sha256.New, c.key)
	_, _ = mac.Write([]byte("key of a send")) // a hash never fails; the words keep it apart from other uses of the secret
	_, _ = mac.Write(named)
	return mac.Sum(nil)[:keyLength-keyNamed]
}
