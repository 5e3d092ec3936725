package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"golang.org/x/net/html"

	"chinwag/chat"
)

// What an administrator does to somebody is true on all their pages and sockets at once, and stays true.
func TestS11_RolesAndDisablingEndSessionsAtOnce(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		form   string
		fields []string
		signIn int // what signing in anew answers
	}{
		"another role": {"/admin/people/bob/role", []string{"role", "moderator"}, http.StatusOK},
		"disabling":    {"/admin/people/bob/disable", nil, http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openSite(t)
			root, bob := s.root(), s.person("bob")
			phone := bob.another(password)
			screens := []*screen{bob.watches(general, 0), phone.watches(general, 0), phone.opensSocket("")}
			own := root.watches(general, 0)
			ids := []string{bob.cookie("sid"), phone.cookie("sid")}
			root.submitsFrom("/admin/people/bob", tt.form, tt.fields...).is(http.StatusOK).sees("signed out everywhere")
			answered := time.Now()
			for _, screen := range screens {
				screen.closesWith(websocket.ClosePolicyViolation)
			}
			if took := time.Since(answered); took > atOnce {
				t.Errorf("it took %v", took)
			}
			for _, b := range []*browser{bob, phone} {
				b.get("/rooms").is(http.StatusUnauthorized)
			}
			own.stays()
			root.get("/admin").is(http.StatusOK)
			s.restarts()
			for _, id := range ids {
				s.mayRead(t, id, http.StatusUnauthorized)
			}
			s.stranger().signsIn("bob", password).is(tt.signIn)
		})
	}
}

func TestAnAccountIsEnabledAgain(t *testing.T) {
	t.Parallel()
	s := peopled(t)
	root := s.admin()
	s.stranger().signsIn("eve", password).is(http.StatusUnauthorized)
	p := root.opens("/admin/people/eve").is(http.StatusOK).sees("Disabled")
	if p.find(isForm("/admin/people/eve/disable")) != nil || p.find(isForm("/admin/people/eve/reset")) != nil {
		t.Error("what cannot be done is offered")
	}
	root.post("/admin/people/eve/reset").is(http.StatusUnprocessableEntity)
	root.submitsFrom("/admin/people/eve", "/admin/people/eve/enable").is(http.StatusOK).sees("is enabled")
	s.stranger().signsIn("eve", password).is(http.StatusOK)
}

func TestTheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	root := s.root()
	before := s.state()
	p := root.opens("/admin/people/root").is(http.StatusOK).sees("This is you")
	if p.find(func(n *html.Node) bool { return strings.HasPrefix(attribute(n, "action"), "/admin/people/root/") }) != nil {
		t.Error("acts on oneself are offered")
	}
	root.post("/admin/people/root/role", "role", "member").is(http.StatusUnprocessableEntity).sees("Nobody changes their own role")
	root.post("/admin/people/root/disable").is(http.StatusUnprocessableEntity).sees("your own account")
	s.unchanged(t, before)
	t.Run("of two who shut each other out, one does", func(t *testing.T) {
		other := s.withRole("ann", chat.RoleAdmin).in(t)
		requests := []*http.Request{root.postRequest("/admin/people/ann/disable"), other.postRequest("/admin/people/root/disable")}
		people, statuses := []*browser{root, other}, make([]int, 2)
		together(2, func(i int) { statuses[i] = people[i].do(requests[i]).Status })
		if n := s.number(`SELECT COUNT(*) FROM users WHERE role = 'admin' AND NOT disabled`); n != 1 {
			t.Errorf("%d administrators are left: %v", n, statuses)
		}
	})
	t.Run("a role that is none", func(t *testing.T) {
		s.runs(`UPDATE users SET disabled = FALSE, role = 'admin'`)
		ann := s.admin().in(t)
		for _, role := range []string{"", "owner", "Admin", "admin "} {
			ann.post("/admin/people/root/role", "role", role).is(http.StatusUnprocessableEntity).sees("Choose a role")
		}
		ann.do(ann.postRequest("/admin/people/root/role", "role", "member", "user_id", "1")).is(http.StatusUnprocessableEntity)
		ann.post("/admin/people/nobody/role", "role", "admin").is(http.StatusNotFound)
	})
}

func TestAnAdministratorHandsOverALink(t *testing.T) {
	t.Parallel()
	s := peopled(t)
	root, bob := s.admin(), s.stranger()
	p := root.submitsFrom("/admin/people/bob", "/admin/people/bob/reset").is(http.StatusOK)
	link, ours := strings.CutPrefix(p.copied(), s.origin())
	if !ours {
		t.Fatalf("the link is %q", link)
	}
	if strings.Contains(s.log.String(), strings.TrimPrefix(link, "/reset/")) || strings.Contains(strings.Join(s.state(), "\n"), strings.TrimPrefix(link, "/reset/")) {
		t.Error("the link is kept")
	}
	if p := root.opens("/admin/people/bob").is(http.StatusOK); p.byID("link") != nil {
		t.Error("the link is shown again")
	}
	bob.opens(link).is(http.StatusOK)
	bob.submits(link, "password", "a new horse battery").is(http.StatusOK)
	s.stranger().signsIn("bob", "a new horse battery").is(http.StatusOK)
}

func TestAdministratorsLookForPeople(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	root := s.admin()
	for i := range 60 {
		s.settles("many" + itoa(i))
	}
	s.withRole("max", chat.RoleModerator)
	s.runs(`UPDATE users SET display_name = 'Éva Straße', email = 'eva@x.test' WHERE username = 'many7'`)
	s.runs(`UPDATE users SET disabled = TRUE WHERE username = 'many8'`)
	seen := map[string]bool{}
	p := root.opens("/admin/people").is(http.StatusOK)
	for {
		for n := range p.root.Descendants() {
			if name, ok := strings.CutPrefix(attribute(n, "href"), "/admin/people/"); ok {
				seen[name] = true
			}
		}
		next := p.find(func(n *html.Node) bool { return strings.HasPrefix(attribute(n, "href"), "/admin/people?after=") })
		if next == nil {
			break
		}
		p = root.opens(attribute(next, "href")).is(http.StatusOK)
	}
	if len(seen) != 63 { // and root, and the one who looks
		t.Errorf("%d people turn up", len(seen))
	}
	for query, want := range map[string]string{"q=MANY59": "many59", "q=strasse": "many7", "q=%40max": "max", "show=moderators": "max", "show=disabled": "many8"} {
		root.opens("/admin/people?" + query).sees(want)
	}
	for _, query := range []string{"q=%25", "q=%5F_", "q='%3B--", "q=nobody", "q=many7&show=disabled"} {
		root.opens("/admin/people?" + query).is(http.StatusOK).sees("Nobody fits.")
	}
	root.opens("/admin/people/many7").sees("eva@x.test", "not confirmed")
	root.get("/admin/people/MANY7").is(http.StatusOK)
	root.get("/admin/people/nobody").is(http.StatusNotFound)
}
