package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"chinwag/handlers"
)

// Where somebody goes after signing in is a page of ours, however the address is spelt.
func TestS49_SigningInLeadsToOurPagesOnly(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	b := s.newcomer()
	for name, next := range map[string]string{
		"another site":                "https://x.test/",
		"no scheme":                   "//x.test/",
		"three slashes":               "///x.test/",
		"backslashes":                 `\\x.test/`,
		"a slash and a backslash":     `/\x.test/`,
		"a backslash and a slash":     `\/x.test/`,
		"a tab between slashes":       "/\t/x.test/",
		"a line break between":        "/\n/x.test/",
		"a return between":            "/\r/x.test/",
		"a line break and a header":   "/rooms\r\nSet-Cookie: sid=x",
		"a space before":              " //x.test/",
		"a NUL":                       "/\x00/x.test",
		"a script":                    "javascript:alert(1)",
		"data":                        "data:text/html,x",
		"a user before the host":      "//user@x.test",
		"our host as a user":          "//" + s.host() + "@x.test/",
		"our host with more":          s.origin() + ".x.test/",
		"our own origin":              s.origin() + "/rooms",
		"a host in brackets":          "//[::1]/",
		"a scheme without slashes":    "http:x.test",
		"dots to the top":             "/..//x.test/",
		"a dot and slashes":           "/.//x.test/",
		"only dots":                   "..//x.test",
		"escaped slashes":             "/%2f/x.test",
		"an escaped slash at first":   "%2f%2fx.test",
		"an escaped tab":              "/%09/x.test",
		"a broken escape":             "/%zz",
		"a full-width slash":          "/\uff0f/x.test",
		"a delete":                    "/\x7f/x.test",
		"many slashes in the middle":  "/rooms//x.test",
		"a question with another url": "/rooms?next=//x.test",
	} {
		t.Run(name, func(t *testing.T) {
			b := b.in(t)
			staysHere(t, s, b.get("/login?next="+url.QueryEscape(next)).is(http.StatusSeeOther).Header.Get("Location"))
			if strings.ContainsAny(next, "\\\r\n\x00@") { // signing in itself takes its time
				to := b.post("/login", "username", "root", "password", password, "next", next).is(http.StatusSeeOther).Header.Get("Location")
				staysHere(t, s, to)
			}
		})
	}
	for _, next := range []string{"/rooms", "/rooms/1", "/rooms/1?before=5", "/rooms?q=a%20b&x=1", "/rooms/1/2#m2"} {
		if to := b.get("/login?next=" + url.QueryEscape(next)).Header.Get("Location"); to != next {
			t.Errorf("next %q leads to %q", next, to)
		}
	}
}

// staysHere holds that a browser that reads this Location stays on the site.
func staysHere(t *testing.T, s *site, location string) {
	t.Helper()
	base, err := url.Parse(s.origin() + "/login")
	must(t, err)
	browsersRead := strings.NewReplacer(`\`, "/", "\t", "", "\n", "", "\r", "").Replace(strings.TrimSpace(location))
	to, err := base.Parse(browsersRead)
	if err != nil || !strings.HasPrefix(browsersRead, "/") || strings.HasPrefix(browsersRead, "//") || to.Host != base.Host {
		t.Errorf("leads to %q", location)
	}
}

// The page one was going to comes back after signing in.
func TestSigningInLeadsToWhereOneWasGoing(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	b := s.stranger()
	b.get("/rooms/1/members").is(http.StatusUnauthorized)
	p := b.submits("/login", "username", "root", "password", password).is(http.StatusOK)
	if p.URL != s.URL+"/rooms/1/members" {
		t.Errorf("came to %s", p.URL)
	}
}

func FuzzNextStaysHere(f *testing.F) {
	for _, seed := range []string{"/", "/rooms", "//x", `/\x`, "/\t/x", "/..//x", "/%2f/x", "http:x", ""} {
		f.Add(seed)
	}
	base, err := url.Parse("http://chat.test/login")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, next string) {
		to := handlers.NextPath(next)
		reads := strings.NewReplacer(`\`, "/", "\t", "", "\n", "", "\r", "").Replace(strings.TrimSpace(to))
		if at, err := base.Parse(reads); err != nil || at.Host != base.Host || !strings.HasPrefix(to, "/") || strings.HasPrefix(reads, "//") {
			t.Errorf("%q leads to %q", next, to)
		}
		if strings.ContainsFunc(to, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Errorf("%q puts a control into a header", next)
		}
	})
}
