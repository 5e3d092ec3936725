package chat

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Lengths of a password, in characters (OWASP ASVS 5.0, 6.2.1 and 6.2.9).
const (
	PasswordMin = 12
	PasswordMax = 128
)

// The cost of a hash: OWASP's Password Storage Cheat Sheet, argon2id with 46 MiB, one pass, one lane.
const (
	argonMemory = 46 * 1024 // KiB
	argonPasses = 1
	argonLanes  = 1
	argonSalt   = 16 // bytes
	argonKey    = 32 // bytes
	argonAtOnce = 2  // hashes at a time: 46 MiB each
)

const argonPrefix = "$argon2id$v=19$m=47104,t=1,p=1$"

// checkPassword refuses what is no good password for somebody. The names are those that others can tell of them: their own, the
// community's.
func checkPassword(password string, names ...string) error {
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		return invalid("password", "password.characters")
	case n < PasswordMin:
		return invalidLength("password", "password.short", PasswordMin)
	case n > PasswordMax:
		return invalidLength("password", "password.long", PasswordMax)
	case guessable(password, names...):
		return invalid("password", "password.common")
	}
	return nil
}

// hasher makes and checks password hashes, few at a time: each needs 46 MiB.
type hasher struct {
	slots chan struct{}
	decoy string // checked when there is no account, so that the answer takes as long
}

func newHasher() *hasher {
	h := &hasher{slots: make(chan struct{}, argonAtOnce)}
	h.decoy = encodeHash(make([]byte, argonSalt), make([]byte, argonKey))
	return h
}

// hash makes the PHC string of a password under a new salt. It waits for a free slot as long as ctx lets it.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // never fails: crypto/rand ends the program instead
	key, err := h.derive(ctx, password, salt, argonMemory, argonPasses)
	if err != nil {
		return "", err
	}
	return encodeHash(salt, key), nil
}

// verify says whether a password fits a hash. An empty hash fits nothing and takes as long as any other.
func (h *hasher) verify(ctx context.Context, encoded, password string) (bool, error) {
	known := encoded != ""
	if !known {
		encoded = h.decoy
	}
	memory, passes, salt, want, err := decodeHash(encoded)
	if err != nil {
		return false, err
	}
	if utf8.RuneCountInString(password) > PasswordMax {
		password, known = "", false // nobody has it; no work for megabytes
	}
	got, err := h.derive(ctx, password, salt, memory, passes)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && known, nil
}

// outdated says whether a hash was made at another cost than today's.
func (h *hasher) outdated(encoded string) bool { return !strings.HasPrefix(encoded, argonPrefix) }

func (h *hasher) derive(ctx context.Context, password string, salt []byte, memory, passes uint32) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to hash a password: %w: %w", ErrBusy, ctx.Err())
	}
	defer func() { <-h.slots }()
	return argon2.IDKey([]byte(password), salt, passes, memory, argonLanes, argonKey), nil
}

func encodeHash(salt, key []byte) string {
	enc := base64.RawStdEncoding
	return argonPrefix + enc.EncodeToString(salt) + "$" + enc.EncodeToString(key)
}

func decodeHash(encoded string) (memory, passes uint32, salt, key []byte, err error) {
	var lanes uint32
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != "v=19" {
		return 0, 0, nil, nil, fmt.Errorf("decode password hash: not argon2id version 19")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil || passes == 0 || lanes != argonLanes {
		return 0, 0, nil, nil, fmt.Errorf("decode password hash: cost %q", parts[3])
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return 0, 0, nil, nil, fmt.Errorf("decode password hash: salt: %w", err)
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return 0, 0, nil, nil, fmt.Errorf("decode password hash: key: %w", err)
	}
	return memory, passes, salt, key, nil
}
