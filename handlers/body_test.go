package handlers_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"chinwag/chat"
)

// forms are the writes of somebody signed in, with fields that would be taken.
func forms(room chat.RoomID) map[string][]string {
	return map[string][]string{
		"/rooms":                     {"name", "Fresh", "kind", "public", "topic", "new"},
		roomPath(room) + "/join":     nil,
		roomPath(room) + "/leave":    nil,
		roomPath(room) + "/members":  {"username", "root"},
		roomPath(room) + "/messages": {"body", "hello", "key", "k1"},
		roomPath(room) + "/1/edit":   {"body", "another"},
		roomPath(room) + "/1/delete": nil,
		"/forgot":                    {"email", "bob@x.test"},
		"/reset/token":               {"password", "another long one"},
		"/confirm/token":             nil,
		"/settings/email":            {"email", "bob@x.test", "current", password},
		"/settings/email/send":       nil,
		"/settings/password":         {"current", password, "password", "another long one"},
		"/settings/sessions/end":     {"session", "none"},
		"/settings/sessions/end-all": nil,
		"/settings/download":         {"format", "json", "current", password},
		"/settings/delete":           {"messages", "keep", "username", "bob", "current", password},
		"/invitations":               {"days", "7", "uses", "1", "room", "0"},
		"/invitations/accept":        {"invite", "1.token"},
		"/invitations/1/revoke":      nil,
		"/admin/settings":            {"community", "Mine", "registration", "open", "zone", "UTC", "current", password},
		"/admin/mail":                {"to", "bob@x.test", "current", password},
		"/admin/people/root/disable": {"current", password},
		"/admin/people/root/enable":  {"current", password},
		"/admin/people/root/reset":   {"current", password},
		"/logout":                    nil,
		"/login":                     {"username", "root", "password", password},
		"/register":                  {"username", "fresh", "password", password},
	}
}

func TestS40_UnknownAndDoubleFieldsAreRefused(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	room := s.room("Market", chat.RoomPublic, 1)
	bob := s.newcomer(general)
	before := s.state()
	for path, fields := range forms(room) {
		for _, extra := range []string{"role", "user_id", "created_at", "seq", "room_id", "author", "is_default", "HX-Request", "csrf ", "", "body[]", "Body"} {
			t.Run(path+" with "+extra, func(t *testing.T) {
				req := bob.postRequest(path, append([]string{extra, "1"}, fields...)...)
				bob.do(req).is(http.StatusUnprocessableEntity)
				s.unchanged(t, before)
			})
		}
		for _, name := range append([]string{"csrf"}, everySecond(fields)...) {
			t.Run(path+" with two of "+name, func(t *testing.T) {
				form := url.Values{"csrf": {bob.token()}}
				for i := 0; i+1 < len(fields); i += 2 {
					form.Set(fields[i], fields[i+1])
				}
				form.Add(name, form.Get(name))
				bob.do(bob.request(http.MethodPost, path, form)).is(http.StatusUnprocessableEntity)
				s.unchanged(t, before)
			})
		}
	}
}

func everySecond(fields []string) []string {
	var names []string
	for i := 0; i < len(fields); i += 2 {
		names = append(names, fields[i])
	}
	return names
}

func TestS40_WhatStandsInTheAddressIsNoField(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob := s.newcomer(general)
	bob.post("/rooms?name=Stolen&kind=public&role=owner&csrf=x").is(http.StatusUnprocessableEntity)
	bob.post("/rooms?name=Stolen&kind=private&user_id=1&room_id=1", "name", "Mine", "kind", "public").is(http.StatusSeeOther)
	if got := s.texts(`SELECT name || ' ' || kind || ' ' || created_by FROM rooms WHERE id > 1`); len(got) != 1 || !strings.HasPrefix(got[0], "Mine public ") {
		t.Errorf("made %q", got)
	}
	bob.post(roomPath(general)+"/messages?seq=99&rev=99&author=1&body=stolen", "body", "mine", "key", "k").is(http.StatusSeeOther)
	if got := s.number(`SELECT seq FROM messages WHERE body = 'mine' AND author_id = $1`, bob.me()); got != 1 {
		t.Errorf("the message's number is %d", got)
	}
}

func TestS22_BodiesThatAreNoFormAreRefused(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	room := s.room("Market", chat.RoomPublic, 1)
	bob := s.newcomer(general, room)
	before := s.state()
	form := url.Values{"csrf": {bob.token()}, "body": {"hello"}, "key": {"k1"}}.Encode()
	for name, tt := range map[string]struct {
		kind, body string
		status     int
	}{
		"JSON":                {"application/json", `{"body":"hello"}`, http.StatusUnsupportedMediaType},
		"JSON as text":        {"text/plain", `{"body":"hello"}`, http.StatusUnsupportedMediaType},
		"a form as text":      {"text/plain", form, http.StatusUnsupportedMediaType},
		"a form without kind": {"", form, http.StatusUnsupportedMediaType},
		"multipart":           {"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\nhello\r\n--x--\r\n", http.StatusUnsupportedMediaType},
		"two kinds":           {"application/x-www-form-urlencoded, text/plain", form, http.StatusUnsupportedMediaType},
		"almost a form":       {"application/x-www-form-urlencodedx", form, http.StatusUnsupportedMediaType},
		"XML":                 {"application/xml", "<body>hello</body>", http.StatusUnsupportedMediaType},
	} {
		t.Run(name, func(t *testing.T) {
			req := bob.request(http.MethodPost, roomPath(room)+"/messages", nil)
			req.Body, req.ContentLength = readCloser(tt.body), int64(len(tt.body))
			req.Header.Del("Content-Type")
			if tt.kind != "" {
				req.Header.Set("Content-Type", tt.kind)
			}
			bob.do(req).is(tt.status)
			s.unchanged(t, before)
		})
	}
	t.Run("a body where none belongs", func(t *testing.T) {
		bob.do(bob.request(http.MethodGet, "/rooms", url.Values{"q": {"x"}})).is(http.StatusUnsupportedMediaType)
	})
	t.Run("a form with a charset", func(t *testing.T) {
		req := bob.postRequest(roomPath(room)+"/messages", "body", "hello", "key", "k9")
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
		bob.do(req).is(http.StatusSeeOther)
	})
}

// A packed body is refused before anything unpacks it: a kilobyte can hold a gigabyte.
func TestZ9_PackedBodiesAreRefused(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.newcomer(general)
	before := s.state()
	form := url.Values{"csrf": {bob.token()}, "body": {strings.Repeat("a", 1<<20)}, "key": {"k1"}}.Encode()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write([]byte(form))
	must(t, err)
	must(t, w.Close())
	for _, encoding := range []string{"gzip", "br", "deflate", "zstd", "identity", "gzip, gzip", "GZIP", "x"} {
		t.Run(encoding, func(t *testing.T) {
			req := bob.request(http.MethodPost, roomPath(general)+"/messages", url.Values{})
			req.Body, req.ContentLength = readCloser(packed.String()), int64(packed.Len())
			req.Header.Set("Content-Encoding", encoding)
			bob.do(req).is(http.StatusUnsupportedMediaType)
			s.unchanged(t, before)
		})
	}
}

func TestTooLargeBodiesAreRefused(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob := s.newcomer(general)
	before := s.state()
	for name, tt := range map[string]struct {
		path, field string
		size        int
	}{
		"a room's name": {"/rooms", "name", 5 << 10},
		"a topic":       {"/rooms", "topic", 100 << 10},
		"a book":        {roomPath(general) + "/messages", "body", 200 << 10},
		"at signing in": {"/login", "password", 200 << 10},
		"an edit":       {roomPath(general) + "/1/edit", "body", 200 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			bob := bob.in(t)
			bob.post(tt.path, tt.field, strings.Repeat("a", tt.size)).is(http.StatusRequestEntityTooLarge)
			s.unchanged(t, before)
			bob.get("/rooms").is(http.StatusOK) // still signed in
		})
	}
}
