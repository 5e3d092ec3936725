package e2e

import (
	"bufio"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/security"
	"github.com/google/go-cmp/cmp"
)

// tlsSite is the program as it stands on the internet: behind a proxy that takes https, and http on another port, and says
// which it was.
type tlsSite struct {
	*site
	tls, plain *httptest.Server
}

func openTLSSite(t *testing.T) *tlsSite {
	t.Helper()
	address := freeAddress(t)
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: address})
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
		ErrorLog: log.New(io.Discard, "", 0), // that people leave
	}
	s := &tlsSite{tls: httptest.NewUnstartedServer(proxy), plain: httptest.NewServer(proxy)}
	s.tls.Config.ErrorLog = log.New(io.Discard, "", 0) // Chromium says on each line that it does not know the certificate
	s.tls.StartTLS()
	t.Cleanup(s.plain.Close)
	t.Cleanup(s.tls.Close)
	s.site = startSiteAt(t, address, "--public-url", "https://"+at(plainHost, s.tls), "--trusted-proxies", "127.0.0.1")
	return s
}

// at is the address of a proxy under a host name.
func at(host string, proxy *httptest.Server) string {
	_, port, _ := net.SplitHostPort(proxy.Listener.Addr().String())
	return net.JoinHostPort(host, port)
}

// visitor opens a browser that takes the certificate of the test.
func (s *tlsSite) visitor(name string) *person {
	s.t.Helper()
	p := s.site.visitor(name)
	call(p.tab, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true})
	return p
}

// client is somebody without a browser, who comes through a proxy.
func (s *tlsSite) client(name string, proxy *httptest.Server) *client {
	s.t.Helper()
	c := s.site.client(name)
	transport := proxy.Client().Transport.(*http.Transport).Clone()
	transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", proxy.Listener.Addr().String())
	}
	if transport.TLSClientConfig != nil {
		transport.TLSClientConfig.ServerName = "example.com" // as the certificate is made out
	}
	s.t.Cleanup(transport.CloseIdleConnections)
	c.http.Transport = transport
	return c
}

// TestBehindTLS_S18_S26 has people chat by https: their cookies never leave the encrypted line, and no script reads them.
func TestBehindTLS_S18_S26(t *testing.T) {
	site := openTLSSite(t)
	ada, bob := site.visitor("ada"), site.visitor("bob")
	ada.setsUp("The Pub", "open")
	bob.registers()
	room := ada.makesRoom("Music", "public")
	bob.joins(room)
	for _, p := range []*person{ada, bob} {
		p.isLive()
		if socket := p.lastSocket(); !strings.HasPrefix(socket, "wss://"+at(plainHost, site.tls)+"/live?") {
			t.Errorf("%s is live through %s", p.name, socket)
		}
	}
	ada.says("encrypted")
	bob.says("so it is")
	ada.seesOnly("encrypted", "so it is")
	bob.seesOnly("encrypted", "so it is")
	ada.keepsCookies("__Host-sid", true)
	ada.submits("/logout")
	ada.isAt("/login")

	// Whoever types the address without https comes to it.
	eve := site.visitor("eve")
	eve.expects("request to another host: http://" + at(plainHost, site.plain))
	eve.opens("http://" + at(plainHost, site.plain) + "/login?next=%2Frooms")
	if got := ask[string](eve.tab, `location.href`); got != site.URL+"/login?next=%2Frooms" {
		t.Errorf("by http the page is %s", got)
	}
	eve.registers()
	eve.keepsCookies("__Host-sid", true)
}

// TestSessionCookie_S18 holds what the cookie of a session is sent with, to the letter.
func TestSessionCookie_S18(t *testing.T) {
	site := openTLSSite(t)
	link := site.setupLink()
	site.client("root", site.tls).submits(link, link, "community", "The Pub", "username", "root", "password", password, "registration", "open")
	for name, a := range map[string]answer{
		"registering": site.client("ann", site.tls).submits("/register", "/register", "username", "ann", "password", password),
		"signing in":  site.client("root", site.tls).submits("/login", "/login", "username", "root", "password", password),
	} {
		var sessions int
		for _, line := range a.Header.Values("Set-Cookie") {
			cookie, err := http.ParseSetCookie(line)
			must(t, err)
			want := &http.Cookie{
				Name: cookie.Name, Value: cookie.Value, Path: cookie.Path, MaxAge: cookie.MaxAge, Raw: line,
				Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
			}
			if strings.Contains(line, "sid=") {
				sessions++
				want.Name, want.Path, want.MaxAge = "__Host-sid", "/", 90*24*60*60
				if !regexp.MustCompile(`^[\w-]{43}$`).MatchString(cookie.Value) {
					t.Errorf("%s: the session is %q", name, cookie.Value)
				}
			}
			if diff := cmp.Diff(want, cookie); diff != "" {
				t.Errorf("%s: the cookie is other (-want +got):\n%s", name, diff)
			}
		}
		if sessions != 1 {
			t.Errorf("%s: %d cookies with a session in %q", name, sessions, a.Header.Values("Set-Cookie"))
		}
	}
}

// TestPlainLine_S26 comes to the public name unencrypted: pages lead to https, and nothing else works.
func TestPlainLine_S26(t *testing.T) {
	site := openTLSSite(t)
	link := site.setupLink()
	root := site.client("root", site.tls)
	root.submits(link, link, "community", "The Pub", "username", "root", "password", password, "registration", "open")
	a := root.get("/rooms/1")
	policy := a.Header.Get("Strict-Transport-Security")
	age, err := strconv.Atoi(regexp.MustCompile(`max-age=(\d+)`).ReplaceAllString(policy, "$1"))
	if err != nil || age < 365*24*60*60 {
		t.Errorf("by https a page says Strict-Transport-Security: %q", policy)
	}

	line := func(request string) *http.Response {
		conn, err := net.Dial("tcp", site.plain.Listener.Addr().String())
		must(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		_, err = io.WriteString(conn, strings.ReplaceAll(request, "\n", "\r\n"))
		must(t, err)
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		must(t, err)
		return res
	}
	var cookies string
	for _, c := range root.cookies() {
		cookies += c.Name + "=" + c.Value + "; "
	}
	host := "Host: " + at(plainHost, site.tls) + "\nOrigin: " + site.URL + "\nCookie: " + cookies + "\n"
	for name, tt := range map[string]struct {
		request string
		status  int
		to      string
	}{
		"a page":      {"GET /rooms/1?before=2 HTTP/1.1\n" + host + "\n", http.StatusMovedPermanently, site.URL + "/rooms/1?before=2"},
		"a form":      {"POST /login HTTP/1.1\n" + host + "Content-Type: application/x-www-form-urlencoded\nContent-Length: 0\n\n", http.StatusForbidden, ""},
		"a handshake": {"GET /live?room=1&rev=0 HTTP/1.1\n" + host + "Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n\n", http.StatusForbidden, ""},
	} {
		res := line(tt.request)
		if res.StatusCode != tt.status || res.Header.Get("Location") != tt.to {
			t.Errorf("%s was answered %d and leads to %q", name, res.StatusCode, res.Header.Get("Location"))
		}
		if len(res.Cookies()) > 0 || res.Header.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s was answered with %v", name, res.Header)
		}
	}
}
