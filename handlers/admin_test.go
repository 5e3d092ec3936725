package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chinwag/chat"
	"chinwag/deliver/smtptest"
)

// adminForms are what administrators may send, with the page that each form stands on.
func adminForms() map[string]struct {
	page   string
	fields []string
} {
	return map[string]struct {
		page   string
		fields []string
	}{
		"/admin/settings":           {"/admin", []string{"community", "The Pub", "registration", "closed", "zone", "Asia/Tokyo"}},
		"/admin/people/bob/role":    {"/admin/people/bob", []string{"role", "moderator"}},
		"/admin/people/bob/disable": {"/admin/people/bob", nil},
		"/admin/people/eve/enable":  {"/admin/people/eve", nil},
		"/admin/people/bob/reset":   {"/admin/people/bob", nil},
	}
}

// peopled is a site with bob, and eve who is shut out.
func peopled(t *testing.T) *site {
	t.Helper()
	s := openSite(t, withoutLimits)
	s.person("bob")
	s.person("eve")
	s.runs(`UPDATE users SET disabled = TRUE WHERE username = 'eve'`)
	return s
}

func TestS39_AdministrationIsForAdministrators(t *testing.T) {
	t.Parallel()
	s := peopled(t)
	max, ann := s.withRole("max", chat.RoleModerator), s.person("ann")
	stranger := s.stranger()
	stranger.opens("/login")
	before := s.state()
	for _, path := range []string{"/admin", "/admin/people", "/admin/people/bob", "/admin/people/nobody", "/admin/log"} {
		ann.get(path).is(http.StatusNotFound)
		max.get(path).is(http.StatusNotFound)
		stranger.get(path).is(http.StatusUnauthorized)
	}
	for path, form := range adminForms() {
		fields := append([]string{"current", password}, form.fields...)
		ann.post(path, fields...).is(http.StatusForbidden).misses("bob@")
		max.post(path, fields...).is(http.StatusForbidden)
		stranger.post(path, fields...).is(http.StatusUnauthorized)
	}
	for _, path := range []string{"/debug/pprof", "/debug/pprof/", "/debug/vars", "/metrics", "/admin/", "/admin/people/", "/monitor"} {
		ann.get(path).is(http.StatusNotFound)
	}
	s.unchanged(t, before)
	t.Run("one who was made a member on the way", func(t *testing.T) {
		root := s.admin().in(t)
		req := root.postRequest("/admin/people/bob/role", "role", "admin")
		s.runs(`UPDATE users SET role = 'member' WHERE id = $1`, root.me())
		root.do(req).is(http.StatusForbidden)
	})
}

func TestS13_S39_AdministratorsTypeTheirPasswordAgain(t *testing.T) {
	t.Parallel()
	for path, form := range adminForms() {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := peopled(t)
			root := s.admin()
			if root.opens(form.page).is(http.StatusOK).form(path).Has("current") {
				t.Error("a password that was typed just now is asked for")
			}
			root.goesStale()
			root.opens(form.page)
			before, sid := s.state(), root.cookie("sid")
			for _, current := range []string{"", "not the password"} {
				p := root.submits(path, append([]string{"current", current}, form.fields...)...).is(http.StatusForbidden)
				if p.alerts() == "" || !p.form(path).Has("current") || p.form(path).Get("current") != "" {
					t.Errorf("the page does not ask: %s", p.alerts())
				}
				for i := 0; i+1 < len(form.fields); i += 2 {
					if got := p.form(path).Get(form.fields[i]); got != form.fields[i+1] {
						t.Errorf("%s holds %q", form.fields[i], got)
					}
				}
				s.unchanged(t, before)
			}
			root.submits(path, "current", password).is(http.StatusOK)
			s.mayRead(t, sid, http.StatusUnauthorized)
			root.get("/admin").is(http.StatusOK)
			if n := s.number(`SELECT COUNT(*) FROM audit`); n != 1 {
				t.Errorf("%d lines in the log", n)
			}
		})
	}
}

func TestAdministratorsChangeTheCommunity(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	root := s.root()
	if form := root.opens("/admin").is(http.StatusOK).form("/admin/settings"); form.Get("community") != "Test" || form.Get("registration") != "open" || form.Get("zone") != "UTC" {
		t.Errorf("the form holds %v", form)
	}
	p := root.submits("/admin/settings", "community", " The   Pub ", "registration", "closed", "zone", "Asia/Kathmandu").is(http.StatusOK)
	p.sees("The settings are saved.")
	if got := p.form("/admin/settings").Get("community"); got != "The Pub" {
		t.Errorf("the name is %q", got)
	}
	s.stranger().opens("/register").sees("The Pub", "takes no new accounts")
	before := s.state()
	for field, value := range map[string]string{"community": " ", "registration": "anybody", "zone": "Europe/Atlantis"} {
		t.Run(field, func(t *testing.T) {
			root := root.in(t)
			root.opens("/admin")
			p := root.submits("/admin/settings", field, value).is(http.StatusUnprocessableEntity)
			if p.byID("community-"+field+"-error") == nil || p.alerts() == "" {
				t.Errorf("no sentence beside %s: %s", field, p.alerts())
			}
			s.unchanged(t, before)
		})
	}
	for _, zone := range []string{"Local", "", "../../etc/passwd", "/etc/localtime", strings.Repeat("x", 3000)} {
		root.post("/admin/settings", "community", "The Pub", "registration", "open", "zone", zone).is(http.StatusUnprocessableEntity)
	}
	s.unchanged(t, before)
	root.opens("/admin").sees("People", "1") // numbers of people and rooms
}

func TestAdministratorsTryMail(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	root := s.admin()
	if p := root.opens("/admin").sees("sends no mail", "--smtp-url"); p.find(isForm("/admin/mail")) != nil {
		t.Error("there is a form that cannot work")
	}
	root.post("/admin/mail", "to", "ada@x.test").is(http.StatusForbidden)
	sink := s.sendsMail()
	root.opens("/admin").sees("chinwag@chat.test").misses("sends no mail")
	root.submits("/admin/mail", "to", "ada@x.test").is(http.StatusOK).sees("The mail server took it", "250")
	m := sink.Wait(t, func(m smtptest.Mail) bool { return m.To == "ada@x.test" })
	if !strings.Contains(m.Subject, "Test") {
		t.Errorf("the subject is %q", m.Subject)
	}
	for _, to := range []string{"", "ada", "a@x.test, b@x.test", "Ada <ada@x.test>", "ada@x.test\r\nBcc: all@x.test"} {
		p := root.post("/admin/mail", "to", to).is(http.StatusUnprocessableEntity)
		if p.byID("mail-to-error") == nil {
			t.Errorf("%q: no sentence beside it", to)
		}
	}
	sink.Refuses(550, "no such mailbox here")
	p := root.post("/admin/mail", "to", "bob@x.test").is(http.StatusUnprocessableEntity).sees("no such mailbox here")
	if got := p.form("/admin/mail").Get("to"); got != "bob@x.test" {
		t.Errorf("the form holds %q", got)
	}
	if n := len(sink.Mails()); n != 1 {
		t.Errorf("%d mails", n)
	}
	if diff := cmp.Diff([]string{"mail.tested", "mail.tested"}, s.texts(`SELECT action FROM audit ORDER BY id`)); diff != "" {
		t.Error(diff)
	}
}
