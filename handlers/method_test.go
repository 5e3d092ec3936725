package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chinwag/chat"
)

// GET and HEAD only look, wherever they come from: a link or an image on somebody else's page may ask for any address.
func TestS23_GetAndHeadChangeNothing(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	for _, v := range s.visitors() {
		b := v.comes()
		b.opens("/") // cookies come with the first page
		before := s.state()
		for _, line := range s.server.Routes() {
			if !strings.HasPrefix(line, "GET ") {
				continue
			}
			t.Run(v.name+" "+line, func(t *testing.T) {
				b := b.in(t)
				b.calls(line, expected{}, v.room) // a cookie may come with the first look
				got := b.calls(line, expected{}, v.room)
				address, err := url.Parse(got.URL)
				must(t, err)
				head := b.request(http.MethodHead, address.RequestURI(), nil)
				head.Header.Set("Origin", s.origin())
				head.Header.Set("Sec-Fetch-Site", "cross-site")
				p := b.do(head)
				if p.Status != got.Status || p.Body != "" {
					t.Errorf("HEAD answered %d with %d bytes, GET %d", p.Status, len(p.Body), got.Status)
				}
				if diff := cmp.Diff(headerNames(got), headerNames(p)); diff != "" {
					t.Errorf("HEAD has other headers than GET:\n%s", diff)
				}
				s.unchanged(t, before)
			})
		}
	}
}

func headerNames(p *page) []string {
	var names []string
	for name := range p.Header {
		if name != "Content-Length" { // may be left out where there is nothing to count
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// What is done by a form is done by no other method, and not by a form that says it is another.
func TestS22_OtherMethodsDoNothing(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	room := s.room("Market", chat.RoomPublic, 2)
	bob := s.newcomer(general, room)
	before := s.state()
	paths := []string{
		"/", "/login", "/logout", "/register", "/rooms", roomPath(room), roomPath(room) + "/join", roomPath(room) + "/leave",
		roomPath(room) + "/members", roomPath(room) + "/messages", roomPath(room) + "/1", "/live", "/static/app.js", "/healthz",
	}
	for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace, "PROPFIND", "FOO"} {
		for _, path := range paths {
			t.Run(method+" "+path, func(t *testing.T) {
				p := bob.do(bob.request(method, path, nil))
				if p.Status < 400 || p.Status > 499 {
					t.Errorf("answered %d", p.Status)
				}
				s.unchanged(t, before)
			})
		}
	}
	for _, path := range []string{"/logout", roomPath(room) + "/join", roomPath(room) + "/leave", roomPath(room) + "/messages"} {
		t.Run("GET "+path, func(t *testing.T) {
			p := bob.get(path)
			if p.Status != http.StatusMethodNotAllowed && p.Status != http.StatusNotFound {
				t.Errorf("answered %d", p.Status)
			}
			s.unchanged(t, before)
		})
	}
}

func TestS22_MethodOverrideHasNoEffect(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob := s.newcomer(general)
	before := s.state()
	for _, name := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		req := bob.request(http.MethodGet, "/logout", nil)
		req.Header.Set(name, http.MethodPost)
		if p := bob.do(req); p.Status < 400 {
			t.Errorf("GET with %s answered %d", name, p.Status)
		}
		req = bob.postRequest("/rooms", "name", "x", "kind", "public")
		req.Method = http.MethodGet
		req.Header.Set(name, http.MethodPost)
		bob.do(req)
	}
	s.unchanged(t, before)
	bob.get("/rooms?_method=POST&name=x&kind=public&csrf=" + url.QueryEscape(bob.token())).is(http.StatusOK)
	bob.post("/rooms", "_method", "DELETE", "name", "x", "kind", "public").is(http.StatusUnprocessableEntity)
	s.unchanged(t, before)
}
