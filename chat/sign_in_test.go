package chat_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// signsIn begins a session of somebody with goodPassword.
func signsIn(t *testing.T, d *dbtest.DB, name string) chat.Session {
	t.Helper()
	id, _, err := d.Community.SignIn(t.Context(), chat.Visit{Address: "192.0.2.1", Browser: "Firefox"}, name, goodPassword)
	must(t, err)
	return sessionOf(t, d, id.Hash())
}

// sessionOf reads a session that must be there.
func sessionOf(t *testing.T, d *dbtest.DB, hash chat.SessionHash) chat.Session {
	t.Helper()
	session, err := d.Session(t.Context(), hash)
	must(t, err)
	return session
}

// hasEnded says whether a session can be used no more.
func hasEnded(t *testing.T, d *dbtest.DB, s chat.Session) bool {
	t.Helper()
	_, err := d.Session(t.Context(), s.Hash)
	if err != nil && !errors.Is(err, chat.ErrNotFound) {
		t.Fatal(err)
	}
	return err != nil
}

// replaced says whether the open pages of a session are told to come back with another.
func replaced(t *testing.T, d *dbtest.DB, s chat.Session) bool {
	t.Helper()
	page := db.Access{Session: s.Hash}
	granted, err := d.Granted(t.Context(), []db.Access{page})
	must(t, err)
	return granted[page].Replaced
}

func securityRev(t *testing.T, d *dbtest.DB) int64 {
	t.Helper()
	rev, err := d.SecurityRev(t.Context())
	must(t, err)
	return rev
}

func TestS13_SessionsAreFreshForTenMinutes(t *testing.T) {
	t.Parallel()
	d := open(t)
	member(t, d, "ann")
	s := signsIn(t, d, "ann")
	for _, step := range []struct {
		on    time.Duration
		fresh bool
	}{{0, true}, {10*time.Minute - 1, true}, {1, false}, {time.Hour, false}, {-3 * time.Hour, false}} { // the last: it was typed by a clock far ahead
		d.Clock.Move(step.on)
		if d.Community.Fresh(s) != step.fresh {
			t.Errorf("%v on: fresh %v", step.on, !step.fresh)
		}
	}
	must(t, d.Community.Touch(t.Context(), s))
	if d.Community.Fresh(sessionOf(t, d, s.Hash)) {
		t.Error("using it made it fresh")
	}
}

func TestS08_ProvingGoesOnUnderANewID(t *testing.T) {
	t.Parallel()
	d := open(t)
	member(t, d, "ann")
	other, old := signsIn(t, d, "ann"), signsIn(t, d, "ann")
	begin, before := d.Clock.Now(), securityRev(t, d)
	d.Clock.Move(time.Hour)
	id, err := d.Community.Prove(t.Context(), old, chat.Visit{Address: "192.0.2.2"}, goodPassword)
	must(t, err)

	s := sessionOf(t, d, id.Hash())
	if s.Hash == old.Hash || !d.Community.Fresh(s) || !s.SignedInAt.Equal(begin) || s.User.ID != old.User.ID {
		t.Errorf("it goes on as %+v", s)
	}
	if !hasEnded(t, d, old) || !replaced(t, d, old) || hasEnded(t, d, other) {
		t.Error("the id before it can be used, its pages are not told to come back, or another session ended")
	}
	same(t, d.Events.List(), []chat.Event{{Kind: chat.SessionEnded, Session: old.Hash, User: old.User.ID}})
	if after := securityRev(t, d); after <= before {
		t.Errorf("security_rev %d after %d", after, before)
	}
	late := chat.WithSession(t.Context(), old.Hash)
	if _, err := d.Community.CreateRoom(late, old.User.ID, chat.NewRoom{Name: "Late", Kind: chat.RoomPublic}); !errors.Is(err, chat.ErrSignedOut) {
		t.Errorf("a request under the id before it: %v", err)
	}

	d.Clock.Move(3 * time.Minute)
	id, err = d.Community.Prove(t.Context(), s, chat.Visit{}, goodPassword)
	must(t, err)
	if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM sessions`); n != 3 || replaced(t, d, old) || !replaced(t, d, s) {
		t.Errorf("%d sessions are kept, want the other, %s and the one before it", n, id.Hash())
	}
}

func TestS13_ProvingTakesThePasswordOfALivingSession(t *testing.T) {
	t.Parallel()
	d := open(t)
	member(t, d, "ann")
	s := signsIn(t, d, "ann")
	d.Clock.Move(time.Hour)
	for name, wrong := range map[string]string{"another": goodPassword + "x", "none": "", "shorter": goodPassword[1:]} {
		t.Run(name, func(t *testing.T) {
			id, err := d.Community.Prove(t.Context(), s, chat.Visit{}, wrong)
			refused(t, err, "current", "password.not_yours")
			if id != "" || hasEnded(t, d, s) || d.Community.Fresh(sessionOf(t, d, s.Hash)) {
				t.Error("and did something")
			}
		})
	}
	must(t, d.Community.SignOut(t.Context(), s.Hash))
	if _, err := d.Community.Prove(t.Context(), s, chat.Visit{}, goodPassword); !errors.Is(err, chat.ErrSignedOut) {
		t.Errorf("a session that ended: %v", err)
	}
	if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM sessions`); n != 0 {
		t.Errorf("%d sessions", n)
	}
}

// Hashing takes a while. What happens in that time counts.
func TestS13_ProvingSeesWhatHappensMeanwhile(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"disabled":     `UPDATE users SET disabled = TRUE`,
		"new password": `UPDATE users SET password_hash = '$argon2id$v=19$m=47104,t=1,p=1$AAAA$AAAA'`,
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			member(t, d, "ann")
			s := signsIn(t, d, "ann")
			community := chat.New(meanwhile{d, func() { d.Exec(t, change) }}, make([]byte, 32), d.Clock.Now)
			_, err := community.Prove(t.Context(), s, chat.Visit{}, goodPassword)
			refused(t, err, "current", "password.not_yours")
			_, err = community.ChangePassword(t.Context(), s, chat.Visit{}, goodPassword, "another horse, another battery")
			refused(t, err, "current", "password.not_yours")
			if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM sessions`); n != 1 {
				t.Errorf("%d sessions", n)
			}
		})
	}
}

// Of two pages that prove one session at once, one goes on.
func TestS08_ASessionIsReplacedOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	member(t, d, "ann")
	s := signsIn(t, d, "ann")
	results := make([]error, 4)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() { _, results[i] = d.Community.Prove(context.Background(), s, chat.Visit{}, goodPassword) })
	}
	all.Wait()
	done := 0
	for _, err := range results {
		if err == nil {
			done++
		} else if !errors.Is(err, chat.ErrSignedOut) {
			t.Error(err)
		}
	}
	if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM sessions WHERE NOT replaced`); done != 1 || n != 1 {
		t.Errorf("it goes on %d times, as %d sessions", done, n)
	}
}
