package chat

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
)

// A password is never cut and never changed.
func TestPasswordsAreTakenWhole(t *testing.T) {
	t.Parallel()
	h := newHasher()
	hundred := strings.Repeat("0123456789", 10)
	for name, c := range map[string]struct{ password, other string }{
		"the last character":   {"twelve chars!", "twelve chars"},
		"character 90 of 100":  {hundred, hundred[:90] + "x" + hundred[91:]},
		"a space at the end":   {"twelve chars ", "twelve chars"},
		"another form of an é": {"cafés au lait", "cafe\u0301s au lait"},
	} {
		t.Run(name, func(t *testing.T) {
			encoded, err := h.hash(t.Context(), c.password)
			if err != nil {
				t.Fatal(err)
			}
			for password, want := range map[string]bool{c.password: true, c.other: false} {
				if ok, err := h.verify(t.Context(), encoded, password); ok != want || err != nil {
					t.Errorf("%q: %v, %v", password, ok, err)
				}
			}
			if h.outdated(encoded) || !strings.HasPrefix(encoded, "$argon2id$v=19$m=47104,t=1,p=1$") {
				t.Errorf("made as %s", encoded)
			}
		})
	}
}

func TestSaltsDiffer(t *testing.T) {
	t.Parallel()
	h := newHasher()
	one, err := h.hash(t.Context(), "twelve chars")
	if err != nil {
		t.Fatal(err)
	}
	two, err := h.hash(t.Context(), "twelve chars")
	if err != nil || one == two {
		t.Errorf("%s twice, %v", one, err)
	}
}

// Nothing is hashed without a slot, whoever asks and whatever for, so that memory stays bounded and an answer that
// needs no hash cannot be told from one that does. Who has gone waits no longer.
func TestEveryHashWaitsForASlot(t *testing.T) {
	t.Parallel()
	h := newHasher()
	for range argonAtOnce {
		h.slots <- struct{}{}
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	for name, do := range map[string]func(context.Context) error{
		"hash":                   func(ctx context.Context) error { _, err := h.hash(ctx, "twelve chars"); return err },
		"verify":                 func(ctx context.Context) error { _, err := h.verify(ctx, h.decoy, "twelve chars"); return err },
		"verify without account": func(ctx context.Context) error { _, err := h.verify(ctx, "", "twelve chars"); return err },
		"verify of nothing":      func(ctx context.Context) error { _, err := h.verify(ctx, h.decoy, ""); return err },
		"verify of far too much": func(ctx context.Context) error {
			_, err := h.verify(ctx, h.decoy, strings.Repeat("x", 1<<20))
			return err
		},
		"verify of too much, none": func(ctx context.Context) error { _, err := h.verify(ctx, "", strings.Repeat("x", 1<<20)); return err },
	} {
		if err := do(gone); !errors.Is(err, ErrBusy) || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(h.slots) != argonAtOnce {
		t.Fatalf("%d slots are taken, want %d", len(h.slots), argonAtOnce)
	}
	waiting := make(chan error)
	go func() { _, err := h.hash(context.Background(), "twelve chars"); waiting <- err }()
	<-h.slots
	if err := <-waiting; err != nil {
		t.Error(err)
	}
	if len(h.slots) != argonAtOnce-1 {
		t.Errorf("%d slots are taken, want %d", len(h.slots), argonAtOnce-1)
	}
}

func TestNobodysPasswordFits(t *testing.T) {
	t.Parallel()
	h := newHasher()
	long := strings.Repeat("x", PasswordMax+1)
	for name, c := range map[string]struct{ encoded, password string }{
		"no account":            {"", "twelve chars"},
		"no account, nothing":   {"", ""},
		"longer than anybody's": {oldHash(""), long}, // none of it is hashed
	} {
		if ok, err := h.verify(t.Context(), c.encoded, c.password); ok || err != nil {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
}

// oldHash is a hash at a cost that is not today's.
func oldHash(password string) string {
	salt := []byte("sixteen bytes!!!")
	enc := base64.RawStdEncoding
	return "$argon2id$v=19$m=8192,t=2,p=1$" + enc.EncodeToString(salt) + "$" +
		enc.EncodeToString(argon2.IDKey([]byte(password), salt, 2, 8192, 1, 32))
}

func TestOldHashesStillFit(t *testing.T) {
	t.Parallel()
	h := newHasher()
	encoded := oldHash("twelve chars")
	if ok, err := h.verify(t.Context(), encoded, "twelve chars"); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	if !h.outdated(encoded) {
		t.Error("it counts as made today")
	}
}

func FuzzDecodeHash(f *testing.F) {
	f.Add(encodeHash(make([]byte, 16), make([]byte, 32)))
	f.Add(oldHash("x"))
	for _, s := range []string{
		"", "$", "$$$$$", "$argon2id$v=19$m=8,t=0,p=1$$", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA", "$argon2i$v=19$m=8,t=1,p=1$AAAA$AAAA",
		"$argon2id$v=19$m=-8,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=99999999999,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=8,t=1,p=1 $AAAA$AAAA",
		"$argon2id$v=19$m=4294967295,t=4294967295,p=1$AAAA$AAAA", "$2a$10$abcdefghijklmnopqrstuv",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, encoded string) {
		memory, passes, salt, key, err := decodeHash(encoded)
		if err != nil {
			if memory != 0 || passes != 0 || salt != nil || key != nil {
				t.Errorf("%q: half decoded", encoded)
			}
			return
		}
		if passes == 0 {
			t.Errorf("%q: no pass at all", encoded)
		}
		again := strings.Split(encoded, "$")
		enc := base64.RawStdEncoding
		if a, b, c, d, err := decodeHash(strings.Join(append(again[:4:4], enc.EncodeToString(salt), enc.EncodeToString(key)), "$")); err != nil ||
			a != memory || b != passes || string(c) != string(salt) || string(d) != string(key) {
			t.Errorf("%q does not come back", encoded)
		}
	})
}
