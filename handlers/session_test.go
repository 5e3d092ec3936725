package handlers_test

import (
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"chinwag/chat"
	"chinwag/db/dbtest"
	"chinwag/handlers"
)

func TestS08_SigningInMakesANewSession(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.stranger()
	bob.opens("/login")
	before := bob.cookie("sid")
	bob.signsIn("root", password).is(http.StatusOK)
	first := bob.cookie("sid")
	if first == before {
		t.Error("the cookie from before signing in became the session's")
	}
	s.withCookie(before).get("/rooms").is(http.StatusUnauthorized)

	t.Run("a planted cookie", func(t *testing.T) {
		victim := s.withCookie(chat.NewToken(32)).in(t)
		planted := victim.cookie("sid")
		victim.signsIn("root", password).is(http.StatusOK)
		s.withCookie(planted).get("/rooms").is(http.StatusUnauthorized)
	})
	t.Run("signing in once more", func(t *testing.T) {
		bob := bob.in(t)
		bob.post("/login", "username", "root", "password", password).is(http.StatusSeeOther)
		if bob.cookie("sid") == first {
			t.Error("the session's id stayed")
		}
		s.withCookie(first).get("/rooms").is(http.StatusUnauthorized)
	})
	t.Run("registering once more", func(t *testing.T) {
		bob := bob.in(t)
		second := bob.cookie("sid")
		bob.post("/register", "username", "second", "password", password).is(http.StatusSeeOther)
		s.withCookie(second).get("/rooms").is(http.StatusUnauthorized)
	})
}

// withCookie is a stranger who has a session's cookie.
func (s *site) withCookie(sid string) *browser {
	b := s.stranger()
	b.keeps(s.cookieName(), sid)
	return b
}

func TestS09_SessionIDsAreRandomAndStoredNowhere(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	shape := regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`) // 32 bytes
	seen := map[string]bool{}
	for range 5 {
		bob := s.stranger()
		bob.signsIn("root", password).is(http.StatusOK)
		id := bob.cookie("sid")
		if !shape.MatchString(id) || seen[id] {
			t.Errorf("the session's id is %q", id)
		}
		seen[id] = true
	}
	for _, file := range dbtest.Files(t, s.place) {
		data, err := os.ReadFile(file)
		must(t, err)
		for id := range seen {
			if strings.Contains(string(data), id) {
				t.Errorf("%s holds the id of a live session", file)
			}
		}
	}
}

func TestS10_SigningOutEndsTheSessionEverywhere(t *testing.T) {
	s := openSite(t)
	bob := s.person("bob")
	old := bob.cookie("sid")
	screens := []*screen{bob.watches(general, 0), bob.opensSocket("")}
	other := s.stranger()
	other.signsIn("bob", password)
	theirs := other.watches(general, 0)

	body := "csrf=" + bob.token() + "&body=late&key=late"
	slow := s.wire().sends("POST /rooms/1/messages HTTP/1.1\r\nHost: " + s.host() + "\r\nOrigin: " + s.origin() +
		"\r\nCookie: sid=" + old + "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
		strconv.Itoa(len(body)) + "\r\n\r\n" + body[:10])
	started := time.Now()
	p := bob.submitsFrom("/rooms", "/logout").is(http.StatusOK)
	if cookie := bob.cookie("sid"); cookie == old {
		t.Error("the browser keeps the cookie")
	}
	for _, screen := range screens {
		screen.closesWith(websocket.ClosePolicyViolation)
	}
	if took := time.Since(started); took > 2*time.Second {
		t.Errorf("the sockets were closed after %v", took)
	}
	if p.byID("sidebar") != nil {
		t.Error("the page after signing out is a signed-in one")
	}
	s.withCookie(old).get("/rooms").is(http.StatusUnauthorized)
	if res := slow.sends(body[10:]).answer(); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("a request that was under way was answered %d", res.StatusCode)
	}
	s.withCookie(old).get("/rooms").is(http.StatusUnauthorized)
	if n := s.number(`SELECT COUNT(*) FROM messages`); n != 0 {
		t.Error("the request that was under way was carried out")
	}
	if got := other.get("/rooms").Status; got != http.StatusOK || theirs.ended() != 0 {
		t.Errorf("the person's other browser was signed out too: %d, socket %d", got, theirs.ended())
	}
	ended, res, err := s.withCookie(old).shakesHands("?room=1&after=0", nil)
	if err != nil {
		t.Fatalf("an ended session's page is not told so: %v %v", err, res)
	}
	if _, _, err := ended.ReadMessage(); !websocket.IsCloseError(err, websocket.ClosePolicyViolation) {
		t.Errorf("an ended session's socket: %v", err)
	}
}

// Whatever is on its way when somebody signs out: once that is answered, nothing more is stored in the session's name.
func TestS10_NothingIsStoredAfterSigningOut(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob := s.newcomer(general)
	logout := bob.postRequest("/logout")
	requests := make([]*http.Request, 60)
	for i := range requests {
		requests[i] = bob.postRequest(sendToGeneral, "body", "on its way", "key", chat.NewToken(16))
		requests[i].AddCookie(&http.Cookie{Name: "sid", Value: bob.cookie("sid")}) // the browser forgets it
	}
	atTheEnd := int64(-1)
	lines := s.server.OpenConnections()
	release := s.holdsWrites() // so that they wait for each other, in any order
	var sent sync.WaitGroup
	sent.Go(func() {
		together(len(requests)+1, func(i int) {
			if i < len(requests) {
				s.stranger().do(requests[i])
				return
			}
			bob.tab().do(logout).is(http.StatusSeeOther)
			atTheEnd = s.number(`SELECT COUNT(*) FROM messages`)
		})
	})
	eventually(t, func() bool { return s.server.OpenConnections() >= lines+len(requests) })
	release()
	sent.Wait()
	if got := s.number(`SELECT COUNT(*) FROM messages`); got != atTheEnd {
		t.Errorf("%d messages, %d of them after signing out", got, got-atTheEnd)
	}
	if n := s.number(`SELECT COUNT(*) FROM sessions`); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

func TestS12_SessionsEndByAge(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	s := openSite(t)
	for name, tt := range map[string]struct {
		admin         bool
		age, lastSeen time.Duration
		status        int
	}{
		"fresh":                              {false, 0, 0, http.StatusOK},
		"idle for thirteen days":             {false, 13 * day, 13 * day, http.StatusOK},
		"idle for fourteen days":             {false, 14 * day, 14 * day, http.StatusUnauthorized},
		"in use for 89 days":                 {false, 89 * day, time.Hour, http.StatusOK},
		"in use for ninety days":             {false, 90 * day, time.Hour, http.StatusUnauthorized},
		"an administrator, eleven hours":     {true, 11 * time.Hour, time.Minute, http.StatusOK},
		"an administrator, twelve hours":     {true, 12 * time.Hour, time.Minute, http.StatusUnauthorized},
		"last seen in the future, by a jump": {false, 0, -2 * time.Hour, http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			bob := s.newcomer(general)
			id, now := bob.me(), s.clock.now()
			s.runs(`UPDATE users SET role = CASE WHEN $1 THEN 'admin' ELSE 'member' END WHERE id = $2`, tt.admin, id)
			s.runs(`UPDATE sessions SET signed_in_at = $1, last_seen_at = $2 WHERE user_id = $3`,
				now.Add(-tt.age).UnixMilli(), now.Add(-tt.lastSeen).UnixMilli(), id)
			bob.get("/rooms").is(tt.status)
		})
	}
}

func TestS12_UseKeepsASessionAliveAndAgeEndsItsSockets(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.newcomer(general)
	for range 6 {
		s.clock.forward(13 * 24 * time.Hour)
		eventually(t, func() bool { // no page waits for it, and one that comes while the last is still being noted notes nothing
			bob.get("/rooms").is(http.StatusOK)
			return s.number(`SELECT MAX(last_seen_at) FROM sessions WHERE user_id = $1`, bob.me()) > s.clock.now().Add(-time.Hour).UnixMilli()
		})
	}
	screen := bob.watches(general, 0)
	s.clock.forward(13 * 24 * time.Hour) // 91 days
	s.runs(`UPDATE community SET security_rev = security_rev + 1`)
	screen.closesWith(websocket.ClosePolicyViolation)
	bob.get("/rooms").is(http.StatusUnauthorized)
}

func TestS18_TheSessionCookieIsGuarded(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*handlers.Config)
		cookie string
		secure bool
	}{
		"https": {behindTLS, "__Host-sid", true},
		"http":  {withoutLimits, "sid", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := openSite(t, tt.change)
			bob := s.stranger()
			p := bob.submitsTo("/login", "username", "root", "password", password).is(http.StatusSeeOther)
			var names []string
			for _, c := range (&http.Response{Header: p.Header}).Cookies() {
				names = append(names, c.Name)
				if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Name == tt.cookie && c.Path != "/" || c.Domain != "" || c.Secure != tt.secure {
					t.Errorf("the cookie %s is not guarded: %s", c.Name, c.Raw)
				}
			}
			if !slices.Contains(names, tt.cookie) {
				t.Errorf("the cookies are %q", names)
			}
			bob.get("/rooms").is(http.StatusOK)
			if p := bob.submitsFrom("/rooms", "/logout"); p.byID("sidebar") != nil {
				t.Error("signing out did not work")
			}
		})
	}
}

// submitsTo opens the page of a form and sends it, and follows nothing.
func (b *browser) submitsTo(path string, fields ...string) *page {
	b.t.Helper()
	b.opens(path)
	return b.post(path, fields...)
}

func TestS73_PrivatePagesAreKeptByNobody(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.newcomer(general)
	for _, path := range []string{"/rooms", "/rooms/new", "/rooms/1", "/rooms/1/members", "/login", "/rooms/77", "/nothing", "/live"} {
		if got := bob.get(path).Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s may be kept: %q", path, got)
		}
	}
	if got := bob.post("/logout").is(http.StatusSeeOther).Header.Get("Clear-Site-Data"); got != `"cache", "storage"` {
		t.Errorf("signing out clears %q", got)
	}
	if got := s.stranger().get(s.script()).Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("the script is kept as %q", got)
	}
}
