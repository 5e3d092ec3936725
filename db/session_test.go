package db_test

import (
	"errors"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db"
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
		Hash: hash, SignedInAt: begin, LastSeenAt: begin, ProvedAt: begin,
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

// A session that an older program made says nothing of when the password was typed: it was at signing in.
func TestSessionsOfOlderPrograms(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := d.NewPerson(t, "ann")
	begin := d.Clock.Now().Add(-time.Hour)
	d.Exec(t, `INSERT INTO sessions (id_hash, user_id, signed_in_at, last_seen_at, address, browser) VALUES ('old', $1, $2, $2, '', '')`,
		ann, begin.UnixMilli())
	s, err := d.Session(t.Context(), "old")
	must(t, err)
	if !s.ProvedAt.Equal(begin) {
		t.Errorf("proved at %v", s.ProvedAt)
	}
}

func TestDevices(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann, bob := d.NewPerson(t, "ann"), d.NewPerson(t, "bob")
	begin := d.Clock.Now()
	first := signIn(t, d, ann)
	signIn(t, d, bob)
	d.Clock.Move(time.Hour)
	second, gone := signIn(t, d, ann), signIn(t, d, ann)
	replace(t, d, gone)
	device := func(hash chat.SessionHash, since time.Time) chat.Device {
		return chat.Device{
			Session: chat.Session{Hash: hash, User: chat.User{ID: ann, Role: chat.RoleMember}, SignedInAt: since, LastSeenAt: since, ProvedAt: since},
			Visit:   chat.Visit{Address: "192.0.2.1", Browser: "Firefox"},
		}
	}
	want := []chat.Device{device(second, d.Clock.Now()), device(first, begin)}
	devices, err := d.Devices(t.Context(), ann)
	must(t, err)
	same(t, devices, want)

	d.Clock.Move(time.Minute)
	must(t, d.Write(t.Context(), 0, func(tx chat.Tx) error { return tx.TouchSession(first, d.Clock.Now()) }))
	devices, err = d.Devices(t.Context(), ann)
	must(t, err)
	want[1].LastSeenAt = d.Clock.Now()
	same(t, devices, []chat.Device{want[1], want[0]})
}

// replace has a session's owner go on elsewhere.
func replace(tb testing.TB, d *dbtest.DB, hash chat.SessionHash) {
	tb.Helper()
	must(tb, d.Write(tb.Context(), 0, func(tx chat.Tx) error { return tx.ReplaceSession(hash, d.Clock.Now()) }))
}

// A session that goes on under another id is no session: only open pages are told apart what became of it.
func TestS08_ReplacedSessionsAreNone(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := d.NewPerson(t, "ann")
	hash := signIn(t, d, ann)
	replace(t, d, hash)
	if _, err := d.Session(t.Context(), hash); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("it can be used: %v", err)
	}
	if since := dbtest.One[int64](t, d, `SELECT signed_in_at FROM sessions`); since != 0 {
		t.Errorf("nodes of an older program, which know no such sessions, take it for one that began at %d", since)
	}
	d.Clock.Move(time.Minute)
	must(t, d.Write(t.Context(), 0, func(tx chat.Tx) error {
		alive, err := tx.SessionAlive(hash)
		if alive {
			t.Error("writes can be made in it")
		}
		if err != nil {
			return err
		}
		return tx.TouchSession(hash, d.Clock.Now())
	}))
	page := db.Access{Session: hash}
	granted, err := d.Granted(t.Context(), []db.Access{page})
	must(t, err)
	if g := granted[page]; !g.Replaced || !g.Session.LastSeenAt.Equal(d.Clock.Now().Add(-time.Minute)) {
		t.Errorf("an open page is told %+v", g)
	}
	forget := func() int {
		now := d.Clock.Now()
		must(t, d.Write(t.Context(), 0, func(tx chat.Tx) error {
			return tx.DeleteOldSessions(ann, now.Add(-time.Hour), now.Add(-time.Hour), now.Add(-2*time.Minute))
		}))
		return dbtest.One[int](t, d, `SELECT COUNT(*) FROM sessions`)
	}
	d.Clock.Move(time.Minute)
	if n := forget(); n != 1 {
		t.Errorf("%d after two minutes", n)
	}
	d.Clock.Move(time.Millisecond)
	if n := forget(); n != 0 {
		t.Errorf("%d after that", n)
	}
}

func TestS11_SessionsEndTogether(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann, bob := d.NewPerson(t, "ann"), d.NewPerson(t, "bob")
	one, two, bobs := signIn(t, d, ann), signIn(t, d, ann), signIn(t, d, bob)
	replace(t, d, signIn(t, d, ann))
	left := func(but chat.SessionHash) []string {
		must(t, d.Write(t.Context(), 0, func(tx chat.Tx) error { return tx.DeleteSessions(ann, but) }))
		return dbtest.All[string](t, d, `SELECT id_hash FROM sessions ORDER BY user_id`)
	}
	same(t, left(two), []string{string(two), string(bobs)})
	same(t, left(one), []string{string(bobs)})
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
