package handlers_test

import (
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"chinwag/chat"
)

// browser is a person's browser without JavaScript: it keeps cookies, says where its requests come from, and sends
// forms as they stand on the page.
type browser struct {
	t      *testing.T
	site   *site
	client *http.Client
	dialer *net.Dialer
	page   *page
}

// stranger is a browser that nobody has signed in with.
func (s *site) stranger() *browser {
	jar, err := cookiejar.New(nil)
	must(s.t, err)
	dialer := &net.Dialer{}
	transport := &http.Transport{DisableCompression: true, DialContext: dialer.DialContext}
	s.t.Cleanup(transport.CloseIdleConnections)
	return &browser{t: s.t, site: s, dialer: dialer, client: &http.Client{
		Jar: publicJar{jar, s.config.PublicURL.Scheme}, Timeout: 30 * time.Second, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// from gives a browser another network address; all of 127.0.0.0/8 is this machine.
func (b *browser) from(address string) *browser {
	b.dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(address)}
	return b
}

// tab is another tab of the same browser: the same cookies, a page of its own.
func (b *browser) tab() *browser {
	return &browser{t: b.t, site: b.site, client: b.client, dialer: b.dialer}
}

// in is the same browser in a subtest.
func (b *browser) in(t *testing.T) *browser {
	c := *b
	c.t = t
	return &c
}

// publicJar keeps cookies as for the public address: a site behind TLS is spoken to without it here.
type publicJar struct {
	*cookiejar.Jar
	scheme string
}

func (j publicJar) public(u *url.URL) *url.URL {
	at := *u
	at.Scheme = j.scheme
	return &at
}

func (j publicJar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.Jar.SetCookies(j.public(u), cookies)
}

func (j publicJar) Cookies(u *url.URL) []*http.Cookie { return j.Jar.Cookies(j.public(u)) }

// page is an answer.
type page struct {
	t      *testing.T
	Status int
	Header http.Header
	Body   string
	URL    string
	root   *html.Node
}

// do sends a request as it is and reads the answer. It follows nothing.
func (b *browser) do(req *http.Request) *page {
	b.t.Helper()
	res, err := b.client.Do(req)
	must(b.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(b.t, err)
	root, err := html.Parse(strings.NewReader(string(body)))
	must(b.t, err)
	b.page = &page{t: b.t, Status: res.StatusCode, Header: res.Header, Body: string(body), URL: req.URL.String(), root: root}
	return b.page
}

func (b *browser) request(method, path string, form url.Values) *http.Request {
	b.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.site.URL+path, body)
	must(b.t, err)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if method != http.MethodGet && method != http.MethodHead {
		req.Header.Set("Origin", b.site.origin())
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return req
}

// get asks for a page and follows nothing.
func (b *browser) get(path string) *page {
	b.t.Helper()
	return b.do(b.request(http.MethodGet, path, nil))
}

// post sends a form with a good token added and follows nothing.
func (b *browser) post(path string, fields ...string) *page {
	b.t.Helper()
	return b.do(b.postRequest(path, fields...))
}

// htmx sends a form with a good token added, as the page's script does.
func (b *browser) htmx(path string, fields ...string) *page {
	b.t.Helper()
	req := b.postRequest(path, fields...)
	req.Header.Set("HX-Request", "true")
	return b.do(req)
}

func (b *browser) postRequest(path string, fields ...string) *http.Request {
	b.t.Helper()
	form := url.Values{"csrf": {b.token()}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.request(http.MethodPost, path, form)
}

// token is a form token of this browser's session, taken from a page with a form.
func (b *browser) token() string {
	b.t.Helper()
	kept := b.page
	defer func() { b.page = kept }()
	p := b.get("/rooms")
	if p.Status != http.StatusOK {
		p = b.get("/login")
	}
	return p.hidden("csrf")
}

// opens follows an address to its end.
func (b *browser) opens(path string) *page {
	b.t.Helper()
	return b.follow(b.get(path))
}

func (b *browser) follow(p *page) *page {
	b.t.Helper()
	for range 10 {
		to := p.Header.Get("Location")
		if p.Status < 300 || p.Status > 399 || to == "" {
			return p
		}
		p = b.get(strings.TrimPrefix(to, b.site.origin()))
	}
	b.t.Fatal("redirected in a circle")
	return nil
}

// submits fills in the form with this action on the page at hand, sends it, and follows where it leads.
func (b *browser) submits(action string, fields ...string) *page {
	b.t.Helper()
	form := b.page.form(action)
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.follow(b.do(b.request(http.MethodPost, action, form)))
}

// submitsFrom opens a page and sends the form with this action on it.
func (b *browser) submitsFrom(path, action string, fields ...string) *page {
	b.t.Helper()
	b.opens(path)
	return b.submits(action, fields...)
}

func (b *browser) waitsFor(path string) {
	b.t.Helper()
	eventually(b.t, func() bool { return b.get(path).Status == http.StatusOK })
}

func (b *browser) signsUp(name string) {
	b.t.Helper()
	b.submitsFrom("/register", "/register", "username", name, "password", password).is(http.StatusOK)
}

func (b *browser) signsIn(name, secret string) *page {
	b.t.Helper()
	return b.submitsFrom("/login", "/login", "username", name, "password", secret)
}

// makesRoom makes a room and gives its number.
func (b *browser) makesRoom(name string, kind chat.RoomKind) chat.RoomID {
	b.t.Helper()
	p := b.submitsFrom("/rooms/new", "/rooms", "name", name, "kind", string(kind)).is(http.StatusOK)
	id, err := strconv.ParseInt(p.attribute("log", "data-room"), 10, 64)
	must(b.t, err)
	return chat.RoomID(id)
}

// says sends a message through the room's own form.
func (b *browser) says(room chat.RoomID, text string) *page {
	b.t.Helper()
	return b.submitsFrom(roomPath(room), roomPath(room)+"/messages", "body", text)
}

// cookie is the value of a cookie the browser would send.
func (b *browser) cookie(name string) string {
	at := *b.site.config.PublicURL
	at.Path = "/login" // one of them is for that page alone
	for _, c := range b.client.Jar.Cookies(&at) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func roomPath(room chat.RoomID) string { return "/rooms/" + strconv.FormatInt(int64(room), 10) }

// eventually waits until something holds.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	within(t, 10*time.Second, holds)
}

// within waits until something holds, for what takes its time.
func within(t *testing.T, patience time.Duration, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("it did not happen within %v", patience)
		}
		<-tick.C
	}
}

func readCloser(text string) io.ReadCloser { return io.NopCloser(strings.NewReader(text)) }
