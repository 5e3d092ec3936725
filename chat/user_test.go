package chat_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

// openFor makes a community that has been set up, without the cost of a password.
func openFor(tb testing.TB, registration chat.Registration) *dbtest.DB {
	tb.Helper()
	d := open(tb)
	must(tb, d.Write(tb.Context(), 0, func(tx chat.Tx) error {
		return tx.SaveSettings(chat.Settings{Name: "Test", Registration: registration, Zone: "UTC", SetUpAt: d.Clock.Now()})
	}))
	return d
}

func TestRegister(t *testing.T) {
	t.Parallel()
	d := openFor(t, chat.RegistrationOpen)
	root := d.NewPerson(t, "root")
	general := d.NewRoom(t, chat.RoomPublic, "General", root)
	d.NewRoom(t, chat.RoomPublic, "Elsewhere", root)
	d.Exec(t, `UPDATE rooms SET is_default = TRUE WHERE id = $1`, general)
	d.Post(t, root, general, "hello")

	id, ann, err := d.Community.Register(t.Context(), chat.Visit{Address: "192.0.2.1", Browser: "Firefox\n\x00on  Linux"}, chat.NewUser{
		Username: " @Ann.B-2_ ", Password: "  päss phrase 👋🏽 ", DisplayName: " Ann\tB. " + strings.Repeat("👋", 73), Email: "Ann@Example.org",
	})
	must(t, err)
	want := chat.User{ID: root + 1, Username: "Ann.B-2_", DisplayName: "Ann B. " + strings.Repeat("👋", 73), Role: chat.RoleMember, CreatedAt: d.Clock.Now()}
	same(t, ann, want)
	session, err := d.Session(t.Context(), id.Hash())
	must(t, err)
	same(t, session, chat.Session{Hash: id.Hash(), User: want, SignedInAt: d.Clock.Now(), LastSeenAt: d.Clock.Now(), ProvedAt: d.Clock.Now()})
	if browser := dbtest.One[string](t, d, `SELECT browser FROM sessions`); browser != "Firefox on Linux" {
		t.Errorf("browser %q", browser)
	}

	rooms, err := d.RoomsOf(t.Context(), ann.ID)
	must(t, err)
	if len(rooms) != 1 || rooms[0].ID != general {
		t.Errorf("starts in %+v", rooms)
	}
	seen, err := d.Room(t.Context(), ann.ID, general)
	must(t, err)
	same(t, seen.Membership, &chat.Membership{Room: general, User: ann.ID, Role: chat.MemberPlain, ReadSeq: 1, JoinedAt: d.Clock.Now()})
	if seen.Members != 2 {
		t.Errorf("%d members", seen.Members)
	}

	_, _, err = d.Community.Register(t.Context(), chat.Visit{}, chat.NewUser{
		Username: "bob", Password: goodPassword, DisplayName: strings.Repeat("👋", 81),
	})
	refused(t, err, "display_name", "display_name.long")
	if _, err := d.Account(t.Context(), "ann@example.org"); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("an address that nobody checked names the account: %v", err)
	}
	if _, _, err := d.Community.SignIn(t.Context(), chat.Visit{}, "ANN.b-2_", "  päss phrase 👋🏽 "); err != nil {
		t.Errorf("cannot come back: %v", err)
	}
	if hash := dbtest.One[string](t, d, `SELECT password_hash FROM users WHERE id = $1`, ann.ID); hash[:30] != "$argon2id$v=19$m=47104,t=1,p=1" {
		t.Errorf("hash %s", hash)
	}
}

func TestRegistrationIsNotForEverybody(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]*dbtest.DB{
		"invite":         openFor(t, chat.RegistrationInvite),
		"closed":         openFor(t, chat.RegistrationClosed),
		"not yet set up": open(t),
	} {
		t.Run(name, func(t *testing.T) {
			_, user, err := d.Community.Register(t.Context(), chat.Visit{}, chat.NewUser{Username: "eve", Password: goodPassword})
			if !errors.Is(err, chat.ErrForbidden) || user.ID != 0 {
				t.Errorf("%+v, %v", user, err)
			}
			if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM users`) + dbtest.One[int](t, d, `SELECT COUNT(*) FROM sessions`); n != 0 {
				t.Errorf("%d traces", n)
			}
		})
	}
}

// Who asks first has the name, however it is written.
func TestOneNameOnePerson(t *testing.T) {
	t.Parallel()
	d := openFor(t, chat.RegistrationOpen)
	var all sync.WaitGroup
	answers := make(chan error, 4)
	for _, name := range []string{"ann", "Ann", "ANN", "@ann "} {
		all.Go(func() {
			_, _, err := d.Community.Register(t.Context(), chat.Visit{}, chat.NewUser{Username: name, Password: goodPassword})
			answers <- err
		})
	}
	all.Wait()
	close(answers)
	done := 0
	for err := range answers {
		if err == nil {
			done++
			continue
		}
		refused(t, err, "username", "username.taken")
	}
	if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM users`); done != 1 || n != 1 {
		t.Errorf("%d were told yes, %d accounts", done, n)
	}
	if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM sessions`); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

func TestAddUser(t *testing.T) {
	t.Parallel()
	d := open(t)
	add := func(name string, role chat.Role) chat.User {
		t.Helper()
		user, err := d.Community.AddUser(t.Context(), chat.NewUser{Username: name, Password: goodPassword, Email: name + "@example.org"}, role)
		must(t, err)
		return user
	}
	add("early", chat.RoleMember)
	settings, err := d.Settings(t.Context())
	must(t, err)
	if settings.SetUp() {
		t.Error("somebody who is no administrator ended set-up")
	}

	add("root", chat.RoleAdmin)
	settings, err = d.Settings(t.Context())
	must(t, err)
	same(t, settings, chat.Settings{Name: "Chinwag", Registration: chat.RegistrationInvite, Zone: "UTC", SetUpAt: d.Clock.Now()})

	must(t, d.Write(t.Context(), 0, func(tx chat.Tx) error {
		settings.Name = "Ours"
		return tx.SaveSettings(settings)
	}))
	second := add("second", chat.RoleAdmin)
	settings, err = d.Settings(t.Context())
	must(t, err)
	if settings.Name != "Ours" {
		t.Errorf("the second administrator set it up again: %+v", settings)
	}
	same(t, dbtest.All[string](t, d, `SELECT name FROM rooms`), []string{"General"})
	rooms, err := d.RoomsOf(t.Context(), second.ID)
	must(t, err)
	if len(rooms) != 1 || rooms[0].Name != "General" {
		t.Errorf("starts in %+v", rooms)
	}

	_, user, err := d.Community.SignIn(t.Context(), chat.Visit{}, "SECOND@example.org", goodPassword)
	must(t, err) // whoever runs the server vouched for the address
	same(t, user, second)
	if second.Role != chat.RoleAdmin {
		t.Errorf("role %s", second.Role)
	}
}

// Whoever was added before set-up is in the first room like everybody who comes later.
func TestPeopleFromBeforeSetUpAreInTheFirstRoom(t *testing.T) {
	t.Parallel()
	d := open(t)
	for name, role := range map[string]chat.Role{"ann": chat.RoleMember, "bob": chat.RoleMember} {
		_, err := d.Community.AddUser(t.Context(), chat.NewUser{Username: name, Password: goodPassword}, role)
		must(t, err)
	}
	_, err := d.Community.AddUser(t.Context(), chat.NewUser{Username: "root", Password: goodPassword}, chat.RoleAdmin)
	must(t, err)
	same(t, dbtest.One[int64](t, d, "SELECT members FROM rooms"), 3)
	same(t, dbtest.One[int64](t, d, "SELECT COUNT(*) FROM memberships"), 3)
}

// A verified address is one person's; to ask for it again is refused in words.
func TestAVerifiedAddressIsOnePersons(t *testing.T) {
	t.Parallel()
	d := open(t)
	_, err := d.Community.AddUser(t.Context(), chat.NewUser{Username: "ann", Password: goodPassword, Email: "a@example.org"}, chat.RoleMember)
	must(t, err)
	_, err = d.Community.AddUser(t.Context(), chat.NewUser{Username: "bob", Password: goodPassword, Email: "A@Example.org"}, chat.RoleMember)
	refused(t, err, "email", "email.taken")
}
