package chat_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

func TestKeyNamesItsAuthor(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	seen := map[string]bool{}
	for _, author := range []chat.UserID{1, 2, 255, 256, 1<<32 - 1} {
		for range 20 {
			key := h.Community.NewKey(author)
			if got, ok := h.Community.KeyAuthor(key); !ok || got != author {
				t.Errorf("%s: %d, %v; want %d", key, got, ok, author)
			}
			if seen[key] || !regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`).MatchString(key) {
				t.Errorf("%q", key)
			}
			seen[key] = true
		}
	}
}

// Nobody but this installation makes a key that names somebody.
func TestKeyCannotBeForged(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	key := h.Community.NewKey(h.ann)
	elsewhere := chat.New(h, []byte(strings.Repeat("x", 32)), time.Now).NewKey(h.ann)
	forged := map[string]string{
		"none": "", "a token": chat.NewToken(16), "as long": strings.Repeat("A", len(key)), "cut": key[1:], "cut at the end": key[:len(key)-1],
		"longer": key + "A", "of another installation": elsewhere, "not base64": strings.Repeat("!", len(key)), "padded": key + "==",
		"in two lines": key[:9] + "\n" + key[9:],
	}
	for i, c := range key {
		other := byte('A')
		if c == 'A' {
			other = 'B'
		}
		forged[key[:i]+"*"+key[i+1:]] = key[:i] + string(other) + key[i+1:]
	}
	for name, key := range forged {
		if author, ok := h.Community.KeyAuthor(key); ok || author != 0 {
			t.Errorf("%s: %d, %v", name, author, ok)
		}
	}
}

// A key that was made for somebody sends nobody else's text.
func TestPostUnderSomebodyElsesKey(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	key := h.Community.NewKey(h.ann)
	_, err := h.Community.Post(t.Context(), h.mia, h.public, "hello", key)
	refused(t, err, "body", "message.key")
	for range 2 {
		if seq, err := h.Community.Post(t.Context(), h.ann, h.public, "hello", key); err != nil || seq != 1 {
			t.Errorf("%d, %v", seq, err)
		}
	}
	if n := dbtest.One[int](t, h.DB, `SELECT COUNT(*) FROM messages`); n != 1 {
		t.Errorf("%d messages", n)
	}
}

func FuzzKeyAuthor(f *testing.F) {
	c := chat.New(nil, []byte(strings.Repeat("k", 32)), time.Now)
	f.Add(c.NewKey(7))
	f.Add("")
	f.Add(strings.Repeat("A", 48))
	f.Fuzz(func(t *testing.T, key string) {
		author, ok := c.KeyAuthor(key)
		if !ok && author != 0 {
			t.Errorf("%q is nobody's and names %d", key, author)
		}
		if ok && len(key) != len(c.NewKey(author)) {
			t.Errorf("%q has another spelling", key)
		}
	})
}
