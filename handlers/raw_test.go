package handlers_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"chinwag/handlers"
)

// wire is a bare connection to the site, for what no browser sends.
type wire struct {
	t    *testing.T
	conn net.Conn
}

// wire opens a connection.
func (s *site) wire() *wire {
	s.t.Helper()
	conn, err := (&net.Dialer{}).DialContext(s.t.Context(), "tcp", strings.TrimPrefix(s.URL, "http://"))
	must(s.t, err)
	s.t.Cleanup(func() { _ = conn.Close() }) // it may be closed already
	return &wire{t: s.t, conn: conn}
}

// host is how requests name the site.
func (s *site) host() string { return s.config.PublicURL.Host }

// sends writes bytes as they are; the server may have hung up on the ones before.
func (w *wire) sends(text string) *wire {
	_, _ = io.WriteString(w.conn, text)
	return w
}

// answers reads all that comes until the server hangs up, which it must within some seconds of our own end.
func (w *wire) answers() string {
	w.t.Helper()
	if half, ok := w.conn.(*net.TCPConn); ok {
		_ = half.CloseWrite() // the server may have hung up
	}
	return w.rest()
}

// rest reads until the server hangs up by itself.
func (w *wire) rest() string {
	w.t.Helper()
	must(w.t, w.conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	var got strings.Builder
	if _, err := io.Copy(&got, w.conn); err != nil && strings.Contains(err.Error(), "timeout") {
		w.t.Errorf("the server kept the line open after %q", got.String())
	}
	return got.String()
}

// answer reads one answer and leaves the line open.
func (w *wire) answer() *http.Response {
	w.t.Helper()
	must(w.t, w.conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	res, err := http.ReadResponse(bufio.NewReader(w.conn), nil)
	must(w.t, err)
	must(w.t, res.Body.Close())
	return res
}

// statuses are the statuses of all answers in a text.
func statuses(text string) []int {
	var list []int
	for _, part := range strings.Split(text, "HTTP/1.1 ")[1:] {
		status, err := strconv.Atoi(part[:3])
		if err == nil {
			list = append(list, status)
		}
	}
	return list
}

// A request that two programs could read in two ways is refused, and nothing in it is taken for a second request.
func TestS68_AmbiguousRequestsAreRefused(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	const kind = "Content-Type: application/x-www-form-urlencoded\r\n"
	host := "Host: " + s.host() + "\r\n"
	hidden := "GET /healthz HTTP/1.1\r\n" + host + "\r\n"
	for name, raw := range map[string]string{
		"two hosts":                  "GET /login HTTP/1.1\r\n" + host + "Host: x.test\r\n\r\n",
		"the same host twice":        "GET /login HTTP/1.1\r\n" + host + host + "\r\n",
		"no host":                    "GET /login HTTP/1.1\r\n\r\n",
		"bare line feeds":            "GET /login HTTP/1.1\nHost: " + s.host() + "\n\n",
		"a bare line feed inside":    "GET /login HTTP/1.1\r\n" + host + "X-A: b\nX-C: d\r\n\r\n",
		"a bare return inside":       "GET /login HTTP/1.1\r\n" + host + "X-A: b\rX-C: d\r\n\r\n",
		"two lengths":                "POST /login HTTP/1.1\r\n" + host + kind + "Content-Length: 5\r\nContent-Length: 0\r\n\r\na=b&c" + hidden,
		"two lengths in one":         "POST /login HTTP/1.1\r\n" + host + kind + "Content-Length: 5, 0\r\n\r\na=b&c" + hidden,
		"length and chunks":          "POST /login HTTP/1.1\r\n" + host + kind + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
		"chunks and length":          "POST /login HTTP/1.1\r\n" + host + kind + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + hidden,
		"an odd transfer encoding":   "POST /login HTTP/1.1\r\n" + host + kind + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden,
		"two transfer encodings":     "POST /login HTTP/1.1\r\n" + host + kind + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + hidden,
		"chunks with spaces":         "POST /login HTTP/1.1\r\n" + host + kind + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + hidden,
		"a negative length":          "POST /login HTTP/1.1\r\n" + host + kind + "Content-Length: -1\r\n\r\n" + hidden,
		"a length with a plus":       "POST /login HTTP/1.1\r\n" + host + kind + "Content-Length: +5\r\n\r\na=b&c" + hidden,
		"a length beyond any number": "POST /login HTTP/1.1\r\n" + host + kind + "Content-Length: 99999999999999999999\r\n\r\n" + hidden,
		"a chunk with a line feed":   "POST /login HTTP/1.1\r\n" + host + kind + "Transfer-Encoding: chunked\r\n\r\n5;a\nb\r\na=b&c\r\n0\r\n\r\n" + hidden,
		"a chunk with a bad length":  "POST /login HTTP/1.1\r\n" + host + kind + "Transfer-Encoding: chunked\r\n\r\n0x5\r\na=b&c\r\n0\r\n\r\n" + hidden,
		"a folded header":            "GET /login HTTP/1.1\r\n" + host + "X-A: b\r\n c\r\n\r\n",
		"a NUL":                      "GET /login HTTP/1.1\r\n" + host + "X-A: b\x00c\r\n\r\n",
		"no version":                 "GET /login\r\n" + host + "\r\n",
		"a last line with a feed":    "GET /login HTTP/1.1\r\n" + host + "\n",
		"TLS":                        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"noise":                      "\x00\xff\r\n\r\n\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			got := s.wire().sends(raw).answers()
			list := statuses(got)
			if len(list) > 1 || len(list) == 1 && (list[0] < 400 || list[0] > 499) {
				t.Errorf("answered %d: %.300q", list, got)
			}
			noInternals(t, got)
		})
	}
}

func TestS68_OtherHostNamesGetTheRightLink(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	for name, request := range map[string]string{
		"another host":                "GET /rooms/1 HTTP/1.1\r\nHost: x.test\r\n\r\n",
		"another port":                "GET /rooms/1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n",
		"a host in the request line":  "GET http://x.test/rooms/1 HTTP/1.1\r\nHost: x.test\r\n\r\n",
		"a user before the host":      "GET /rooms/1 HTTP/1.1\r\nHost: " + s.host() + "@x.test\r\n\r\n",
		"a forwarded host beside it":  "GET /rooms/1 HTTP/1.1\r\nHost: x.test\r\nX-Forwarded-Host: " + s.host() + "\r\n\r\n",
		"a dot at the end":            "GET /rooms/1 HTTP/1.1\r\nHost: " + strings.Replace(s.host(), ":", ".:", 1) + "\r\n\r\n",
		"a form under another host":   "POST /login HTTP/1.1\r\nHost: x.test\r\nContent-Length: 0\r\n\r\n",
		"a socket under another host": "GET /live HTTP/1.1\r\nHost: x.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			got := s.wire().sends(request).answers()
			if list := statuses(got); len(list) != 1 || list[0] != http.StatusMisdirectedRequest && list[0] != http.StatusBadRequest {
				t.Fatalf("answered %.300q", got)
			}
			if strings.Contains(got, "421") && !strings.Contains(got, `href="`+s.URL) {
				t.Errorf("there is no link to %s: %.2000s", s.URL, got)
			}
			if strings.Contains(got, `"http://x.test`) {
				t.Errorf("the other name is believed: %.2000s", got)
			}
		})
	}
}

func TestS57_LargeBodiesAreRefusedBeforeTheyCome(t *testing.T) {
	s := openSite(t)
	started := time.Now()
	res := s.wire().sends("POST /login HTTP/1.1\r\nHost: " + s.host() + "\r\n" +
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000000\r\n\r\nusername=").answer()
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("answered %d", res.StatusCode)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

// A peer that sends slowly is cut off; the others do not notice it.
func TestS69_SlowRequestsAreCut(t *testing.T) {
	s := startSite(t)
	if within := s.server.ReadTimeout(); within <= 0 || within > 30*time.Second {
		t.Fatalf("a request may take %v to arrive", within)
	}
	s.hurried(300 * time.Millisecond)
	header := "POST /login HTTP/1.1\r\nHost: " + s.host() + "\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	for name, part := range map[string]string{
		"nothing":     "",
		"half a line": "GET /log",
		"half a head": header,
		"half a body": header + "Content-Length: 100\r\n\r\nusername=",
		"half chunks": header + "Transfer-Encoding: chunked\r\n\r\n5\r\na=",
	} {
		t.Run(name, func(t *testing.T) {
			started := time.Now()
			got := s.wire().sends(part).rest()
			if list := statuses(got); len(list) > 1 || len(list) == 1 && list[0] != http.StatusRequestTimeout {
				t.Errorf("answered %.200q", got)
			}
			if took := time.Since(started); took > 10*time.Second {
				t.Errorf("the line was cut after %v", took)
			}
		})
	}
	var slow []*wire
	for range 200 {
		slow = append(slow, s.wire().sends("GET /"))
	}
	started := time.Now()
	s.stranger().get(handlers.HealthPath).is(http.StatusOK)
	if took := time.Since(started); took > 2*time.Second {
		t.Errorf("beside %d slow lines a request took %v", len(slow), took)
	}
}

// hurried restarts the server with less time for requests to arrive.
func (s *site) hurried(within time.Duration) {
	s.t.Helper()
	s.hurry = within
	s.restarts()
}
