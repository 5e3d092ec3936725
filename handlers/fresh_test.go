package handlers_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"chinwag/chat"
)

// staleAfter is when a form asks for the password again.
const staleAfter = 10*time.Minute + time.Second

// goesStale lets the time pass after which forms ask for the password again, and has it noted that the browser is in use.
func (b *browser) goesStale() {
	b.t.Helper()
	b.site.clock.forward(staleAfter)
	now := b.site.clock.now()
	eventually(b.t, func() bool {
		b.get("/rooms").is(http.StatusOK)
		return b.site.number(`SELECT MAX(last_seen_at) FROM sessions WHERE user_id = $1`, b.me()) >= now.UnixMilli()
	})
}

// mayRead holds that a cookie is a session's, or is none.
func (s *site) mayRead(t *testing.T, sid string, status int) {
	t.Helper()
	s.withCookie(sid).in(t).get("/rooms").is(status)
}

func TestS08_TypingThePasswordAgainMakesANewSession(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.person("bob")
	old := bob.cookie("sid")
	page, other := bob.watches(general, 0), s.stranger()
	other.signsIn("bob", password).is(http.StatusOK)
	elsewhere := other.watches(general, 0)
	s.clock.forward(staleAfter)
	bob.submitsFrom("/settings", "/settings/email", "email", "bob@x.test", "current", password).is(http.StatusOK)

	id := bob.cookie("sid")
	if id == old {
		t.Error("the session's id stayed")
	}
	s.mayRead(t, old, http.StatusUnauthorized)
	s.mayRead(t, id, http.StatusOK)
	page.closesWith(websocket.CloseServiceRestart)
	back := bob.watches(general, 0)
	late, _, err := s.withCookie(old).shakesHands("?room=1&after=0", nil)
	must(t, err)
	if _, _, err := late.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseServiceRestart) {
		t.Errorf("a page that did not hear of the new id is told: %v", err)
	}
	bob.says(general, "still here").is(http.StatusOK)
	back.shows("still here")
	elsewhere.shows("still here")

	t.Run("the old id is nobody's for ever", func(t *testing.T) {
		s.clock.forward(3 * time.Minute)
		s.mayRead(t, old, http.StatusUnauthorized)
		s.restarts()
		s.mayRead(t, old, http.StatusUnauthorized)
		s.mayRead(t, id, http.StatusOK)
	})
}

// What stands in another tab is sent after the password was typed again, and after another was chosen; not after signing out.
func TestS08_S21_FormsInOtherTabsLiveOnWithTheSession(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.person("bob")
	tab := bob.tab()
	tab.opens(roomPath(general))
	token := tab.page.hidden("csrf")
	s.clock.forward(staleAfter)
	bob.submitsFrom("/settings", "/settings/email", "email", "bob@x.test", "current", password).is(http.StatusOK)
	tab.submits(sendToGeneral, "body", "from the other tab").is(http.StatusOK).sees("from the other tab")
	bob.submitsFrom("/settings", "/settings/password", "current", password, "password", "another horse battery").is(http.StatusOK)
	sends := func(b *browser, text string) *page {
		return b.do(b.request(http.MethodPost, sendToGeneral, url.Values{"csrf": {token}, "body": {text}, "key": {chat.NewToken(16)}}))
	}
	sends(tab, "and once more").is(http.StatusSeeOther)

	t.Run("in no other session", func(t *testing.T) {
		ada := s.person("ada").in(t)
		ada.keeps("forms", bob.cookie("forms"))
		sends(ada, "as ada").is(http.StatusForbidden)
	})
	t.Run("not by a cookie made up", func(t *testing.T) {
		eve := s.person("eve").in(t)
		eve.keeps("forms", base64.RawURLEncoding.EncodeToString(make([]byte, 32)))
		made := base64.RawURLEncoding.EncodeToString(make([]byte, 32))
		eve.do(eve.request(http.MethodPost, "/rooms", url.Values{"csrf": {made}, "name": {"x"}, "kind": {"public"}})).is(http.StatusForbidden)
	})
	t.Run("a form that was refused after the password was right", func(t *testing.T) {
		s.clock.forward(staleAfter)
		bob := bob.in(t)
		bob.submitsFrom("/settings", "/settings/email", "email", "no address", "current", "another horse battery").is(http.StatusUnprocessableEntity)
		bob.submits("/settings/email", "email", "bob@y.test").is(http.StatusOK)
	})
	t.Run("not after signing out", func(t *testing.T) {
		bob := bob.in(t)
		bob.submitsFrom("/rooms", "/logout")
		bob.signsIn("bob", "another horse battery").is(http.StatusOK)
		sends(bob, "too late").is(http.StatusForbidden)
	})
}

// stepUps are the forms that want the password typed lately, and how the page of each is found again.
func stepUps() map[string]struct {
	page, form string
	fields     []string
} {
	return map[string]struct {
		page, form string
		fields     []string
	}{
		"the e-mail address": {"/settings", "/settings/email", []string{"email", "bob@x.test"}},
		"the download":       {"/settings", "/settings/download", []string{"format", "json"}},
		"deleting":           {"/settings/delete", "/settings/delete", []string{"messages", "erase", "username", "BOB"}},
	}
}

func TestS13_WhatMattersAsksForThePasswordAgain(t *testing.T) {
	t.Parallel()
	for name, tt := range stepUps() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openSite(t)
			bob := s.person("bob")
			if bob.opens(tt.page).is(http.StatusOK).form(tt.form).Has("current") {
				t.Error("a password that was typed just now is asked for")
			}
			bob.goesStale()
			if !bob.opens(tt.page).is(http.StatusOK).form(tt.form).Has("current") {
				t.Error("the form does not ask")
			}
			before, sid := s.state(), bob.cookie("sid")
			for _, current := range []string{"", "not the password"} {
				bob.opens(tt.page)
				p := bob.submits(tt.form, append([]string{"current", current}, tt.fields...)...).is(http.StatusForbidden)
				form := p.form(tt.form)
				for i := 0; i+1 < len(tt.fields); i += 2 {
					if form.Get(tt.fields[i]) != tt.fields[i+1] {
						t.Errorf("%s holds %q", tt.fields[i], form.Get(tt.fields[i]))
					}
				}
				if !form.Has("current") || form.Get("current") != "" || p.alerts() == "" {
					t.Errorf("the page does not ask: %s", p.alerts())
				}
				p.misses("not the password")
				if got := bob.cookie("sid"); got != sid {
					t.Error("the session's id is another")
				}
				s.unchanged(t, before)
			}
			p := bob.submits(tt.form, "current", password)
			if p.Status != http.StatusOK {
				t.Errorf("the right password is answered %d: %s", p.Status, p.alerts())
			}
			s.mayRead(t, sid, http.StatusUnauthorized)
			if after := s.state(); strings.Join(after, "\n") == strings.Join(before, "\n") {
				t.Error("nothing was done")
			}
		})
	}
}

// A password that was typed once is good for ten minutes, on every such form.
func TestS13_OnePasswordServesForTenMinutes(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.person("bob")
	s.clock.forward(staleAfter)
	bob.post("/settings/email", "email", "bob@x.test", "current", password).is(http.StatusSeeOther)
	s.clock.forward(9 * time.Minute)
	bob.post("/settings/email", "email", "bob@y.test").is(http.StatusSeeOther)
	bob.post("/settings/download", "format", "html").is(http.StatusOK)
	s.clock.forward(2 * time.Minute)
	bob.post("/settings/email", "email", "bob@z.test").is(http.StatusForbidden)
}

// Whoever finds an open browser guesses no more than at the sign-in page.
func TestS04_GuessingAtAnOpenBrowserIsSlowed(t *testing.T) {
	t.Parallel()
	for name, fields := range map[string][]string{
		"/settings/email":    {"email", "eve@x.test", "current"},
		"/settings/password": {"password", "another long one", "current"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openSite(t)
			bob := s.person("bob")
			bob.goesStale()
			before, tries := s.state(), 0
			for status := 0; status != http.StatusTooManyRequests && tries < 20; tries++ {
				status = bob.post(name, append(fields, "a guess "+itoa(tries))...).Status
			}
			if tries > 15 {
				t.Errorf("%d tries", tries)
			}
			if p := bob.post(name, append(fields, password)...).is(http.StatusTooManyRequests); p.Header.Get("Retry-After") == "" || p.alerts() == "" {
				t.Error("nothing says when to try again")
			}
			s.unchanged(t, before)
			bob.get("/rooms").is(http.StatusOK) // still signed in
		})
	}
}

// A session that ends while its password is typed stays ended.
func TestS08_AnEndedSessionIsNotProved(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.person("bob")
	s.clock.forward(staleAfter)
	request := bob.postRequest("/settings/email", "email", "bob@x.test", "current", password)
	must(t, s.community.SignOut(t.Context(), chat.SessionID(bob.cookie("sid")).Hash()))
	bob.do(request).is(http.StatusUnauthorized)
	if n := s.number(`SELECT COUNT(*) FROM sessions`); n != 0 {
		t.Errorf("%d sessions", n)
	}
}

// A refusal is shown in the form that was sent only to those who may see that form.
func TestS39_RefusalsShowNobodyWhatTheyMayNotSee(t *testing.T) {
	t.Parallel()
	s := peopled(t)
	ann := s.person("ann")
	for path := range adminForms() {
		for _, fields := range [][]string{{"current", password}, {"unknown", "1"}, {"csrf", "stale"}} {
			p := ann.post(path, fields...)
			if p.Status < 400 || p.find(isForm(path)) != nil || p.find(isForm("/admin/settings")) != nil {
				t.Errorf("%s with %q answered %d: %s", path, fields, p.Status, p.text())
			}
			p.misses("/admin")
		}
	}
}

// Strangers who guess at the sign-in page keep nobody from what their password is asked for in a browser that is signed in.
func TestS04_StrangersUseUpNobodysTriesInASession(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.person("bob")
	eve, status := s.stranger(), 0
	for i := 0; i < 20 && status != http.StatusTooManyRequests; i++ {
		status = eve.signsIn("bob", "a guess "+itoa(i)).Status
	}
	if status != http.StatusTooManyRequests {
		t.Fatalf("guessing is answered %d", status)
	}
	bob.goesStale()
	bob.post("/settings/email", "email", "bob@x.test", "current", password).is(http.StatusSeeOther)
	bob.post("/settings/password", "current", password, "password", "another long one").is(http.StatusSeeOther)
}
