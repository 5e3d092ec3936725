package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chinwag/chat"
)

// writes opens a room, writes, and loses the session before it is sent; how is what happens to it.
func (b *browser) writes(room chat.RoomID, text string, how func(*browser)) *browser {
	b.t.Helper()
	b.opens(roomPath(room))
	form := b.page.form(roomPath(room) + "/messages")
	form.Set("body", text)
	how(b)
	b.do(b.request(http.MethodPost, roomPath(room)+"/messages", form))
	return b
}

// The ways in which a session ends while somebody writes.
func ends(b *browser) {
	must(b.t, b.site.community.SignOut(b.t.Context(), chat.SessionID(b.cookie("sid")).Hash()))
}
func expires(b *browser)         { b.site.clock.forward(chat.SessionAbsolute) }
func signsOutBeside(b *browser)  { b.tab().submitsFrom("/rooms", "/logout") }
func losesItsCookies(b *browser) { b.client.Jar = b.site.stranger().client.Jar }

// What somebody wrote when their session ended goes out once they have signed in again, once, and never before.
func TestS10_AMessageWaitsForItsAuthorToSignIn(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]func(*browser){
		"a dead session":              ends,
		"an expired session":          expires,
		"signed out in another tab":   signsOutBeside,
		"a browser that lost cookies": losesItsCookies,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openSite(t)
			bob := s.person("bob").writes(general, "my *words*\r\n& more", how)
			p := bob.page.is(http.StatusUnauthorized).sees("your message is sent")
			if got := p.form("/login").Get("body"); got != "my *words*\n& more" {
				t.Errorf("the form holds %q", got)
			}
			bob.submits("/login", "username", "bob", "password", "wrong").is(http.StatusUnauthorized)
			if n := s.number(`SELECT COUNT(*) FROM messages`); n != 0 {
				t.Fatalf("%d messages are stored", n)
			}
			again := bob.page.form("/login")
			p = bob.submits("/login", "username", "bob", "password", password).is(http.StatusOK)
			if p.URL != s.URL+roomPath(general) || !cmp.Equal(p.messages(), []string{"bob: my words & more"}) {
				t.Errorf("signing in leads to %s with %q", p.URL, p.messages())
			}
			bob.post(sendToGeneral, "body", again.Get("body"), "key", again.Get("key")).is(http.StatusSeeOther)
			if got := s.bodies(); !cmp.Equal(got, []string{"my *words*\n& more"}) {
				t.Errorf("stored are %q", got)
			}
		})
	}
}

func TestS10_AMessageGoesOutInNobodyElsesName(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.person("bob").writes(general, "from bob", ends)
	p := bob.submits("/login", "username", "root", "password", password).is(http.StatusOK).sees("was not sent")
	if n := s.number(`SELECT COUNT(*) FROM messages`); n != 0 || p.byID("sidebar") == nil {
		t.Errorf("%d messages are stored", n)
	}
	t.Run("nor by a key made up", func(t *testing.T) {
		bob := s.settles("rob", general).in(t).writes(general, "from rob", ends)
		p := bob.submits("/login", "username", "rob", "password", password, "key", "made-up").is(http.StatusUnprocessableEntity)
		if got := p.field("body"); got != "from rob" || p.field("key") == "made-up" {
			t.Errorf("the box holds %q with key %q", got, p.field("key"))
		}
		bob.submits(sendToGeneral).is(http.StatusOK).sees("from rob")
	})
}

func TestAMessageThatWaitedAndIsRefusedKeepsItsText(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	t.Run("too long", func(t *testing.T) {
		long := strings.Repeat("x", 4001)
		ann := s.person("ann").in(t).writes(general, long, ends)
		p := ann.submits("/login", "username", "ann", "password", password).is(http.StatusUnprocessableEntity)
		if p.field("body") != long || p.alerts() == "" {
			t.Error("the text is not in the box, with a sentence")
		}
		ann.submits(sendToGeneral, "body", "shorter").is(http.StatusOK).sees("shorter")
	})
	t.Run("a room that was lost meanwhile", func(t *testing.T) {
		carl := s.person("carl").in(t)
		den := carl.makesRoom("Den", chat.RoomPrivate)
		carl.writes(den, "to the den", func(b *browser) {
			s.runs(`DELETE FROM memberships WHERE room_id = $1`, den)
			ends(b)
		})
		carl.submits("/login", "username", "carl", "password", password).is(http.StatusNotFound).sees("to the den")
	})
	t.Run("no longer a member", func(t *testing.T) {
		dora := s.person("dora").in(t).writes(general, "hello all", func(b *browser) {
			s.runs(`DELETE FROM memberships WHERE user_id = $1`, b.me())
			ends(b)
		})
		p := dora.submits("/login", "username", "dora", "password", password).is(http.StatusUnprocessableEntity)
		if p.field("body") != "hello all" {
			t.Errorf("the box holds %q", p.field("body"))
		}
	})
	t.Run("too many tries", func(t *testing.T) {
		eve := s.person("eve").in(t).writes(general, "patience", ends)
		for eve.page.Status != http.StatusTooManyRequests {
			eve.submits("/login", "username", "eve", "password", "a guess")
		}
		if got := eve.page.form("/login").Get("body"); got != "patience" || eve.page.Header.Get("Retry-After") == "" {
			t.Errorf("the form holds %q", got)
		}
	})
}

func TestTheScriptGetsTheFormThatSignsInAndSends(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.person("bob")
	bob.opens(roomPath(general))
	key := bob.page.field("key")
	req := bob.postRequest(sendToGeneral, "body", "my words", "key", key)
	req.Header.Set("HX-Request", "true")
	ends(bob)
	p := bob.do(req).is(http.StatusUnauthorized)
	form := p.form("/login")
	want := url.Values{"body": {"my words"}, "key": {key}, "room": {"1"}, "username": {""}, "password": {""}, "csrf": form["csrf"]}
	if p.attribute("composer", "action") != "/login" || !cmp.Equal(form, want) || strings.Contains(p.Body, "<html") {
		t.Errorf("the form is %v: %s", form, p.Body)
	}
	bob.submits("/login", "username", "bob", "password", password).is(http.StatusOK).sees("my words")
}

// Somebody else's page that sends a text in our visitor's name gets neither the text on a page of ours nor a cookie.
func TestS21_ForeignTextsAreNotShown(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.person("bob")
	for name, b := range map[string]*browser{"signed in": bob, "signed out": s.stranger()} {
		for _, path := range []string{sendToGeneral, "/login", editPath(1)} {
			t.Run(name+" "+path, func(t *testing.T) {
				req := b.in(t).postRequest(path, "body", "Send money", "key", "k1")
				if path == editPath(1) {
					req = b.in(t).postRequest(path, "body", "Send money")
				}
				s.from(req, http.Header{"Origin": {"https://x.test"}})
				p := b.in(t).do(req).is(http.StatusForbidden).misses("Send money")
				if cookies := p.Header.Values("Set-Cookie"); len(cookies) > 0 {
					t.Errorf("the refusal sets %q", cookies)
				}
			})
		}
	}
}
