package handlers_test

import (
	"bufio"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"chinwag/chat"
	"chinwag/handlers"
)

// guards are what every answer carries, and what documents do besides, but for the policy's nonce.
func (s *site) guards(document bool) map[string]string {
	headers := map[string]string{"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
	socket := "ws://" + s.host()
	if strings.HasPrefix(s.origin(), "https") {
		headers["Strict-Transport-Security"] = "max-age=31536000"
		socket = "wss://" + s.host()
	}
	if document {
		headers["Content-Security-Policy"] = "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-…'; img-src 'self' blob: data:; " +
			"font-src 'self'; media-src 'self'; connect-src 'self' " + socket + "; form-action 'self'; base-uri 'none'; " +
			"object-src 'none'; frame-src 'self'; worker-src 'self'; manifest-src 'self'; frame-ancestors 'none'"
		headers["Referrer-Policy"] = "same-origin"
		headers["Cross-Origin-Opener-Policy"] = "same-origin"
		headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"
	}
	return headers
}

// isGuarded holds an answer's headers against what it must carry.
func (s *site) isGuarded(t *testing.T, what string, header http.Header) {
	t.Helper()
	got := map[string]string{}
	for _, name := range []string{
		"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy",
		"Cross-Origin-Resource-Policy", "Permissions-Policy", "Strict-Transport-Security",
	} {
		if values := header.Values(name); len(values) > 0 {
			got[name] = noncePattern.ReplaceAllString(strings.Join(values, " AND "), "'nonce-…'")
		}
	}
	document := strings.HasPrefix(header.Get("Content-Type"), "text/html")
	if diff := cmp.Diff(s.guards(document), got); diff != "" {
		t.Errorf("%s has other headers:\n%s", what, diff)
	}
	for _, name := range []string{"Server", "X-Powered-By"} {
		if got := header.Get(name); got != "" {
			t.Errorf("%s says %s: %s", what, name, got)
		}
	}
	if header.Get("X-Request-Id") == "" && !strings.Contains(header.Get("Cache-Control"), "immutable") {
		t.Errorf("%s names no request", what)
	}
}

var noncePattern = regexp.MustCompile(`'nonce-[A-Za-z0-9_-]{22}'`)

func TestS72_EveryAnswerCarriesTheGuards(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*handlers.Config){"http": func(*handlers.Config) {}, "https": behindTLS} {
		t.Run(name, func(t *testing.T) {
			s := openSite(t, withoutLimits, change)
			for _, v := range s.visitors() {
				for _, line := range s.server.Routes() {
					p := v.comes().calls(line, matrix()[line], v.room)
					s.isGuarded(t, v.name+" "+line, p.Header)
				}
			}
			bob := s.newcomer(general)
			for _, path := range []string{"/nothing", "/rooms/77", "/static/none.js", "/%ff", "/.env", "/admin", "/debug/pprof", "/metrics", "/favicon.ico"} {
				s.isGuarded(t, path, bob.get(path).is(http.StatusNotFound).Header)
			}
		})
	}
}

// Also what is refused before any route: by the server under us, or in the middle of a handshake.
func TestS72_RefusalsBelowTheRoutesCarryTheGuards(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob := s.newcomer(general)
	host := "Host: " + s.host() + "\r\n"
	handshake := bob.handshake("")
	const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	for name, tt := range map[string]struct {
		raw    string
		status int
	}{
		"a head too large":            {"GET / HTTP/1.1\r\n" + host + "X-A: " + strings.Repeat("a", 8<<10) + "\r\n\r\n", http.StatusRequestHeaderFieldsTooLarge},
		"a body too large":            {"POST /login HTTP/1.1\r\n" + host + "Content-Length: 5000000\r\n\r\n", http.StatusRequestEntityTooLarge},
		"two lengths":                 {"POST /login HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", http.StatusBadRequest},
		"a packed body":               {"POST /login HTTP/1.1\r\n" + host + "Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n", http.StatusUnsupportedMediaType},
		"another host":                {"GET / HTTP/1.1\r\nHost: x.test\r\n\r\n", http.StatusMisdirectedRequest},
		"a handshake without a key":   {strings.Replace(handshake, key, "", 1), http.StatusUpgradeRequired},
		"a handshake of another time": {strings.Replace(handshake, "Version: 13", "Version: 8", 1), http.StatusUpgradeRequired},
		"a handshake by HEAD":         {strings.Replace(handshake, "GET", "HEAD", 1), http.StatusUpgradeRequired},
	} {
		t.Run(name, func(t *testing.T) {
			wire := s.wire().sends(tt.raw)
			method, _, _ := strings.Cut(tt.raw, " ")
			res, err := http.ReadResponse(bufio.NewReader(wire.conn), &http.Request{Method: method})
			must(t, err)
			body, err := io.ReadAll(res.Body)
			must(t, err)
			must(t, res.Body.Close())
			noInternals(t, string(body))
			if res.StatusCode != tt.status {
				t.Errorf("answered %d, not %d", res.StatusCode, tt.status)
			}
			s.isGuarded(t, name, res.Header)
			if got := res.Header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("may be kept: %q", got)
			}
		})
	}
}

// Only the program's own tests of a page know its nonce, and each page has another.
func TestS72_NoncesAreUsedOnce(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.newcomer(general)
	seen := map[string]bool{}
	for range 20 {
		p := bob.get("/rooms/1")
		style := p.find(func(n *html.Node) bool { return n.Data == "style" })
		if style == nil || attribute(style, "nonce") != p.nonce() {
			t.Fatal("the page's own style does not have its nonce")
		}
		if len(p.nonce()) < 22 || seen[p.nonce()] {
			t.Errorf("the nonce %q is short or came before", p.nonce())
		}
		seen[p.nonce()] = true
	}
}

func TestS62_NobodyMayFrameAPage(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	room := s.room("Market", chat.RoomPublic, 1)
	for _, path := range []string{"/login", "/register", "/rooms", "/rooms/new", "/rooms/1", "/rooms/1/members", roomPath(room) + "/1", "/rooms/99", "/nothing"} {
		for _, b := range []*browser{s.stranger(), s.newcomer(general)} {
			policy := b.opens(path).Header.Get("Content-Security-Policy")
			if strings.Count(policy, "frame-ancestors") != 1 || !strings.HasSuffix(policy, "; frame-ancestors 'none'") {
				t.Errorf("%s may be framed: %s", path, policy)
			}
		}
	}
}

// What a request says of its host reaches no link, redirect or cookie.
func TestS07_AddressesComeFromTheSettings(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob := s.newcomer(general)
	for _, headers := range []http.Header{
		{"X-Forwarded-Host": {"x.test"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Port": {"444"}},
		{"Forwarded": {"host=x.test;proto=https"}, "X-Original-Host": {"x.test"}, "X-Host": {"x.test"}},
		{"X-Original-Url": {"/admin"}, "X-Rewrite-Url": {"/admin"}, "X-Forwarded-Prefix": {"//x.test"}},
	} {
		for _, path := range []string{"/", "/rooms", "/rooms/1", "/rooms/77"} {
			req := bob.request(http.MethodGet, path, nil)
			for name, values := range headers {
				req.Header[name] = values
			}
			if p := bob.do(req); strings.Contains(p.bare(), "x.test") || p.Status > 404 {
				t.Errorf("%s answers %.2000s", path, p.bare())
			}
		}
	}
	p := bob.get("/")
	if to := p.Header.Get("Location"); !strings.HasPrefix(to, "/") {
		t.Errorf("home is %q", to)
	}
}
