package handlers_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"chinwag/chat"
)

// unpacked reads an answer as a browser does.
func unpacked(t *testing.T, p *page) string {
	t.Helper()
	var r io.Reader = strings.NewReader(p.Body)
	switch encoding := p.Header.Get("Content-Encoding"); encoding {
	case "br":
		r = brotli.NewReader(r)
	case "gzip":
		unzip, err := gzip.NewReader(r)
		must(t, err)
		r = unzip
	case "":
	default:
		t.Fatalf("packed as %q", encoding)
	}
	text, err := io.ReadAll(r)
	must(t, err)
	return string(text)
}

func TestAnswersArePackedAsTheBrowserTakesThem(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	room := s.room("Market", chat.RoomPublic, 50)
	bob := s.newcomer(room)
	for _, path := range []string{s.script(), roomPath(room)} {
		plain := bob.get(path).is(http.StatusOK)
		for accepts, want := range map[string]string{
			"": "", "gzip": "gzip", "br": "br", "gzip, deflate, br, zstd": "br", "br;q=0, gzip": "gzip", "identity": "", "zstd": "",
		} {
			t.Run(path+" "+accepts, func(t *testing.T) {
				req := bob.request(http.MethodGet, path, nil)
				req.Header.Set("Accept-Encoding", accepts)
				p := bob.in(t).do(req).is(http.StatusOK)
				if got := p.Header.Get("Content-Encoding"); got != want {
					t.Errorf("packed as %q, not %q", got, want)
				}
				if !strings.Contains(p.Header.Get("Vary"), "Accept-Encoding") && p.Header.Get("Cache-Control") != "no-store" {
					t.Error("a cache could give it to somebody who cannot read it")
				}
				if got := unpacked(t, p); len(got) != len(plain.Body) {
					t.Errorf("%d bytes, not %d", len(got), len(plain.Body))
				}
			})
		}
	}
}

func TestOnlyOurFilesAreServed(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	script := s.script()
	for _, path := range []string{
		"/static/", "/static", "/static/app.js", "/static/..", "/static/../go.mod", "/static/..%2f..%2fgo.mod", "/static/%2e%2e/go.mod",
		"/static/..%5c..%5cgo.mod", "/static//etc/passwd", "/static/%2fetc%2fpasswd", script + "/", script + "%00", script + ".map",
		"/static/%00", "/static/static.go", strings.ToUpper(script), "/robots.txt", "/.git/config", "/chinwag.db", "/sessions.db",
	} {
		raw := s.wire().sends("GET " + path + " HTTP/1.1\r\nHost: " + s.host() + "\r\n\r\n").answers()
		if list := statuses(raw); len(list) != 1 || list[0] != http.StatusNotFound && !strings.HasPrefix(path, script+"/") {
			t.Errorf("%s answered %d", path, list)
		}
	}
}
