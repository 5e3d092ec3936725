package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"chinwag/chat"
)

// What somebody wrote is on the page that refuses it, whatever the reason: none of these pages has a composer, or none
// that would take it.
func TestRefusedTextsAreKept(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.person("bob")
	den := bob.makesRoom("Den", chat.RoomPrivate)
	long := strings.Repeat("漢", 8000)
	bob.post(roomPath(general)+"/messages", "body", long, "key", "k1").is(http.StatusUnprocessableEntity).sees(long)

	lost := bob.postRequest(roomPath(den)+"/messages", "body", "to the den", "key", "k2")
	bob.opens(roomPath(den))
	bob.submits(roomPath(den) + "/leave")
	bob.do(lost).is(http.StatusNotFound).sees("to the den")

	stale := bob.postRequest("/rooms", "name", "Library", "kind", "public", "topic", "quiet", "csrf", "stale")
	bob.do(stale).is(http.StatusForbidden)
	if got := bob.page.form("/rooms").Get("topic"); got != "quiet" {
		t.Errorf("the topic is %q again", got)
	}

	late := bob.postRequest(roomPath(general)+"/messages", "body", "too late", "key", "k3")
	must(t, s.community.SignOut(t.Context(), chat.SessionID(bob.cookie("sid")).Hash()))
	bob.do(late).is(http.StatusUnauthorized).sees("too late")
}

// A room may hold more than a screen is given piece by piece, in bytes too.
func TestLiveCatchUpIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob := s.person("bob")
	heavy := strings.TrimSpace(strings.Repeat("a@b.c ", 600)) // ten times as long when drawn
	for range 8 {
		_, err := s.community.Post(t.Context(), s.userID("bob"), general, heavy, chat.NewToken(16))
		must(t, err)
	}
	screen := bob.watches(general, 0)
	eventually(t, func() bool { return strings.Contains(strings.Join(screen.got(), ""), "data-reload") })
	if n := len(strings.Join(screen.got(), "")); n > 4096 {
		t.Errorf("%d bytes came down", n)
	}
}

// A display name must not be what another person signs in with.
func TestNobodyGoesByAnothersUsername(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	b := s.stranger()
	b.opens("/register")
	b.submits("/register", "username", "mallory", "password", password, "display_name", "Root").is(http.StatusUnprocessableEntity)
	b.submits("/register", "username", "mallory", "password", password, "display_name", "Mallory").is(http.StatusOK)
}

// A proxy may add a line of its own to what the client made up.
func TestS71_ForwardedAddressesMayComeInTwoLines(t *testing.T) {
	t.Parallel()
	s := openSite(t, behindProxy)
	tooMany := false
	for i := range 60 {
		b := s.stranger()
		req := b.postRequest("/login", "username", "nobody"+strings.Repeat("x", i%20), "password", password)
		req.Header["X-Forwarded-For"] = []string{"10.1." + string(rune('0'+i%10)) + ".7", "203.0.113.9"}
		tooMany = tooMany || b.do(req).Status == http.StatusTooManyRequests
	}
	if !tooMany {
		t.Error("sixty tries from one address were sixty addresses")
	}
}

// Pings and pongs count as frames: a peer that sends little else is cut off (S31).
func TestS31_ControlFramesAreCounted(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	screen := s.person("bob").watches(general, 0)
	for range 200 {
		if err := screen.conn.WriteControl(websocket.PongMessage, nil, time.Now().Add(time.Second)); err != nil {
			break // it is cut off already
		}
	}
	screen.closesWith(websocket.ClosePolicyViolation)
}

// A server that cannot even read what it would draw a refusal of still gives the text back.
func TestTextsAreKeptWhenTheDatabaseCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"messages", "rooms", "sessions"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			s := openSite(t)
			bob := s.person("bob")
			browser := bob.postRequest(sendToGeneral, "body", "my words", "key", "k1")
			script := bob.postRequest(sendToGeneral, "body", "my words", "key", "k2")
			script.Header.Set("HX-Request", "true")
			s.runs(`ALTER TABLE ` + table + ` RENAME TO elsewhere`)
			p := bob.do(browser)
			if p.Status < 500 || p.alerts() == "" {
				t.Errorf("the answer is %d: %s", p.Status, p.text())
			}
			p.sees("my words")
			noInternals(t, p.text())
			if p := bob.do(script); p.Status < 500 || p.Header.Get("HX-Retarget") != "#body-error" || p.alerts() == "" {
				t.Errorf("the script gets %d: %s", p.Status, p.Body) // the text is still in its box
			}
		})
	}
}

// A database that says nothing uses up all the time that a request has; what was typed is shown all the same.
func TestTextIsKeptWhenTheRequestsTimeIsOver(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.newcomer(general)
	send := bob.postRequest(sendToGeneral, "body", "half an hour of work", "key", chat.NewToken(16))
	s.server.AnswerWithin(time.Nanosecond)
	p := bob.do(send).is(http.StatusServiceUnavailable).sees("half an hour of work")
	if p.Header.Get("Retry-After") == "" {
		t.Error("it does not say when to try again")
	}
}
