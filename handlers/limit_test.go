package handlers_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"chinwag/handlers"
)

func TestS67_SendingTooMuchKeepsTheText(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob, eve := s.newcomer(general), s.newcomer(general)
	sent, started := 0, time.Now()
	var refused *page
	for refused == nil && sent < 60 {
		p := bob.post(sendToGeneral, "body", fmt.Sprintf("line %d", sent), "key", fmt.Sprintf("k%d", sent))
		if p.Status != http.StatusSeeOther {
			refused = p
			break
		}
		sent++
	}
	if sent < 10 || sent > 11+int(time.Since(started).Seconds()) { // ten at once, and one a second
		t.Fatalf("%d messages went through", sent)
	}
	refused.is(http.StatusTooManyRequests)
	wait, err := strconv.Atoi(refused.Header.Get("Retry-After"))
	if err != nil || wait < 1 || wait > 10 {
		t.Errorf("try again after %q", refused.Header.Get("Retry-After"))
	}
	if got := refused.field("body"); got != fmt.Sprintf("line %d", sent) {
		t.Errorf("the box holds %q", got)
	}
	if got := refused.field("key"); got != fmt.Sprintf("k%d", sent) {
		t.Errorf("the key is %q", got)
	}
	if refused.alerts() == "" {
		t.Error("no sentence says why")
	}
	p := bob.htmx(sendToGeneral, "body", "by the script", "key", "ks")
	for range 3 { // one may have come free meanwhile
		if p.Status == http.StatusOK {
			p = bob.htmx(sendToGeneral, "body", "by the script", "key", "ks")
		}
	}
	if p.is(http.StatusTooManyRequests).field("body") != "by the script" {
		t.Errorf("the box holds %q", p.field("body"))
	}
	eve.post(sendToGeneral, "body", "others go on", "key", "k1").is(http.StatusSeeOther)
	bob.get("/rooms/1").is(http.StatusOK)
	bob.page = refused
	eventually(t, func() bool { return bob.submits(sendToGeneral).Status == http.StatusOK })
	bob.page.sees(fmt.Sprintf("line %d", sent))
}

func TestS67_FormsAndPagesHaveLimits(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	for name, tt := range map[string]struct {
		burst int
		every time.Duration // one more comes free
		call  func(b *browser, token string) *page
	}{
		"rooms made": {30, time.Second, func(b *browser, token string) *page {
			return b.do(b.request(http.MethodPost, "/rooms", formOf([]string{"name", "x", "kind", "private", "csrf", token})))
		}},
		"pages":         {200, 100 * time.Millisecond, func(b *browser, _ string) *page { return b.get("/rooms/new") }},
		"missing pages": {200, 100 * time.Millisecond, func(b *browser, _ string) *page { return b.get("/rooms/999") }},
	} {
		t.Run(name, func(t *testing.T) {
			bob := s.newcomer(general).in(t)
			started := time.Now()
			token, passed := bob.token(), 0
			for ; passed < tt.burst*10; passed++ {
				if p := tt.call(bob, token); p.Status == http.StatusTooManyRequests {
					if p.Header.Get("Retry-After") == "" {
						t.Error("nothing says when to try again")
					}
					break
				}
			}
			if most := tt.burst + int(time.Since(started)/tt.every) + 1; passed < tt.burst-2 || passed > most {
				t.Errorf("%d went through, not %d to %d", passed, tt.burst-2, most)
			}
		})
	}
}

// Whoever is signed out counts by address, and cannot choose another by a header.
func TestS71_ForwardingHeadersOfStrangersCountForNothing(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change  func(*handlers.Config)
		forward func(i int) string
		stopped bool
	}{
		"no proxy is trusted":                        {func(*handlers.Config) {}, func(i int) string { return fmt.Sprintf("203.0.113.%d", i) }, true},
		"a proxy is trusted":                         {behindProxy, func(i int) string { return fmt.Sprintf("203.0.113.%d", i) }, false},
		"what stands before the proxy's is not":      {behindProxy, func(i int) string { return fmt.Sprintf("203.0.113.%d, 198.51.100.7", i) }, true},
		"nor noise":                                  {behindProxy, func(i int) string { return fmt.Sprintf("<%d>, 198.51.100.7", i) }, true},
		"noise alone counts as the proxy's own":      {behindProxy, func(i int) string { return fmt.Sprintf("unknown%d", i) }, true},
		"a trusted hop is passed over to the next":   {behindProxy, func(i int) string { return fmt.Sprintf("198.51.100.7, 127.0.0.%d", i%200+1) }, true},
		"hops that are all trusted are the last one": {behindProxy, func(int) string { return strings.Repeat("127.0.0.1, ", 50) + "127.0.0.1" }, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := startSite(t, tt.change)
			b := s.stranger().from("127.0.0.77")
			stopped := false
			for i := 0; i < 250 || tt.stopped && !stopped && i < 2000; i++ {
				req := b.request(http.MethodGet, "/login", nil)
				for _, name := range []string{"X-Forwarded-For", "X-Real-Ip", "True-Client-Ip", "Cf-Connecting-Ip", "Forwarded"} {
					req.Header.Set(name, tt.forward(i))
				}
				stopped = stopped || b.do(req).Status == http.StatusTooManyRequests
			}
			if stopped != tt.stopped {
				t.Errorf("stopped: %v", stopped)
			}
		})
	}
}
