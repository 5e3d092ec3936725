package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chinwag/chat"
)

// actions are what the log holds, oldest first: who, what, to whom.
func (s *site) actions() []string {
	s.t.Helper()
	return s.texts(`
		SELECT COALESCE(b.username, '') || ' ' || a.action || ' ' || COALESCE(u.username, '') FROM audit a
		LEFT JOIN users b ON b.id = a.actor_id LEFT JOIN users u ON u.id = a.user_id ORDER BY a.id`)
}

func TestEveryActOfAnAdministratorIsWrittenDown(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	root := s.root()
	bob := s.person("bob")
	link := root.invites("uses", "5")
	eve := s.stranger()
	eve.opens(link)
	eve.submits("/register", "username", "eve", "password", password).is(http.StatusOK)
	root.post("/invitations/1/revoke")
	root.post("/admin/settings", "community", "The Pub", "registration", "open", "zone", "UTC")
	root.post("/admin/people/bob/role", "role", "moderator")
	root.post("/admin/people/bob/disable")
	root.post("/admin/people/bob/disable") // is nothing new
	root.post("/admin/people/bob/enable")
	root.post("/admin/people/bob/reset")
	eve.says(general, "something rude")
	root.post(roomPath(general) + "/1/delete").is(http.StatusSeeOther)
	want := []string{
		"root invitation.made ", "eve user.registered eve", "eve invitation.used root", "root invitation.revoked root",
		"root settings.changed ", "root role.changed bob", "root user.disabled bob", "root user.enabled bob", "root reset.made bob",
		"root message.deleted eve",
	}
	if diff := cmp.Diff(want, s.actions()); diff != "" {
		t.Error(diff)
	}
	p := root.opens("/admin/log").is(http.StatusOK)
	p.sees("root made invitation 1.", "eve made an account.", "eve followed invitation 1 of root.", "name: Test → The Pub", "member → moderator",
		"root disabled the account of bob.", "deleted message 1 of eve in General", "127.0.0.1")
	p.misses("something rude", password)
	t.Run("with names that are gone", func(t *testing.T) {
		eve := eve.in(t)
		eve.submitsFrom("/settings/delete", "/settings/delete", "messages", "keep", "username", "eve").is(http.StatusOK)
		root.in(t).opens("/admin/log").sees("Deleted account made an account.").misses("eve made", "@eve")
	})
	bob.get("/admin/log").is(http.StatusUnauthorized)
}

// No address changes or removes a line.
func TestTheLogIsOnlyAddedTo(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	root := s.admin()
	root.invites()
	before := s.table("audit")
	for _, line := range s.server.Routes() {
		if strings.HasPrefix(line, "POST ") && strings.Contains(line, "/log") && !strings.Contains(line, "/login") && !strings.Contains(line, "/logout") {
			t.Errorf("%s writes into the log", line)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		for _, path := range []string{"/admin/log", "/admin/log/1", "/admin/log/1/delete", "/admin/log?id=1"} {
			if p := root.do(root.request(method, path, nil)); p.Status < 400 || p.Status > 499 {
				t.Errorf("%s %s answered %d", method, path, p.Status)
			}
		}
	}
	if diff := cmp.Diff(before, s.table("audit")); diff != "" {
		t.Error(diff)
	}
	for _, query := range []string{`UPDATE audit SET detail = 'x'`, `DELETE FROM audit`} {
		if _, err := s.beside.ExecContext(t.Context(), query); err == nil {
			t.Errorf("%s went through", query)
		}
	}
}

func TestTheLogIsLookedThrough(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	root := s.admin()
	for range 60 {
		_, err := s.community.Invite(t.Context(), chat.Actor{User: root.me()}, chat.NewInvitation{Days: 1, Uses: 1})
		must(t, err)
	}
	s.person("bob")
	must(t, s.community.Disable(t.Context(), chat.Actor{}, s.userID("bob")))
	p := root.opens("/admin/log").sees("Whoever runs the server disabled the account of bob.", "made invitation 60.").misses("made invitation 11.")
	older := p.find(func(n *node) bool { return strings.Contains(attribute(n, "href"), "before=") })
	if older == nil {
		t.Fatal("there is no way on")
	}
	root.opens(attribute(older, "href")).sees("made invitation 11.", "made invitation 1.").misses("made invitation 12.")
	if root.page.find(func(n *node) bool { return strings.Contains(attribute(n, "href"), "before=") }) != nil {
		t.Error("there is a way on where nothing follows")
	}
	root.opens("/admin/log?action=user.disabled").sees("bob").misses("made invitation 60.")
	root.opens("/admin/log?who=@BOB").sees("disabled the account of bob").misses("made invitation 60.")
	root.opens("/admin/log?who=" + root.name() + "&action=user.disabled").sees("Nothing of the kind")
	for _, query := range []string{"who=nobody", "action=x", "action='--", "before=x&who=nobody", "before=-1&action=mail.tested"} {
		root.opens("/admin/log?" + query).is(http.StatusOK).sees("Nothing of the kind")
	}
	if got := root.opens("/admin/log?who=bob&action=user.disabled").form("/admin/log"); got.Get("who") != "bob" || got.Get("action") != "user.disabled" {
		t.Errorf("the form holds %v", got)
	}
}
