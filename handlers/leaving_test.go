package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"chinwag/chat"
)

func TestDeletedAccounts(t *testing.T) {
	t.Parallel()
	for choice, stays := range map[string]bool{"keep": true, "erase": false} {
		t.Run(choice, func(t *testing.T) {
			t.Parallel()
			s := openSite(t)
			bob, ada := s.person("bob"), s.person("ada")
			bob.says(general, "from bob").is(http.StatusOK)
			ada.says(general, "from ada").is(http.StatusOK)
			screen := ada.watches(general, 2)
			p := bob.submitsFrom("/settings/delete", "/settings/delete", "messages", choice, "username", "@Bob").is(http.StatusOK)
			if p.byID("sidebar") != nil {
				t.Error("somebody is signed in")
			}
			p.sees("Your account is deleted")
			s.stranger().signsIn("bob", password).is(http.StatusUnauthorized)
			eventually(t, func() bool { return s.jobs() == 0 })
			if !stays {
				screen.shows("Message deleted")
			}
			p = ada.opens(roomPath(general)).sees("Deleted account", "from ada")
			if strings.Contains(p.text(), "from bob") != stays {
				t.Errorf("the message is there: %v", !stays)
			}
			ada.opens(roomPath(general) + "/members").misses("bob")
			s.stranger().signsUp("bob") // the name is free
		})
	}
}

func TestDeletingAsksWhatItMeans(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.person("bob")
	before := s.state()
	for name, tt := range map[string]struct {
		fields []string
		field  string
	}{
		"another name": {[]string{"messages", "keep", "username", "ada"}, "username"},
		"no name":      {[]string{"messages", "erase", "username", ""}, "username"},
		"no choice":    {[]string{"messages", "", "username", "bob"}, "messages"},
		"a new choice": {[]string{"messages", "sell", "username", "bob"}, "messages"},
	} {
		t.Run(name, func(t *testing.T) {
			p := bob.in(t).post("/settings/delete", tt.fields...).is(http.StatusUnprocessableEntity)
			if p.byID(tt.field+"-error") == nil {
				t.Errorf("no sentence beside %s: %s", tt.field, p.alerts())
			}
			s.unchanged(t, before)
		})
	}
	t.Run("nothing of it stays in the browser", func(t *testing.T) {
		bob := bob.in(t)
		p := bob.post("/settings/delete", "messages", "keep", "username", "bob").is(http.StatusSeeOther)
		if got := p.Header.Get("Clear-Site-Data"); got != `"cache", "storage"` || bob.cookie("sid") != "" {
			t.Errorf("clears %q, keeps %q", got, bob.cookie("sid"))
		}
	})
}

func TestTheLastAdministratorCannotLeave(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	root := s.stranger()
	root.signsIn("root", password).is(http.StatusOK)
	p := root.submitsFrom("/settings/delete", "/settings/delete", "messages", "keep", "username", "root").is(http.StatusUnprocessableEntity)
	if p.alerts() == "" || p.form("/settings/delete").Get("username") != "root" {
		t.Errorf("the page says %q", p.alerts())
	}
	root.get("/rooms").is(http.StatusOK)
	if n := s.number(`SELECT COUNT(*) FROM users WHERE role = $1`, string(chat.RoleAdmin)); n != 1 {
		t.Errorf("%d administrators", n)
	}
}
