package e2e

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// client is somebody who comes by plain HTTP: no browser, no script, straight to where the site listens, past any line.
type client struct {
	t    testing.TB
	site *site
	name string
	http *http.Client
}

// answer is what a client got.
type answer struct {
	Status int
	Header http.Header
	Body   string
}

func (s *site) client(name string) *client {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	must(s.t, err)
	direct := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", s.addr)
	}
	transport := &http.Transport{DialContext: direct, DisableCompression: true, DisableKeepAlives: true} // servers come and go
	return &client{t: s.t, site: s, name: name, http: &http.Client{
		Jar: jar, Timeout: patience, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// member is a client with an account.
func (s *site) member(name string) *client {
	s.t.Helper()
	c := s.client(name)
	c.submits("/register", "/register", "username", name, "password", password)
	return c
}

// cookies are what the site keeps in the client's browser.
func (c *client) cookies() []*http.Cookie {
	c.t.Helper()
	site, err := url.Parse(c.site.URL)
	must(c.t, err)
	return c.http.Jar.Cookies(site)
}

// get asks for a page and follows nothing.
func (c *client) get(path string) answer {
	c.t.Helper()
	return c.do(http.MethodGet, path, nil)
}

func (c *client) do(method, path string, form url.Values) answer {
	c.t.Helper()
	a, err := c.try(context.Background(), method, path, form)
	must(c.t, err)
	return a
}

// try is do where the site may be gone. Headers are name and value, in turn.
func (c *client) try(ctx context.Context, method, path string, form url.Values, headers ...string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.site.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if method == http.MethodPost {
		req.Header.Set("Origin", c.site.URL)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, string(body)}, err
}

// submits sends a form that stands on a page, with what it holds and what is filled in. The site has to accept it.
func (c *client) submits(page, action string, fields ...string) answer {
	c.t.Helper()
	form := c.get(page).form(c.t, action)
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	a := c.do(http.MethodPost, action, form)
	if a.Status != http.StatusSeeOther {
		c.t.Fatalf("%s: %s answered %d: %s", c.name, action, a.Status, a.Body)
	}
	return a
}

// makesRoom gives the path of the new room.
func (c *client) makesRoom(name, kind, topic string) string {
	c.t.Helper()
	return c.submits("/rooms/new", "/rooms", "name", name, "kind", kind, "topic", topic).Header.Get("Location")
}

func (c *client) joins(room string) { c.t.Helper(); c.submits(room, room+"/join") }

// says sends messages, one after another.
func (c *client) says(room string, messages ...string) {
	c.t.Helper()
	for _, m := range messages {
		c.submits(room, room+"/messages", "body", m)
	}
}

// form is what the hidden fields of a form on the page hold.
func (a answer) form(t testing.TB, action string) url.Values {
	t.Helper()
	root, err := html.Parse(strings.NewReader(a.Body))
	must(t, err)
	for n := range root.Descendants() {
		if n.Data != "form" || attribute(n, "action") != action {
			continue
		}
		values := url.Values{}
		for field := range n.Descendants() {
			if attribute(field, "type") == "hidden" {
				values.Set(attribute(field, "name"), attribute(field, "value"))
			}
		}
		return values
	}
	t.Fatalf("no form to %s on the page (%d): %s", action, a.Status, a.Body)
	return nil
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
