package db_test

import (
	"errors"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

// signIn stores a session of somebody.
func signIn(tb testing.TB, d *dbtest.DB, user chat.UserID) chat.SessionHash {
	tb.Helper()
	hash := chat.SessionID(chat.NewToken(32)).Hash()
	must(tb, d.Write(tb.Context(), 0, func(tx chat.Tx) error {
		return tx.CreateSession(chat.SessionRow{
			Hash: hash, User: user, SignedInAt: d.Clock.Now(), Visit: chat.Visit{Address: "192.0.2.1", Browser: "Firefox"},
		})
	}))
	return hash
}

func TestSession(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := d.NewPerson(t, "Ann")
	d.Exec(t, `UPDATE users SET display_name = 'Ann A.', role = 'admin', face_rev = 2`)
	hash := signIn(t, d, ann)
	begin := d.Clock.Now()
	want := chat.Session{
		Hash: hash, SignedInAt: begin, LastSeenAt: begin,
		User: chat.User{ID: ann, Username: "Ann", DisplayName: "Ann A.", Role: chat.RoleAdmin, FaceRev: 2, CreatedAt: begin},
	}
	s, err := d.Session(t.Context(), hash)
	must(t, err)
	same(t, s, want)

	d.Clock.Move(time.Hour)
	must(t, d.Write(t.Context(), 0, func(tx chat.Tx) error { return tx.TouchSession(hash, d.Clock.Now()) }))
	want.LastSeenAt = d.Clock.Now()
	s, err = d.Session(t.Context(), hash)
	must(t, err)
	same(t, s, want)
}

func TestSessionsThatEnded(t *testing.T) {
	t.Parallel()
	d := open(t)
	for name, end := range map[string]func(hash chat.SessionHash, user chat.UserID){
		"signed out": func(hash chat.SessionHash, user chat.UserID) {
			must(t, d.Write(t.Context(), 0, func(tx chat.Tx) error {
				whose, err := tx.DeleteSession(hash)
				if whose != user {
					t.Errorf("it was that of %d, want %d", whose, user)
				}
				return err
			}))
		},
		"account disabled": func(_ chat.SessionHash, user chat.UserID) {
			d.Exec(t, `UPDATE users SET disabled = TRUE WHERE id = $1`, user)
		},
	} {
		t.Run(name, func(t *testing.T) {
			user := d.NewPerson(t, name)
			hash, other := signIn(t, d, user), signIn(t, d, d.NewPerson(t, "not "+name))
			end(hash, user)
			if s, err := d.Session(t.Context(), hash); !errors.Is(err, chat.ErrNotFound) || s.User.ID != 0 {
				t.Errorf("it goes on: %+v, %v", s, err)
			}
			_, err := d.Session(t.Context(), other)
			must(t, err)
		})
	}
	if _, err := d.Session(t.Context(), "never there"); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("no session: %v", err)
	}
}

func TestSecurityRevRises(t *testing.T) {
	t.Parallel()
	d := open(t)
	last, err := d.SecurityRev(t.Context())
	must(t, err)
	for range 3 {
		must(t, d.Write(t.Context(), 0, func(tx chat.Tx) error { return tx.MoveSecurity() }))
		rev, err := d.SecurityRev(t.Context())
		must(t, err)
		if rev <= last {
			t.Errorf("%d after %d", rev, last)
		}
		last = rev
	}
}
