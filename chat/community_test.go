package chat_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

func TestSetUpAsksForAllItNeeds(t *testing.T) {
	t.Parallel()
	d := open(t)
	good := chat.NewCommunity{Name: "Ours", Username: "root", Password: goodPassword, Registration: chat.RegistrationOpen}
	for name, c := range map[string]struct {
		change       func(*chat.NewCommunity)
		field, wrong string
	}{
		"no name":             {func(in *chat.NewCommunity) { in.Name = " \n\u200b " }, "community", "community.missing"},
		"long name":           {func(in *chat.NewCommunity) { in.Name = strings.Repeat("é", 81) }, "community", "community.long"},
		"no registration":     {func(in *chat.NewCommunity) { in.Registration = "" }, "registration", "registration.missing"},
		"other registration":  {func(in *chat.NewCommunity) { in.Registration = "Open" }, "registration", "registration.missing"},
		"no username":         {func(in *chat.NewCommunity) { in.Username = "" }, "username", "username.short"},
		"a username reserved": {func(in *chat.NewCommunity) { in.Username = "Everyone" }, "username", "username.reserved"},
		"short password":      {func(in *chat.NewCommunity) { in.Password = "short" }, "password", "password.short"},
	} {
		t.Run(name, func(t *testing.T) {
			in := good
			c.change(&in)
			_, err := d.Community.SetUp(t.Context(), chat.Visit{}, in)
			refused(t, err, c.field, c.wrong)
		})
	}
	if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM users`); n != 0 {
		t.Errorf("%d accounts", n)
	}
}

// Ten people hold the set-up link at once: one of them becomes the administrator, the others find nothing.
func TestSetUpWorksOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	var all sync.WaitGroup
	var mu sync.Mutex
	var won []chat.SessionID
	for i := range 10 {
		all.Go(func() {
			name := string(rune('a'+i)) + "-root"
			id, err := d.Community.SetUp(t.Context(), chat.Visit{}, chat.NewCommunity{
				Name: " The " + name, Username: name, Password: goodPassword, Registration: chat.RegistrationClosed,
			})
			if err != nil && !errors.Is(err, chat.ErrNotFound) {
				t.Error(err)
			}
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				won = append(won, id)
			}
		})
	}
	all.Wait()
	if len(won) != 1 {
		t.Fatalf("%d administrators", len(won))
	}
	session, err := d.Session(t.Context(), won[0].Hash())
	must(t, err)
	root := session.User
	if root.ID != 1 || root.Role != chat.RoleAdmin {
		t.Errorf("%+v", root)
	}
	settings, err := d.Settings(t.Context())
	must(t, err)
	same(t, settings, chat.Settings{
		Name: "The " + root.Username, Registration: chat.RegistrationClosed, Zone: "UTC", SetUpAt: d.Clock.Now(),
	})
	seen, err := d.Room(t.Context(), root.ID, 1)
	must(t, err)
	if seen.Name != "General" || seen.Kind != chat.RoomPublic || seen.Members != 1 || !seen.Joined() || seen.Membership.Role != chat.MemberOwner {
		t.Errorf("%+v", seen)
	}
	for table, want := range map[string]int{"users": 1, "sessions": 1, "rooms": 1, "memberships": 1} {
		if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM `+table); n != want {
			t.Errorf("%d %s, want %d", n, table, want)
		}
	}
}

// A node prints the link that sets a community up; a load balancer may take whoever follows it to another.
func TestTheSetupLinkOpensEveryNode(t *testing.T) {
	t.Parallel()
	one, other := chat.New(nil, []byte("the same secret"), time.Now), chat.New(nil, []byte("the same secret"), time.Now)
	stranger := chat.New(nil, []byte("another secret"), time.Now)
	token := one.SetupToken()
	if token != other.SetupToken() || token == stranger.SetupToken() || len(token) < 20 {
		t.Errorf("tokens: %s, %s and of a stranger %s", token, other.SetupToken(), stranger.SetupToken())
	}
}
