package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chinwag/chat"
)

// expected is how a route answers each visitor: a stranger who is signed out, an outsider to the private room that is
// asked for, a guest of a public room, and a member.
type expected struct {
	fields                            []string // of its form, besides the token
	stranger, outsider, guest, member int
}

// always is the same answer to everybody.
func always(status int) expected { return expected{nil, status, status, status, status} }

// person is a page that everybody signed in may see.
func signedIn(status int, fields ...string) expected {
	return expected{fields, http.StatusUnauthorized, status, status, status}
}

// inRoom is a page or form of a room.
func inRoom(guest, member int, fields ...string) expected {
	return expected{fields, http.StatusUnauthorized, http.StatusNotFound, guest, member}
}

// matrix is what every line of the route table answers. A new line without an expectation fails the tests.
func matrix() map[string]expected {
	return map[string]expected{
		"GET /healthz":      always(200),
		"GET /readyz":       always(200),
		"GET /static/:file": always(200),

		"GET /":          always(303),
		"GET /setup":     always(404), // it is done
		"POST /setup":    {[]string{"community", "Mine", "username", "me2", "password", password, "registration", "open"}, 404, 404, 404, 404},
		"GET /register":  {nil, 200, 303, 303, 303},
		"POST /register": {[]string{"username", "new-:n", "password", password}, 303, 303, 303, 303},
		"GET /login":     {nil, 200, 303, 303, 303},
		"POST /login":    {[]string{"username", "root", "password", password}, 303, 303, 303, 303},
		"POST /logout":   signedIn(303),

		"GET /forgot":          always(200),
		"POST /forgot":         {[]string{"email", "bob@x.test"}, 403, 403, 403, 403}, // mail is off
		"GET /reset/:token":    always(404),
		"POST /reset/:token":   {[]string{"password", password}, 404, 404, 404, 404},
		"GET /confirm/:token":  always(404),
		"POST /confirm/:token": always(404),

		"GET /settings":                   signedIn(200),
		"POST /settings/email":            signedIn(303, "email", "new@x.test"),
		"POST /settings/email/send":       signedIn(403), // mail is off
		"POST /settings/password":         signedIn(403, "current", "", "password", "another long one"),
		"POST /settings/sessions/end":     signedIn(404, "session", "none"),
		"POST /settings/sessions/end-all": signedIn(303),
		"POST /settings/download":         signedIn(200, "format", "json"),
		"GET /settings/delete":            signedIn(200),
		"POST /settings/delete":           signedIn(422, "messages", "keep", "username", "somebody else"),

		"GET /invitations":             signedIn(404), // for those who may make them
		"POST /invitations":            signedIn(403, "days", "7", "uses", "1", "room", "0"),
		"POST /invitations/accept":     signedIn(404, "invite", "no-such-invitation"),
		"GET /invitations/:id":         signedIn(404),
		"POST /invitations/:id/revoke": signedIn(403),

		"GET /admin":                           signedIn(404), // for administrators
		"POST /admin/settings":                 signedIn(403, "community", "Mine", "registration", "open", "zone", "UTC"),
		"POST /admin/mail":                     signedIn(403, "to", "bob@x.test"),
		"GET /admin/people":                    signedIn(404),
		"GET /admin/people/:username":          signedIn(404),
		"POST /admin/people/:username/role":    signedIn(403, "role", "admin"),
		"POST /admin/people/:username/disable": signedIn(403),
		"POST /admin/people/:username/enable":  signedIn(403),
		"POST /admin/people/:username/reset":   signedIn(403),
		"GET /admin/log":                       signedIn(404),

		"GET /rooms":                 signedIn(200),
		"GET /rooms/new":             signedIn(200),
		"POST /rooms":                signedIn(303, "name", "Music :n", "kind", "private"),
		"GET /rooms/:room":           inRoom(200, 200),
		"POST /rooms/:room/join":     inRoom(303, 303),
		"POST /rooms/:room/leave":    inRoom(303, 303),
		"GET /rooms/:room/members":   inRoom(200, 200),
		"POST /rooms/:room/members":  inRoom(403, 303, "username", "root"),
		"POST /rooms/:room/messages": inRoom(422, 303, "body", "hello", "key", "key:n"),
		"GET /rooms/:room/:seq":      inRoom(200, 200),

		"GET /rooms/:room/:seq/edit":    inRoom(403, 403), // it is somebody else's
		"POST /rooms/:room/:seq/edit":   inRoom(403, 403, "body", "mine now"),
		"POST /rooms/:room/:seq/delete": inRoom(403, 403),

		"GET /live": signedIn(426), // without an upgrade
	}
}

// visitor is one column of the matrix.
type visitor struct {
	name   string
	status func(expected) int
	room   chat.RoomID // the one that is asked for
	comes  func() *browser
}

func (s *site) visitors() []visitor {
	s.t.Helper()
	private, public := s.room("Secrets", chat.RoomPrivate, 3), s.room("Market", chat.RoomPublic, 3)
	return []visitor{
		{"stranger", func(e expected) int { return e.stranger }, public, s.stranger},
		{"outsider", func(e expected) int { return e.outsider }, private, func() *browser { return s.newcomer() }},
		{"guest", func(e expected) int { return e.guest }, public, func() *browser { return s.newcomer() }},
		{"member", func(e expected) int { return e.member }, private, func() *browser { return s.newcomer(private) }},
	}
}

// calls asks for a line of the route table as a browser would.
func (b *browser) calls(line string, e expected, room chat.RoomID) *page {
	b.t.Helper()
	method, pattern, _ := strings.Cut(line, " ")
	n := strconv.FormatInt(b.site.number(`SELECT COALESCE(MAX(value), 0) + 1 FROM counters`), 10)
	path := strings.NewReplacer(
		":room", strconv.FormatInt(int64(room), 10), ":seq", "2", ":id", "1", ":username", "root", ":token", "no-such-token", "/static/:file", b.site.script(),
	).Replace(pattern)
	if method != http.MethodPost {
		req := b.request(method, path, nil)
		req.Header.Set("Origin", b.site.origin())
		return b.do(req)
	}
	if path == "/setup" {
		path += "?token=" + setupToken
	}
	fields := slices.Clone(e.fields)
	for i := range fields {
		fields[i] = strings.ReplaceAll(fields[i], ":n", n)
	}
	return b.post(path, fields...)
}

// script is the address of the program's script.
func (s *site) script() string {
	s.t.Helper()
	p := s.stranger().get("/login")
	src := ""
	for n := range p.root.Descendants() {
		if n.Data == "script" {
			src = attribute(n, "src")
		}
	}
	return src
}

func TestS33_EveryRouteAnswersEveryVisitor(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	want := matrix()
	visitors := s.visitors()
	for _, line := range s.server.Routes() {
		e, ok := want[line]
		if !ok {
			t.Errorf("%s: nobody said how it answers", line)
		}
		delete(want, line)
		for _, v := range visitors {
			t.Run(line+" "+v.name, func(t *testing.T) {
				b := v.comes().in(t)
				before := s.state()
				p := b.calls(line, e, v.room).is(v.status(e))
				if p.Status >= 400 {
					noInternals(t, p.text())
				}
				if p.Status >= 400 || strings.HasPrefix(line, "GET ") {
					s.unchanged(t, before)
				}
			})
		}
	}
	for line := range want {
		t.Errorf("%s is no route any more", line)
	}
}

// A room that one may not know of looks exactly like one that is not there, and so does a message.
func TestS33_MissingAndForbiddenLookTheSame(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	secret := s.room("Secrets", chat.RoomPrivate, 3)
	s.room("Market", chat.RoomPublic, 1)
	const missing = chat.RoomID(9) // as many digits as the other, so that pages are as long
	hidden := roomPath(secret)
	for _, line := range s.server.Routes() {
		if !strings.Contains(line, ":room") {
			continue
		}
		for _, v := range []struct {
			name  string
			comes func() *browser
		}{{"stranger", s.stranger}, {"outsider", func() *browser { return s.newcomer(general) }}} {
			t.Run(line+" "+v.name, func(t *testing.T) {
				b := v.comes().in(t)
				b.opens("/") // cookies come with the first page
				before := s.state()
				var answers []string
				for _, room := range []chat.RoomID{secret, missing} {
					answer := b.calls(line, matrix()[line], room).bare()
					answer = strings.ReplaceAll(answer, roomPath(room), hidden) // the way back in, after signing in
					answers = append(answers, strings.ReplaceAll(answer, `name="room" value="`+itoa(int(room)), `name="room" value="`+itoa(int(secret))))
				}
				if diff := cmp.Diff(answers[0], answers[1]); diff != "" {
					t.Errorf("a hidden room and a missing one differ:\n%s", diff)
				}
				s.unchanged(t, before)
			})
		}
	}
}

func TestS33_NumbersOfOtherRoomsAndOddOnesAreNotFound(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	market := s.room("Market", chat.RoomPublic, 2) // General has no message
	bob := s.newcomer(general, market)
	missing := bob.get("/rooms/999").is(http.StatusNotFound).bare()
	for _, path := range []string{
		roomPath(general) + "/1", roomPath(market) + "/3", roomPath(market) + "/0", roomPath(market) + "/-1", roomPath(market) + "/01",
		roomPath(market) + "/1.0", roomPath(market) + "/%31", roomPath(market) + "/9223372036854775808",
		"/rooms/0", "/rooms/-1", "/rooms/01", "/rooms/+1", "/rooms/1x", "/rooms/%31", "/rooms/1e0", "/rooms/९",
		"/rooms/99999999999999999999", "/rooms/1/members/2", "/nothing",
	} {
		t.Run(path, func(t *testing.T) {
			bob := bob.in(t)
			if diff := cmp.Diff(missing, bob.get(path).is(http.StatusNotFound).bare()); diff != "" {
				t.Errorf("it does not look like any other page that is not there:\n%s", diff)
			}
		})
	}
	for _, query := range []string{"?before=abc", "?before=-5", "?after=1e3", "?at=", "?before=1&before=2", "?x=" + url.QueryEscape("'\"<>")} {
		bob.get(roomPath(market) + query).is(http.StatusOK)
	}
	bob.get(roomPath(market) + "?at=77").is(http.StatusNotFound)
}
