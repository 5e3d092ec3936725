package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"chinwag/chat"
)

// atOnce is how long sockets may stay open after what ended their session was answered: two seconds, and on a machine with
// much else to do some more.
const atOnce = 5 * time.Second

// another is a second browser of the same person.
func (b *browser) another(password string) *browser {
	b.t.Helper()
	other := b.site.stranger()
	other.signsIn(b.name(), password).is(http.StatusOK)
	return other
}

// What ends all sessions of a person ends them on every page and socket at once, and for good.
func TestS11_AllSessionsEndAtOnce(t *testing.T) {
	t.Parallel()
	const next = "another horse battery"
	for name, tt := range map[string]struct {
		does   func(*browser) *page
		own    int // what the browser that does it gets on the next page
		socket int // and how its socket ends
	}{
		"another password": {func(b *browser) *page {
			return b.submitsFrom("/settings", "/settings/password", "current", password, "password", next)
		}, http.StatusOK, websocket.CloseServiceRestart},
		"signing out everywhere": {func(b *browser) *page {
			return b.submitsFrom("/settings", "/settings/sessions/end-all")
		}, http.StatusUnauthorized, websocket.ClosePolicyViolation},
		"a reset": {func(b *browser) *page {
			token, err := b.site.community.MakeResetLink(b.t.Context(), chat.Actor{}, b.me())
			must(b.t, err)
			return b.submitsFrom("/reset/"+token, "/reset/"+token, "password", next)
		}, http.StatusUnauthorized, websocket.ClosePolicyViolation},
		"deleting the account": {func(b *browser) *page {
			return b.submitsFrom("/settings/delete", "/settings/delete", "messages", "keep", "username", "bob")
		}, http.StatusUnauthorized, websocket.ClosePolicyViolation},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openSite(t)
			bob := s.person("bob")
			first := bob.cookie("sid")
			others := []*browser{bob.another(password), bob.another(password)}
			var ids []string
			var screens []*screen
			for _, b := range others {
				ids = append(ids, b.cookie("sid"))
				screens = append(screens, b.watches(general, 0), b.opensSocket(""))
			}
			own, ada := bob.watches(general, 0), s.person("ada").watches(general, 0)
			tt.does(bob).is(http.StatusOK)
			answered := time.Now() // hashing takes what it takes
			for _, screen := range screens {
				screen.closesWith(websocket.ClosePolicyViolation)
			}
			own.closesWith(tt.socket)
			if took := time.Since(answered); took > atOnce {
				t.Errorf("it took %v", took)
			}
			for i, b := range others {
				b.get("/rooms").is(http.StatusUnauthorized)
				s.mayRead(t, ids[i], http.StatusUnauthorized)
			}
			s.mayRead(t, first, http.StatusUnauthorized)
			bob.get("/rooms").is(tt.own)
			ada.stays()
			s.restarts()
			for _, id := range append(ids, first) {
				s.mayRead(t, id, http.StatusUnauthorized)
			}
			bob.get("/rooms").is(tt.own)
		})
	}
}

func TestOneOfSeveralBrowsersIsSignedOut(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.person("bob")
	phone, library := bob.another(password), bob.another(password)
	s.runs(`UPDATE sessions SET browser = $1, address = '203.0.113.7' WHERE id_hash = $2`,
		"Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", string(chat.SessionID(library.cookie("sid")).Hash()))
	theirs, own := library.watches(general, 0), bob.watches(general, 0)
	p := bob.opens("/settings").is(http.StatusOK).sees("Firefox on Linux", "203.0.113.7", "This browser")
	p.misses(library.cookie("sid"), bob.cookie("sid"))
	if n := strings.Count(p.Body, `action="/settings/sessions/end"`); n != 2 {
		t.Errorf("%d browsers can be signed out", n)
	}
	hash := string(chat.SessionID(library.cookie("sid")).Hash())
	bob.post("/settings/sessions/end", "session", hash).is(http.StatusSeeOther)
	theirs.closesWith(websocket.ClosePolicyViolation)
	library.get("/rooms").is(http.StatusUnauthorized)
	phone.get("/rooms").is(http.StatusOK)
	own.stays()
	bob.opens("/settings").sees("That browser is signed out.").misses("203.0.113.7")

	t.Run("its own", func(t *testing.T) {
		phone := phone.in(t)
		phone.post("/settings/sessions/end", "session", string(chat.SessionID(phone.cookie("sid")).Hash())).is(http.StatusSeeOther)
		phone.get("/rooms").is(http.StatusUnauthorized)
	})
	t.Run("nobody else's", func(t *testing.T) {
		ada := s.person("ada").in(t)
		before := s.state()
		for _, session := range []string{string(chat.SessionID(bob.cookie("sid")).Hash()), bob.cookie("sid"), hash, "", "x"} {
			ada.post("/settings/sessions/end", "session", session).is(http.StatusNotFound)
		}
		s.unchanged(t, before)
		bob.in(t).get("/rooms").is(http.StatusOK)
	})
}

// What a browser says of itself is text.
func TestS45_NamesOfBrowsersAreText(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	want := []string(nil)
	for i, name := range append([]string{"Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0"}, hostileNames()...) {
		bob := s.newcomer(general)
		s.runs(`UPDATE sessions SET browser = $1, address = $1 WHERE user_id = $2`, storable(name), bob.me())
		got := skeleton(t, bob.opens("/settings").is(http.StatusOK).root)
		if i == 0 {
			want = got
		}
		if len(got) != len(want) {
			t.Errorf("%q makes other elements", name)
		}
	}
}

// What no name or number can be is unknown, not a fault: PostgreSQL takes neither of these for text.
func TestS74_WhatNoDatabaseTakesIsUnknown(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob, root := s.person("bob"), s.root()
	for _, text := range []string{"\x00", "\xff", "a\x00b", strings.Repeat("x", 3000)} {
		bob.post("/settings/sessions/end", "session", text).is(http.StatusNotFound)
		for _, path := range []string{"/admin/log?action=", "/admin/log?who=", "/admin/people?q=", "/admin/people?show=", "/admin/people?after="} {
			root.get(path + url.QueryEscape(text)).is(http.StatusOK)
		}
		root.get("/admin/people/" + url.PathEscape(text)).is(http.StatusNotFound)
		for _, path := range []string{"/reset/", "/confirm/", "/register?invite="} {
			s.stranger().get(path + url.QueryEscape(text)).is(http.StatusNotFound)
		}
	}
}
