package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"chinwag/chat"
)

// admin is the administrator's browser, without a password that has to be hashed.
func (s *site) admin() *browser {
	s.t.Helper()
	return s.withRole("admin"+chat.NewToken(4), chat.RoleAdmin)
}

// withRole is somebody in General with a role in the community.
func (s *site) withRole(name string, role chat.Role, rooms ...chat.RoomID) *browser {
	s.t.Helper()
	b := s.settles(name, append(rooms, general)...)
	s.runs(`UPDATE users SET role = $1 WHERE id = $2`, string(role), b.me())
	return b
}

// registers says who may make an account.
func (s *site) registers(r chat.Registration) {
	s.t.Helper()
	must(s.t, s.db.Write(s.t.Context(), 0, func(tx chat.Tx) error {
		settings, err := tx.Settings()
		if err != nil {
			return err
		}
		settings.Registration = r
		return tx.SaveSettings(settings)
	}))
}

// invites makes an invitation by the page's form and gives the path that its link leads to.
func (b *browser) invites(fields ...string) string {
	b.t.Helper()
	b.submitsFrom("/invitations", "/invitations", fields...).is(http.StatusOK)
	return strings.TrimPrefix(b.page.copied(), b.site.origin())
}

// copied is the address that a page shows to be copied.
func (p *page) copied() string {
	p.t.Helper()
	field := p.byID("link")
	if field == nil {
		p.t.Fatalf("%s (%d) shows no link: %s", p.URL, p.Status, p.text())
	}
	return textRaw(field)
}

func TestAnInvitationBringsSomebodyInAndIntoItsRoom(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	den := s.room("Den", chat.RoomPrivate, 2)
	s.registers(chat.RegistrationInvite)
	root := s.root()
	link := root.invites("room", itoa(int(den)), "uses", "1", "days", "7")
	if !strings.HasPrefix(link, "/register?invite=") {
		t.Fatalf("the link is %q", link)
	}
	root.opens("/invitations").sees("Den", "0 of 1 used", "Works")

	eve := s.stranger()
	eve.opens("/register").sees("by invitation")
	p := eve.opens(link).is(http.StatusOK).sees("root invites you to Test, into the room Den.")
	if got := p.form("/register").Get("invite"); !strings.HasSuffix(link, got) || got == "" {
		t.Errorf("the form carries %q", got)
	}
	eve.submits("/register", "username", "a", "password", password).is(http.StatusUnprocessableEntity).sees("invites you")
	eve.submits("/register", "username", "eve", "password", password).is(http.StatusOK)
	eve.says(den, "thank you").is(http.StatusOK).sees("thank you")
	eve.opens(roomPath(general)).is(http.StatusOK)
	root.opens("/invitations").sees("1 of 1 used", "Used up")
	s.stranger().opens(link).is(http.StatusNotFound)
}

// Whoever has an account already is asked, and comes into the room by a form of their own.
func TestAnInvitationBringsSomebodyWithAnAccountIntoItsRoom(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	den := s.room("Den", chat.RoomPrivate, 2)
	link := s.root().invites("room", itoa(int(den)), "uses", "5", "days", "0")
	s.person("bob")
	bob := s.stranger()
	bob.opens(link)
	way := bob.page.find(func(n *node) bool { return strings.HasPrefix(attribute(n, "href"), "/login?next=") })
	if way == nil {
		t.Fatal("no way to sign in that keeps the invitation")
	}
	bob.submitsFrom(attribute(way, "href"), "/login", "username", "bob", "password", password).is(http.StatusOK).sees("root invites you", "Join Den")
	bob.get(roomPath(den)).is(http.StatusNotFound)
	bob.opens(link)
	bob.submits("/invitations/accept").is(http.StatusOK)
	if bob.page.URL != s.URL+roomPath(den) {
		t.Errorf("it leads to %s", bob.page.URL)
	}
	bob.says(den, "here I am").is(http.StatusOK)
	t.Run("again", func(t *testing.T) {
		bob := bob.in(t)
		if p := bob.opens(link).is(http.StatusOK); p.URL != s.URL+roomPath(den) {
			t.Errorf("it leads to %s", p.URL)
		}
		bob.post("/invitations/accept", "invite", strings.TrimPrefix(link, "/register?invite=")).is(http.StatusSeeOther)
		if n := s.number(`SELECT used FROM invitations`); n != 1 {
			t.Errorf("it was used %d times", n)
		}
	})
	t.Run("without a room", func(t *testing.T) {
		link := s.root().in(t).invites("room", "0")
		bob.in(t).opens(link).is(http.StatusOK).sees("nothing to do")
		bob.in(t).post("/invitations/accept", "invite", strings.TrimPrefix(link, "/register?invite=")).is(http.StatusSeeOther)
	})
}

func TestS23_FollowingAnInvitationChangesNothing(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	den := s.room("Den", chat.RoomPrivate, 1)
	root := s.admin()
	s.joins(root, den, 0)
	link := root.invites("room", itoa(int(den)))
	token := strings.TrimPrefix(link, "/register?invite=")
	for name, b := range map[string]*browser{"a stranger": s.stranger(), "bob": s.person("bob"), "whoever made it": root} {
		b.opens("/")
		before := s.state()
		for _, path := range []string{link, "/invitations/accept?invite=" + token, "/invitations/1", "/invitations"} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				t.Run(name+" "+method+" "+path[:min(20, len(path))], func(t *testing.T) {
					req := b.in(t).request(method, path, nil)
					req.Header.Set("Sec-Fetch-Site", "cross-site")
					b.in(t).do(req)
					s.unchanged(t, before)
				})
			}
		}
	}
}

// An open community takes whoever comes, and keeps what they typed when their invitation went away meanwhile.
func TestAnInvitationThatGoesAwayMeanwhile(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	link := s.admin().invites()
	eve := s.stranger()
	eve.opens(link)
	s.runs(`UPDATE invitations SET revoked_at = 1`)
	p := eve.submits("/register", "username", "eve", "password", password, "display_name", "Eve").is(http.StatusUnprocessableEntity).sees("works no more")
	if form := p.form("/register"); form.Has("invite") || form.Get("display_name") != "Eve" {
		t.Errorf("the form holds %v", form)
	}
	eve.submits("/register", "password", password).is(http.StatusOK)
	t.Run("where nobody may", func(t *testing.T) {
		s.registers(chat.RegistrationClosed)
		link := s.admin().in(t).invites()
		eve := s.stranger().in(t)
		eve.opens(link).is(http.StatusOK).sees("takes no new accounts")
		eve.post("/register", "username", "mallory", "password", password, "invite", strings.TrimPrefix(link, "/register?invite=")).is(http.StatusForbidden)
	})
}

func TestInvitationsAreMadeByThoseWhoKeepOrder(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	den := s.room("Den", chat.RoomPrivate, 0)
	root := s.root()
	root.invites("room", itoa(int(den)))
	max, bob := s.withRole("max", chat.RoleModerator), s.person("bob")
	before := s.state()
	bob.get("/invitations").is(http.StatusNotFound)
	bob.get("/invitations/1").is(http.StatusNotFound)
	bob.post("/invitations", "days", "7", "uses", "1", "room", "0").is(http.StatusForbidden)
	bob.post("/invitations/1/revoke").is(http.StatusForbidden)
	max.opens("/invitations").is(http.StatusOK).misses("Den")
	max.get("/invitations/1").is(http.StatusNotFound)
	max.post("/invitations/1/revoke").is(http.StatusNotFound)
	for name, fields := range map[string][]string{
		"days of its own": {"days", "8", "uses", "1", "room", "0"},
		"no days":         {"uses", "1", "room", "0"},
		"uses of its own": {"days", "1", "uses", "2", "room", "0"},
		"no number":       {"days", "1", "uses", "many", "room", "0"},
		"a hidden room":   {"days", "1", "uses", "1", "room", itoa(int(den))},
		"a missing room":  {"days", "1", "uses", "1", "room", "99"},
		"half a room":     {"days", "1", "uses", "1", "room", "-1"},
	} {
		t.Run(name, func(t *testing.T) {
			if p := max.in(t).post("/invitations", fields...).is(http.StatusUnprocessableEntity); p.alerts() == "" {
				t.Error("nothing says what is wrong")
			}
			s.unchanged(t, before)
		})
	}
	max.invites("days", "30", "uses", "25")
	max.opens("/invitations").sees("by max", "0 of 25 used")
	max.submitsFrom("/invitations/2", "/invitations/2/revoke").is(http.StatusOK)
	t.Run("S35: another administrator reads no name of a room that is not theirs", func(t *testing.T) {
		ada := s.admin().in(t)
		ada.opens("/invitations").is(http.StatusOK).sees("A private room").misses("Den")
		ada.opens("/invitations/1").sees("A private room").misses("Den")
		ada.opens("/admin/log").misses("Den")
	})
}

func TestS20_TokensOfInvitationsAreNotLogged(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	link := s.root().invites("room", "1")
	token := strings.TrimPrefix(link, "/register?invite=")
	eve := s.stranger()
	eve.opens(link)
	eve.submits("/register", "username", "a", "password", password).is(http.StatusUnprocessableEntity)
	eve.submits("/register", "username", "eve", "password", password).is(http.StatusOK)
	s.clock.forward(8 * 24 * time.Hour)
	s.stranger().opens(link).is(http.StatusNotFound)
	s.person("bob").post("/invitations/accept", "invite", token).is(http.StatusNotFound)
	if strings.Contains(s.log.String(), token) {
		t.Error("the log holds the token")
	}
	for _, row := range s.state() {
		if strings.Contains(row, token) || strings.Contains(row, token[strings.Index(token, ".")+1:]) {
			t.Errorf("the database holds the token: %s", row)
		}
	}
}
