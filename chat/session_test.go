package chat_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

// member makes somebody who can sign in.
func member(t *testing.T, d *dbtest.DB, name string) chat.User {
	t.Helper()
	user, err := d.Community.AddUser(t.Context(), chat.NewUser{Username: name, Password: goodPassword}, chat.RoleMember)
	must(t, err)
	return user
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := member(t, d, "Ann")
	d.Clock.Move(time.Hour)
	for _, name := range []string{"Ann", " aNN\n"} {
		id, user, err := d.Community.SignIn(t.Context(), chat.Visit{Address: "192.0.2.1", Browser: strings.Repeat("é", 200)}, name, goodPassword)
		must(t, err)
		same(t, user, ann)
		session, err := d.Session(t.Context(), id.Hash())
		must(t, err)
		same(t, session, chat.Session{
			Hash: id.Hash(), User: ann, SignedInAt: d.Clock.Now(), LastSeenAt: d.Clock.Now(), ProvedAt: d.Clock.Now(),
		})
		browser := dbtest.One[string](t, d, `SELECT browser FROM sessions WHERE id_hash = $1`, string(id.Hash()))
		if len(browser) > 310 || !strings.HasPrefix(browser, "ééé") {
			t.Errorf("browser %q", browser)
		}
	}
	if n := dbtest.One[int](t, d, `SELECT COUNT(DISTINCT id_hash) FROM sessions WHERE address = '192.0.2.1'`); n != 2 {
		t.Errorf("%d sessions, want 2", n)
	}
}

// Whatever is wrong, the answer is the same, and no session is made.
func TestSignInSaysNothingOfWhatIsWrong(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := member(t, d, "ann")
	d.NewPerson(t, "nopassword")
	d.Exec(t, `UPDATE users SET email = 'ann@example.org', email_key = 'ann@example.org' WHERE id = $1`, ann.ID)
	bob := member(t, d, "bob")
	d.Exec(t, `UPDATE users SET disabled = TRUE WHERE id = $1`, bob.ID)
	for name, c := range map[string]struct{ name, password string }{
		"wrong password":             {"ann", goodPassword + "x"},
		"last character missing":     {"ann", goodPassword[:len(goodPassword)-1]},
		"no password":                {"ann", ""},
		"far too long":               {"ann", strings.Repeat("x", 100_000)},
		"nobody":                     {"eve", goodPassword},
		"no name":                    {"", goodPassword},
		"an address nobody verified": {"ann@example.org", goodPassword},
		"disabled":                   {"bob", goodPassword},
		"an account without one":     {"nopassword", ""},
		"SQL":                        {"' OR '1'='1", goodPassword},
	} {
		t.Run(name, func(t *testing.T) {
			id, user, err := d.Community.SignIn(t.Context(), chat.Visit{}, c.name, c.password)
			refused(t, err, "password", "login.wrong")
			if id != "" || user.ID != 0 {
				t.Errorf("and gave %q, %+v", id, user)
			}
		})
	}
	if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM sessions`); n != 0 {
		t.Errorf("%d sessions", n)
	}
}

// meanwhile is a store in which something happens just before a rule runs.
type meanwhile struct {
	*dbtest.DB
	happens func()
}

func (m meanwhile) Write(ctx context.Context, room chat.RoomID, fn func(chat.Tx) error) error {
	m.happens()
	return m.DB.Write(ctx, room, fn)
}

// Hashing takes a while. What happens to the account in that time counts.
func TestSignInSeesWhatHappensMeanwhile(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"disabled":     `UPDATE users SET disabled = TRUE`,
		"new password": `UPDATE users SET password_hash = '$argon2id$v=19$m=47104,t=1,p=1$AAAA$AAAA'`,
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			member(t, d, "ann")
			community := chat.New(meanwhile{d, func() { d.Exec(t, change) }}, make([]byte, 32), d.Clock.Now)
			_, _, err := community.SignIn(t.Context(), chat.Visit{}, "ann", goodPassword)
			refused(t, err, "password", "login.wrong")
			if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM sessions`); n != 0 {
				t.Errorf("%d sessions", n)
			}
		})
	}
}

// A password hashed at an older cost is hashed again when its owner comes by.
func TestSignInRenewsOldHashes(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := d.NewPerson(t, "ann")
	enc := base64.RawStdEncoding.EncodeToString
	salt := []byte("sixteen bytes!!!")
	old := "$argon2id$v=19$m=8192,t=2,p=1$" + enc(salt) + "$" + enc(argon2.IDKey([]byte(goodPassword), salt, 2, 8192, 1, 32))
	d.Exec(t, `UPDATE users SET password_hash = $1 WHERE id = $2`, old, ann)
	hash := func() string { return dbtest.One[string](t, d, `SELECT password_hash FROM users`) }

	_, _, err := d.Community.SignIn(t.Context(), chat.Visit{}, "ann", "not "+goodPassword)
	refused(t, err, "password", "login.wrong")
	if hash() != old {
		t.Error("a wrong password renewed the hash")
	}
	for range 2 {
		_, _, err = d.Community.SignIn(t.Context(), chat.Visit{}, "ann", goodPassword)
		must(t, err)
		if !strings.HasPrefix(hash(), "$argon2id$v=19$m=47104,t=1,p=1$") {
			t.Errorf("still %s", hash())
		}
	}
}

// The id of a session is a secret of 32 random bytes that stands nowhere on disk.
func TestSessionIDs(t *testing.T) {
	t.Parallel()
	shape := regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	seen := map[string]bool{}
	for range 1000 {
		id := chat.NewToken(32)
		if !shape.MatchString(id) || seen[id] {
			t.Fatalf("id %q", id)
		}
		seen[id] = true
	}

	d := open(t)
	member(t, d, "ann")
	id, _, err := d.Community.SignIn(t.Context(), chat.Visit{}, "ann", goodPassword)
	must(t, err)
	raw, err := base64.RawURLEncoding.DecodeString(string(id))
	must(t, err)
	found := false
	for _, file := range dbtest.Files(t, d.Place) {
		content, err := os.ReadFile(file)
		must(t, err)
		found = found || bytes.Contains(content, []byte(id.Hash()))
		if bytes.Contains(content, []byte(id)) || bytes.Contains(content, raw) || bytes.Contains(content, []byte(goodPassword)) {
			t.Errorf("%s holds a secret", file)
		}
	}
	if !found {
		t.Error("looked in the wrong place")
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := member(t, d, "ann")
	id, _, err := d.Community.SignIn(t.Context(), chat.Visit{}, "ann", goodPassword)
	must(t, err)
	other, _, err := d.Community.SignIn(t.Context(), chat.Visit{}, "ann", goodPassword)
	must(t, err)
	before, err := d.SecurityRev(t.Context())
	must(t, err)

	must(t, d.Community.SignOut(t.Context(), id.Hash()))
	if _, err := d.Session(t.Context(), id.Hash()); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("it goes on: %v", err)
	}
	_, err = d.Session(t.Context(), other.Hash())
	must(t, err)
	same(t, d.Events.List(), []chat.Event{{Kind: chat.SessionEnded, Session: id.Hash(), User: ann.ID}})
	after, err := d.SecurityRev(t.Context())
	must(t, err)
	if after <= before {
		t.Errorf("security_rev %d after %d", after, before)
	}

	must(t, d.Community.SignOut(t.Context(), id.Hash()))
	must(t, d.Community.SignOut(t.Context(), "never there"))
	if again, err := d.SecurityRev(t.Context()); err != nil || again != after || len(d.Events.List()) != 1 {
		t.Errorf("signing out twice moved security_rev to %d, or was told twice: %v", again, err)
	}
}

// A session that is used is written at most once a minute.
func TestTouch(t *testing.T) {
	t.Parallel()
	d := open(t)
	member(t, d, "ann")
	id, _, err := d.Community.SignIn(t.Context(), chat.Visit{}, "ann", goodPassword)
	must(t, err)
	begin := d.Clock.Now()
	seen := func() time.Duration {
		t.Helper()
		session, err := d.Session(t.Context(), id.Hash())
		must(t, err)
		must(t, d.Community.Touch(t.Context(), session))
		session, err = d.Session(t.Context(), id.Hash())
		must(t, err)
		return session.LastSeenAt.Sub(begin)
	}
	for _, step := range []struct{ on, want time.Duration }{
		{0, 0},
		{59 * time.Second, 0},
		{time.Second, time.Minute},
		{30 * time.Second, time.Minute},
		{-2 * time.Hour, time.Minute}, // somebody set the clock
		{5 * time.Hour, 3*time.Hour + 90*time.Second},
	} {
		d.Clock.Move(step.on)
		if got := seen(); got != step.want {
			t.Errorf("after %v: seen at %v, want %v", step.on, got, step.want)
		}
	}
}

func TestSessionsGrowOld(t *testing.T) {
	t.Parallel()
	const hour, day = time.Hour, 24 * time.Hour
	d := open(t)
	now := d.Clock.Now()
	for name, c := range map[string]struct {
		role             chat.Role
		signedIn, unused time.Duration
		alive            bool
	}{
		"just now":                     {chat.RoleMember, 0, 0, true},
		"unused for 14 days, nearly":   {chat.RoleMember, 20 * day, 14*day - 1, true},
		"unused for 14 days":           {chat.RoleMember, 20 * day, 14 * day, false},
		"90 days old, nearly":          {chat.RoleMember, 90*day - 1, 0, true},
		"90 days old":                  {chat.RoleMember, 90 * day, 0, false},
		"a moderator's, 13 hours old":  {chat.RoleModerator, 13 * hour, 0, true},
		"an administrator's, nearly":   {chat.RoleAdmin, 12*hour - 1, 0, true},
		"an administrator's, 12 hours": {chat.RoleAdmin, 12 * hour, 0, false},
		"from the future":              {chat.RoleMember, -2 * hour, -2 * hour, true}, // the clock was set back
	} {
		s := chat.Session{User: chat.User{Role: c.role}, SignedInAt: now.Add(-c.signedIn), LastSeenAt: now.Add(-c.unused)}
		if d.Community.Alive(s) != c.alive {
			t.Errorf("%s: alive %v", name, !c.alive)
		}
	}
}

// A request that was let in before its session ended stores nothing after it (S10).
func TestS10_RequestsInFlightEndWithTheirSession(t *testing.T) {
	t.Parallel()
	d := open(t)
	_, err := d.Community.SetUp(t.Context(), chat.Visit{}, chat.NewCommunity{
		Name: "Ours", Username: "root", Password: goodPassword, Registration: chat.RegistrationOpen,
	})
	must(t, err)
	id, root, err := d.Community.SignIn(t.Context(), chat.Visit{}, "@root", goodPassword)
	must(t, err)
	inFlight := chat.WithSession(t.Context(), id.Hash())
	writes := map[string]func() error{
		"post": func() error { _, err := d.Community.Post(inFlight, root.ID, 1, "late", "k1"); return err },
		"room": func() error {
			_, err := d.Community.CreateRoom(inFlight, root.ID, chat.NewRoom{Name: "Late", Kind: chat.RoomPublic})
			return err
		},
		"join":   func() error { return d.Community.Join(inFlight, root.ID, 1) },
		"leave":  func() error { return d.Community.Leave(inFlight, root.ID, 1) },
		"member": func() error { return d.Community.AddMember(inFlight, root.ID, 1, "root") },
	}
	must(t, writes["join"]())
	must(t, d.Community.SignOut(t.Context(), id.Hash()))
	for name, write := range writes {
		if err := write(); !errors.Is(err, chat.ErrSignedOut) {
			t.Errorf("%s after the sign-out: %v", name, err)
		}
	}
	same(t, dbtest.All[string](t, d, "SELECT name FROM rooms"), []string{"General"})
}

// Sessions that nobody can use any more go when their person signs in again.
func TestOldSessionsAreForgotten(t *testing.T) {
	t.Parallel()
	d := open(t)
	_, err := d.Community.AddUser(t.Context(), chat.NewUser{Username: "ann", Password: goodPassword}, chat.RoleMember)
	must(t, err)
	for range 2 {
		_, _, err = d.Community.SignIn(t.Context(), chat.Visit{}, "ann", goodPassword)
		must(t, err)
	}
	d.Clock.Move(15 * 24 * time.Hour)
	id, _, err := d.Community.SignIn(t.Context(), chat.Visit{}, "ann", goodPassword)
	must(t, err)
	same(t, dbtest.All[string](t, d, "SELECT id_hash FROM sessions"), []string{string(id.Hash())})
}
