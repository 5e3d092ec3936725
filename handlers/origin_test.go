package handlers_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"chinwag/chat"
	"chinwag/handlers"
)

// elsewhere is where a write must not come from: what a request says of its origin, with a good token. OUR is the
// site's own origin.
func elsewhere() map[string]http.Header {
	return map[string]http.Header{
		"a foreign origin":                 {"Origin": {"https://x.test"}},
		"origin null":                      {"Origin": {"null"}},
		"an empty origin":                  {"Origin": {""}},
		"another scheme":                   {"Origin": {"TLS"}},
		"another port":                     {"Origin": {"OUR0"}},
		"our origin as a prefix":           {"Origin": {"OUR.x.test"}},
		"our origin with a path":           {"Origin": {"OUR/"}},
		"our host behind a user":           {"Origin": {"http://x@HOST"}},
		"our origin in a list":             {"Origin": {"OUR, https://x.test"}},
		"two origins":                      {"Origin": {"OUR", "https://x.test"}},
		"two origins, ours last":           {"Origin": {"https://x.test", "OUR"}},
		"our origin twice":                 {"Origin": {"OUR", "OUR"}},
		"two origins, same-origin":         {"Origin": {"OUR", "https://x.test"}, "Sec-Fetch-Site": {"same-origin"}},
		"two origins and our referer":      {"Origin": {"OUR", "https://x.test"}, "Referer": {"OUR/rooms"}},
		"nothing at all":                   {},
		"cross-site":                       {"Sec-Fetch-Site": {"cross-site"}},
		"same-site":                        {"Sec-Fetch-Site": {"same-site"}},
		"typed in":                         {"Sec-Fetch-Site": {"none"}},
		"our origin, but cross-site":       {"Origin": {"OUR"}, "Sec-Fetch-Site": {"cross-site"}},
		"same-origin from elsewhere":       {"Origin": {"https://x.test"}, "Sec-Fetch-Site": {"same-origin"}},
		"a foreign referer":                {"Referer": {"https://x.test/OUR"}},
		"a referer that begins like us":    {"Referer": {"OUR.x.test/"}},
		"a referer with our host as user":  {"Referer": {"http://HOST@x.test/"}},
		"our referer, but another origin":  {"Referer": {"OUR/rooms"}, "Origin": {"https://x.test"}},
		"no referer's address":             {"Referer": {"about:blank"}},
		"a forwarded host in our place":    {"Origin": {"https://x.test"}, "X-Forwarded-Host": {"x.test"}, "X-Forwarded-Proto": {"https"}},
		"same-origin by a name not theirs": {"X-Sec-Fetch-Site": {"same-origin"}},
	}
}

// from sets what a request says of its origin.
func (s *site) from(req *http.Request, origin http.Header) {
	for _, name := range []string{"Origin", "Sec-Fetch-Site", "Referer"} {
		req.Header.Del(name)
	}
	for name, values := range origin {
		for _, v := range values {
			v = strings.NewReplacer("OUR", s.origin(), "HOST", s.host(), "TLS", "https://"+s.host()).Replace(v)
			req.Header.Add(name, v)
		}
	}
}

func TestS21_WritesNeedOurOrigin(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	room := s.room("Market", chat.RoomPublic, 1)
	bob := s.newcomer(general)
	before := s.state()
	for name, origin := range elsewhere() {
		for path, fields := range forms(room) {
			t.Run(name+" "+path, func(t *testing.T) {
				bob := bob.in(t)
				req := bob.postRequest(path, fields...)
				s.from(req, origin)
				p := bob.do(req).is(http.StatusForbidden)
				if cookies := p.Header.Values("Set-Cookie"); len(cookies) > 0 {
					t.Errorf("the refusal sets %q", cookies)
				}
				s.unchanged(t, before)
			})
		}
	}
	bob.get("/rooms").is(http.StatusOK)
}

func TestS21_WritesFromOurPagesPass(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	for name, origin := range map[string]http.Header{
		"origin":                {"Origin": {"OUR"}},
		"origin and fetch site": {"Origin": {"OUR"}, "Sec-Fetch-Site": {"same-origin"}},
		"fetch site":            {"Sec-Fetch-Site": {"same-origin"}},
		"referer":               {"Referer": {"OUR/rooms/1"}},
	} {
		t.Run(name, func(t *testing.T) {
			bob := s.newcomer(general)
			req := bob.postRequest("/rooms/1/messages", "body", "hello", "key", "k1")
			s.from(req, origin)
			bob.do(req).is(http.StatusSeeOther)
		})
	}
}

func TestS21_WritesNeedTheSessionsToken(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	room := s.room("Market", chat.RoomPublic, 1)
	bob, eve, stranger := s.newcomer(general), s.newcomer(general), s.stranger()
	good := bob.token()
	raw, err := base64.RawURLEncoding.DecodeString(good)
	must(t, err)
	raw[len(raw)-1] ^= 1
	before := s.state()
	for name, token := range map[string]string{
		"empty":               "",
		"somebody else's":     eve.token(),
		"a stranger's":        stranger.token(),
		"the session's id":    bob.cookie("sid"),
		"one bit off":         base64.RawURLEncoding.EncodeToString(raw),
		"cut":                 good[:len(good)-4],
		"longer":              good + "AAAA",
		"padded":              good + "=",
		"nothing but zeros":   base64.RawURLEncoding.EncodeToString(make([]byte, 32)),
		"not base64":          strings.Repeat("!", len(good)),
		"of the wrong length": base64.RawURLEncoding.EncodeToString(make([]byte, 31)),
	} {
		for path, fields := range forms(room) {
			t.Run(name+" "+path, func(t *testing.T) {
				bob := bob.in(t)
				bob.do(bob.request(http.MethodPost, path, formOf(append(fields, "csrf", token)))).is(http.StatusForbidden)
				s.unchanged(t, before)
			})
		}
	}
	for path, fields := range forms(room) {
		t.Run("missing "+path, func(t *testing.T) {
			bob := bob.in(t)
			bob.do(bob.request(http.MethodPost, path, formOf(fields))).is(http.StatusForbidden)
			req := bob.request(http.MethodPost, path+"?csrf="+url.QueryEscape(good), formOf(fields))
			req.Header.Set("X-CSRF-Token", good)
			bob.do(req).is(http.StatusForbidden)
			s.unchanged(t, before)
		})
	}
}

// A token of the time before signing in is worth nothing afterwards, and one of an ended session neither.
func TestS21_TokensEndWithTheirSession(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.stranger()
	bob.opens("/login")
	early := bob.page.hidden("csrf")
	bob.signsIn("root", password).is(http.StatusOK)
	bob.do(bob.request(http.MethodPost, "/rooms", formOf([]string{"name", "x", "kind", "public", "csrf", early}))).is(http.StatusForbidden)
	late := bob.token()
	bob.submitsFrom("/rooms", "/logout").is(http.StatusOK)
	bob.signsIn("root", password).is(http.StatusOK)
	bob.do(bob.request(http.MethodPost, "/rooms", formOf([]string{"name", "x", "kind", "public", "csrf", late}))).is(http.StatusForbidden)
}

// A form on somebody else's page comes without our cookie (SameSite). Its refusal must not put another one in the place
// of the session's: the person would be signed out.
func TestS21_ForeignFormsDoNotSignOut(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	for _, path := range []string{"/login", "/logout", "/rooms/1/messages", "/nothing", "/"} {
		req := s.stranger().request(http.MethodPost, path, url.Values{"username": {"x"}})
		s.from(req, http.Header{"Origin": {"https://x.test"}, "Sec-Fetch-Site": {"cross-site"}})
		p := s.stranger().do(req)
		if cookies := p.Header.Values("Set-Cookie"); p.Status < 400 || len(cookies) > 0 {
			t.Errorf("%s answered %d and sets %q", path, p.Status, cookies)
		}
	}
}

func formOf(fields []string) url.Values {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return form
}

func TestS24_NoOtherOriginMayRead(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	room := s.room("Market", chat.RoomPublic, 1)
	bob := s.newcomer(general, room)
	for _, origin := range []string{"https://x.test", "null", s.origin()} {
		for _, line := range s.server.Routes() {
			method, path, _ := strings.Cut(strings.NewReplacer(":room", "2", ":seq", "1", "/static/:file", s.script()).Replace(line), " ")
			for _, method := range []string{method, http.MethodOptions} {
				req := bob.request(method, path, nil)
				req.Header.Set("Origin", origin)
				req.Header.Set("Access-Control-Request-Method", "POST")
				for name := range bob.do(req).Header {
					if strings.HasPrefix(name, "Access-Control-") {
						t.Errorf("%s %s from %s: %s", method, path, origin, name)
					}
				}
			}
		}
	}
}

// Nothing but a token of the session passes for one, whatever it is changed by.
func FuzzOnlyTokensOfTheSessionPass(f *testing.F) {
	f.Add("session", "", 0, byte(0))
	f.Add("session", "AAAA", 5, byte(1))
	f.Add("", "==", 40, byte(0x80))
	f.Fuzz(func(t *testing.T, sid, text string, at int, flip byte) {
		if handlers.ValidFormToken(sid, text) {
			t.Errorf("%q passes", text)
		}
		token := handlers.NewFormToken(sid)
		if handlers.ValidFormToken(sid, token) != (sid != "") || handlers.ValidFormToken(sid+"x", token) {
			t.Errorf("the token of %q passes for another's", sid)
		}
		raw, err := base64.RawURLEncoding.DecodeString(token)
		must(t, err)
		raw[uint(at)%uint(len(raw))] ^= flip
		if flip != 0 && handlers.ValidFormToken(sid, base64.RawURLEncoding.EncodeToString(raw)) {
			t.Error("a changed token passes")
		}
	})
}
