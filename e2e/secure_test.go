package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"golang.org/x/net/html"
)

// TestCookies_S18 holds that what the browser keeps is out of the reach of scripts and of other sites.
func TestCookies_S18(t *testing.T) {
	ada := openSite(t).person("ada")
	ada.goesTo("/rooms/1")
	ada.keepsCookies("sid", false)
}

// keepsCookies holds that the session is in a cookie of this name, and that every cookie is for requests of the site alone.
func (p *person) keepsCookies(session string, secure bool) {
	p.t.Helper()
	found := false
	for _, c := range call(p.tab, network.GetCookies, network.GetCookiesParams{}).Cookies {
		found = found || c.Name == session
		if !c.HTTPOnly || c.Secure != secure || c.SameSite != network.CookieSameSiteLax || c.Path != "/" || strings.HasPrefix(c.Domain, ".") {
			p.t.Errorf("the cookie %s is too open: %+v", c.Name, c)
		}
	}
	if !found {
		p.t.Errorf("no cookie is called %s", session)
	}
	p.is(`document.cookie === '' && localStorage.length === 0 && sessionStorage.length === 0`)
}

// TestHeaders_S72_S73 follows every link of the site and holds each page against what every page must say.
func TestHeaders_S72_S73(t *testing.T) {
	site := openSite(t)
	ada := site.member("ada")
	room := ada.makesRoom("Music", "public", "")
	ada.says(room, numbered(1, 60)...)
	nonces := map[string]bool{}
	queue, seen := []string{"/rooms", "/login", "/register", "/nothing", room + "/4711"}, map[string]bool{}
	for len(queue) > 0 && len(seen) < 150 {
		path := queue[0]
		queue = queue[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		a := ada.get(path)
		if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			continue
		}
		a.isGuarded(t, path, site)
		nonce := a.policy()["style-src"]
		if nonces[nonce] {
			t.Errorf("%s: the nonce of an earlier page: %s", path, nonce)
		}
		nonces[nonce] = true
		queue = append(queue, a.links(t)...)
	}
	if len(nonces) < 60 {
		t.Errorf("only %d pages were found: %v", len(nonces), seen)
	}
	out := ada.submits("/rooms", "/logout")
	if got := out.Header.Get("Clear-Site-Data"); !strings.Contains(got, `"cache"`) || !strings.Contains(got, `"storage"`) {
		t.Errorf("signing out clears %q", got)
	}
}

// isGuarded holds an answer against what protects every page.
func (a answer) isGuarded(t *testing.T, path string, site *site) {
	t.Helper()
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %s is %q, not %q", path, name, got, want)
		}
	}
	if !strings.Contains(a.Header.Get("Permissions-Policy"), "camera=()") {
		t.Errorf("%s: Permissions-Policy is %q", path, a.Header.Get("Permissions-Policy"))
	}
	policy := a.policy()
	for name, want := range map[string]string{
		"default-src": "'none'", "script-src": "'self'", "form-action": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'",
		"connect-src": "'self' " + strings.Replace(site.URL, "http", "ws", 1),
	} {
		if policy[name] != want {
			t.Errorf("%s: %s is %q, not %q", path, name, policy[name], want)
		}
	}
	for name, sources := range policy {
		for source := range strings.FieldsSeq(sources) {
			known := []string{"'none'", "'self'", "blob:", "data:", strings.Replace(site.URL, "http", "ws", 1)}
			if !slices.Contains(known, source) && (name != "style-src" || !strings.HasPrefix(source, "'nonce-")) {
				t.Errorf("%s: %s allows %s", path, name, source)
			}
		}
	}
}

// policy is the content security policy, by directive.
func (a answer) policy() map[string]string {
	directives := map[string]string{}
	for directive := range strings.SplitSeq(a.Header.Get("Content-Security-Policy"), ";") {
		name, sources, _ := strings.Cut(strings.TrimSpace(directive), " ")
		directives[name] = sources
	}
	return directives
}

// links are the addresses within the site that a page leads to.
func (a answer) links(t *testing.T) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(a.Body))
	must(t, err)
	var list []string
	for n := range root.Descendants() {
		if path, _, _ := strings.Cut(attribute(n, "href"), "#"); strings.HasPrefix(path, "/") {
			list = append(list, path)
		}
	}
	return list
}
