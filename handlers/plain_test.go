package handlers_test

import (
	"net/http"
	"testing"

	"chinwag/chat"
	"chinwag/handlers"
)

// behindTLSProxy has a public address with https, and believes what the proxy before it says of the line.
func behindTLSProxy(c *handlers.Config) {
	behindTLS(c)
	behindProxy(c)
	withoutLimits(c)
}

// On an unencrypted line, pages lead to the encrypted address and nothing else works.
func TestS26_PlainRequestsLeadToTLS(t *testing.T) {
	t.Parallel()
	s := openSite(t, behindTLSProxy)
	room := s.room("Market", chat.RoomPublic, 1)
	bob := s.newcomer(general)
	plainly := func(req *http.Request, schemes ...string) *page {
		req.Header["X-Forwarded-Proto"] = schemes
		return bob.do(req)
	}
	for path, to := range map[string]string{
		"/":                       "/",
		"/login?next=%2Frooms%2F": "/login?next=%2Frooms%2F",
		"/rooms/1?before=3":       "/rooms/1?before=3",
		"/nothing":                "/nothing",
		"//x.test/":               "/",
		s.script():                s.script(),
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			p := plainly(bob.request(method, path, nil), "http").is(http.StatusMovedPermanently)
			if got := p.Header.Get("Location"); got != s.origin()+to {
				t.Errorf("%s %s leads to %s, want %s", method, path, got, s.origin()+to)
			}
			if p.Header.Get("Strict-Transport-Security") != "" || p.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s %s: %v", method, path, p.Header)
			}
		}
	}
	before := s.state()
	for path, fields := range forms(room) {
		p := plainly(bob.postRequest(path, fields...), "http").is(http.StatusForbidden)
		if p.Header.Get("Set-Cookie") != "" || p.Header.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: %v", path, p.Header)
		}
	}
	s.unchanged(t, before)
	for _, scheme := range []string{"http", "ws", "HTTP", " http , https"} {
		_, res, err := bob.shakesHands("?room=1&rev=0", func(h http.Header) { h.Set("X-Forwarded-Proto", scheme) })
		if err == nil || res == nil || res.StatusCode != http.StatusForbidden {
			t.Errorf("a handshake by %s: %v", scheme, err)
		}
	}
	for _, scheme := range []string{"https", "HTTPS", "wss", "https, http", ""} {
		p := plainly(bob.request(http.MethodGet, "/rooms/1", nil), scheme).is(http.StatusOK)
		if got := p.Header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
			t.Errorf("by %q it says Strict-Transport-Security: %s", scheme, got)
		}
	}
}

// Of a line nobody but a trusted proxy tells, and a site without https has no other to lead to.
func TestS26_OnlyTrustedProxiesTellOfTheLine(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*handlers.Config){"nobody is trusted": behindTLS, "no https": behindProxy} {
		t.Run(name, func(t *testing.T) {
			s := openSite(t, change)
			bob := s.newcomer(general)
			req := bob.request(http.MethodGet, "/rooms/1", nil)
			req.Header.Set("X-Forwarded-Proto", "http")
			bob.do(req).is(http.StatusOK)
		})
	}
}
