package e2e

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"chinwag/db/dbtest"
)

// TestScreenshotsOfAccounts looks at the pages of one's own account and at those of who runs the community: empty, full,
// wrong, and when the password is asked for again.
func TestScreenshotsOfAccounts(t *testing.T) {
	site, mail := startSiteWithMail(t)
	root, eve := site.visitor("root"), site.visitor("eve")
	for _, p := range []*person{root, eve} {
		p.expects("status of 422", "status of 403", "status of 404", "status of 401")
	}
	eve.goesTo(site.setupLink())
	root.setsUp("The Old Ship Inn", "open")
	root.looksAround("empty", "/settings", "/admin", "/admin/people", "/admin/log", "/invitations")
	root.goesTo("/admin/people?q=nobody")
	root.looks("people-none")

	site.isWellKnown(root)
	root.looksAround("full", "/settings", "/admin", "/admin/people", "/admin/log", "/invitations")
	root.goesTo("/settings")
	root.looksWhere(`form[action="/settings/sessions/end-all"]`, "devices")
	root.looksWhere(`form[action="/settings/download"]`, "data")
	root.goesTo("/admin/people/" + longUsername(4))
	root.looks("person")
	root.goesTo("/admin/log?action=user.disabled")
	root.looks("log-filtered")
	root.goesTo("/invitations/1")
	root.looks("invitation")
	link := ask[string](root.tab, `document.querySelector('#pane [readonly]').value`)
	root.opens(link)
	root.looks("invited")
	root.goesTo("/admin/people/" + longUsername(5))
	root.submits("/admin/people/" + longUsername(5) + "/reset")
	root.looks("reset-link")
	reset := ask[string](root.tab, `document.querySelector('#pane [readonly]').value`)
	root.goesTo("/admin")
	root.looksWhere(`form[action="/admin/mail"]`, "mail")
	root.submits("/admin/mail", "to", "root@example.org")
	root.looks("mail-sent")
	root.submits("/admin/settings", "community", " ", "zone", "Middle/Earth")
	root.looks("admin-error")

	site.timePasses()
	root.looksAround("stale", "/settings", "/admin")
	root.goesTo("/settings")
	root.submits("/settings/email", "email", "somebody.with.a.long.name@mail.example.org")
	root.looks("settings-step-up")
	root.goesTo("/settings")
	root.submits("/settings/email", "email", "no..address@example.org", "current", password)
	root.looks("settings-error")
	root.submits("/settings/password", "current", password, "password", "password1234")
	root.looks("settings-common")
	root.goesTo("/settings/delete")
	root.submits("/settings/delete", "messages", "erase", "username", "nobody")
	root.looks("delete-error")
	root.goesTo("/settings")
	root.submits("/settings/email", "email", "root@example.org")

	eve.opens(link)
	eve.looks("register-invited")
	eve.goesTo("/register?invite=4711")
	eve.looks("register-gone")
	eve.opens(reset)
	eve.looks("reset")
	eve.goesTo("/reset/nothing")
	eve.looks("reset-gone")
	eve.goesTo("/confirm/nothing")
	eve.looks("confirm-gone")
	eve.goesTo(mail.link("root@example.org", "/confirm/"))
	eve.looks("confirm")
	eve.goesTo("/forgot")
	eve.looks("forgot")
	eve.submits("/forgot", "email", "root@example.org")
	eve.looks("forgot-sent")
}

// looksAround looks at pages in one state.
func (p *person) looksAround(state string, paths ...string) {
	p.t.Helper()
	for _, path := range paths {
		p.goesTo(path)
		p.looks(strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", "-") + "-" + state)
		p.turnsTo(screens()[0])
		p.fitsFingers(path + ", " + state)
		p.showsWhereItIs(path + ", " + state)
	}
}

// looksWhere looks at a page where something stands.
func (p *person) looksWhere(selector, name string) {
	p.t.Helper()
	for _, s := range screens() {
		p.turnsTo(s)
		p.run(js(`document.querySelector(%s).scrollIntoView({block: 'end'})`, selector))
		p.looksOn(s, name)
	}
}

// fitsFingers holds that on a small screen whatever is pressed is as high as a finger needs it.
func (p *person) fitsFingers(what string) {
	p.t.Helper()
	small := ask[[]string](p.tab, `[...document.querySelectorAll('#pane :is(button, .button, summary, select, label.choice, .back, .list b a, .list a:has(b), input:not([type=hidden], [type=radio]))')]
		.filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 43.5)
		.map(e => e.tagName + '#' + e.id + '.' + e.className + ' is ' + e.getBoundingClientRect().height + ' high: ' + e.textContent.slice(0, 20))`)
	for _, fault := range small {
		p.t.Errorf("%s: %s", what, fault)
	}
}

// showsWhereItIs goes through a page by keyboard and holds that one sees where one is.
func (p *person) showsWhereItIs(what string) {
	p.t.Helper()
	for range 15 {
		p.hits(tabulator)
		if hidden := ask[string](p.tab, `(e => e === document.body || getComputedStyle(e).outlineStyle !== 'none' ? '' : e.outerHTML.slice(0, 80))(document.activeElement)`); hidden != "" {
			p.t.Errorf("%s: nothing shows that one is at %s", what, hidden)
		}
	}
}

// longUsername is as long as one may be, and its number.
func longUsername(n int) string { return fmt.Sprintf("bartholomew.featherstonehaugh%02d", n) }

// isWellKnown fills the community: people with long names, browsers that one is signed in with, invitations, and a log of
// what was done with them.
func (s *site) isWellKnown(root *person) {
	s.t.Helper()
	for n := range 30 {
		c := s.client(longUsername(n))
		c.submits("/register", "/register", "username", c.name, "password", password, "display_name", longDisplayName(n))
	}
	s.signsInWith(root.name, userAgents()...)
	c := s.client(root.name)
	c.submits("/login", "/login", "username", root.name, "password", password)
	for n := range 30 {
		page := "/admin/people/" + longUsername(n)
		switch {
		case n%10 == 0:
			c.submits(page, page+"/role", "role", "moderator")
		case n%3 == 0:
			c.submits(page, page+"/disable")
		default:
			c.submits(page, page+"/disable")
			c.submits(page, page+"/enable")
		}
	}
	for n := range 15 {
		made := c.submits("/invitations", "/invitations", "days", []string{"1", "7", "30", "0"}[n%4], "uses", []string{"1", "25", "0"}[n%3], "room", "01"[n%2:n%2+1])
		if page := made.Header.Get("Location"); n%5 == 4 {
			c.submits(page, page+"/revoke")
		}
	}
}

// longDisplayName is a name as people really have, and one that is longer than any line.
func longDisplayName(n int) string {
	if n%7 == 3 {
		return strings.Repeat("Wolfeschlegelsteinhausenberger", 2)
	}
	return []string{"Ann", "Bartholomew Featherstonehaugh the Younger of Upper Slaughter", "", "Nguyễn Thị Minh Khai", "محمد بن عبد الله"}[n%5]
}

// signsInWith makes a session for each browser.
func (s *site) signsInWith(name string, agents ...string) {
	s.t.Helper()
	for _, agent := range agents {
		c := s.client(name)
		form := c.get("/login").form(s.t, "/login")
		form.Set("username", name)
		form.Set("password", password)
		a, err := c.try(context.Background(), http.MethodPost, "/login", form, "User-Agent", agent)
		must(s.t, err)
		if a.Status != http.StatusSeeOther {
			s.t.Fatalf("signing in with %s: %d", agent, a.Status)
		}
	}
}

// userAgents are eleven browsers, and what no browser says.
func userAgents() []string {
	return []string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
		"Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0",
		"Mozilla/5.0 (Mobile; Nokia 8110 4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5",
		"Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/29.3709; U; en) Presto/2.8.119 Version/11.10",
		"curl/8.8.0",
		strings.Repeat("Nothing that anybody knows ", 8),
	}
}

// timePasses makes every password one that was typed too long ago, as no test waits for.
func (s *site) timePasses() {
	s.t.Helper()
	_, err := dbtest.Beside(s.t, s.place).ExecContext(s.t.Context(), `UPDATE sessions SET proved_at = 1`)
	must(s.t, err)
}
