package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"chinwag/chat"
)

// logLine is one line of the log, as a machine reads it.
type logLine struct {
	Time, Level, Msg, ID, Method, Route, Address, Error string
	Status, User, Bytes                                 int
}

// lines reads the log: each line must be JSON by itself.
func (l *logBook) lines(t *testing.T) []logLine {
	t.Helper()
	var list []logLine
	for text := range strings.Lines(l.String()) {
		var line logLine
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("the log holds %q: %v", text, err)
		}
		list = append(list, line)
	}
	return list
}

func TestS51_TheLogHoldsLinesAndNoSecrets(t *testing.T) {
	t.Parallel()
	s := startSite(t, withoutLimits, behindProxy)
	root := s.stranger()
	root.submitsFrom("/setup?token="+setupToken, "/setup?token="+setupToken, ours()...).is(http.StatusOK)
	evil := "eve\r\n{\"level\":\"ERROR\",\"msg\":\"forged\"}\n\x1b[31m\u2028\u0085"
	const body, topic, search = "the-body-of-a-message", "the-topic-of-a-room", "what-somebody-searched"
	eve := s.stranger()
	eve.submitsTo("/login", "username", evil, "password", "the-wrong-password").is(http.StatusUnauthorized)
	eve.submitsTo("/login", "username", "ada", "password", "the-wrong-password").is(http.StatusUnauthorized)
	eve.submitsTo("/register", "username", evil, "password", "the-wrong-password").is(http.StatusUnprocessableEntity)
	for _, header := range []string{"User-Agent", "Referer", "X-Forwarded-For", "Origin", "HX-Request"} {
		req := root.postRequest("/rooms/1/messages", "body", body, "key", "the-key-of-a-send")
		req.Header.Set(header, strings.NewReplacer("\r\n", " ", "\n", " ", "\x1b", " ").Replace(evil))
		root.do(req)
	}
	root.post("/rooms", "name", "Music", "kind", "public", "topic", topic)
	root.get("/rooms?q=" + search)
	root.get("/" + url.PathEscape(evil))
	root.get("/rooms/" + url.PathEscape(evil))
	root.opensSocket("?room=1&after=0&x=" + search).stays()
	secrets := []string{
		password, "the-wrong-password", body, topic, search, setupToken, "the-key-of-a-send",
		root.cookie("sid"), root.cookie("device"), root.token(), eve.cookie("sid"),
	}
	root.submitsFrom("/rooms", "/logout")
	for _, line := range s.log.lines(t) {
		if line.Msg == "forged" || line.Time == "" {
			t.Errorf("a line is not ours: %+v", line)
		}
	}
	for _, secret := range secrets {
		if secret == "" || strings.Contains(s.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	if strings.ContainsAny(s.log.String(), "\r\x1b\u2028\u0085") {
		t.Error("the log holds what a terminal obeys")
	}
}

// One line a request says who did what from where, and one more why it was refused.
func TestS52_WhatMattersIsLogged(t *testing.T) {
	t.Parallel()
	s := openSite(t, behindProxy)
	bob := s.person("bob")
	id := int(bob.me())
	busy := s.newcomer(general)
	s.room("Market", chat.RoomPublic, 0)
	fromElsewhere := func(req *http.Request) *http.Request {
		req.Header.Set("X-Forwarded-For", "203.0.113.9")
		return req
	}
	for name, tt := range map[string]struct {
		does    func(*browser) *page
		line    logLine
		refused string // what the second line says, if there is one
	}{
		"signed in": {
			func(b *browser) *page {
				return b.do(fromElsewhere(b.postRequest("/login", "username", "bob", "password", password)))
			}, logLine{Method: "POST", Route: "/login", Status: 303, User: id}, "",
		},
		"a wrong password": {
			func(b *browser) *page {
				return s.stranger().in(b.t).guesses(fromElsewhere)
			}, logLine{Method: "POST", Route: "/login", Status: 401}, "login.wrong",
		},
		"signed out": {
			func(b *browser) *page { return b.do(fromElsewhere(b.postRequest("/logout"))) },
			logLine{Method: "POST", Route: "/logout", Status: 303, User: id},
			"",
		},
		"denied": {
			func(b *browser) *page { return b.do(fromElsewhere(b.request(http.MethodGet, "/rooms/99", nil))) },
			logLine{Method: "GET", Route: "/rooms/:room", Status: 404, User: id},
			"not found",
		},
		"forbidden": {
			func(b *browser) *page {
				return b.do(fromElsewhere(b.postRequest("/rooms/2/members", "username", "root")))
			},
			logLine{Method: "POST", Route: "/rooms/:room/members", Status: 403, User: id},
			"forbidden",
		},
		"a foreign origin": {
			func(b *browser) *page {
				req := b.postRequest("/logout")
				req.Header.Set("Origin", "https://x.test")
				return b.do(fromElsewhere(req))
			}, logLine{Method: "POST", Route: "/logout", Status: 403, User: id}, "cross-site",
		},
		"a stale token": {
			func(b *browser) *page {
				return b.do(fromElsewhere(b.request(http.MethodPost, "/logout", url.Values{"csrf": {"x"}})))
			}, logLine{Method: "POST", Route: "/logout", Status: 403, User: id}, "stale",
		},
		"too much": {
			func(*browser) *page {
				var p *page
				for range 2000 {
					if p = busy.do(fromElsewhere(busy.request(http.MethodGet, "/login", nil))); p.Status == http.StatusTooManyRequests {
						break
					}
				}
				return p
			}, logLine{Method: "GET", Route: "/login", Status: 429, User: int(busy.me())}, "too many",
		},
		"no such page": {
			func(b *browser) *page { return b.do(fromElsewhere(b.request(http.MethodGet, "/nothing", nil))) },
			logLine{Method: "GET", Route: "(none)", Status: 404, User: id},
			"/nothing",
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := s.stranger().in(t)
			b.signsIn("bob", password).is(http.StatusOK)
			p := tt.does(b)
			tt.line.ID, tt.line.Address = p.Header.Get("X-Request-Id"), "203.0.113.9"
			requests, refusals := 0, 0
			for _, line := range s.log.lines(t) {
				if line.ID != tt.line.ID {
					continue
				}
				switch line.Msg {
				case "request":
					requests++
					got := logLine{ID: line.ID, Method: line.Method, Route: line.Route, Status: line.Status, User: line.User, Address: line.Address}
					if got != tt.line {
						t.Errorf("logged is %+v, not %+v", got, tt.line)
					}
				case "refused":
					refusals++
					if !strings.Contains(line.Error, tt.refused) || line.Address != tt.line.Address {
						t.Errorf("the refusal is logged as %+v", line)
					}
				}
			}
			if want := min(1, len(tt.refused)); requests != 1 || refusals != want {
				t.Errorf("%d lines for the request and %d for the refusal", requests, refusals)
			}
		})
	}
}

// guesses tries a wrong password.
func (b *browser) guesses(change func(*http.Request) *http.Request) *page {
	b.t.Helper()
	b.opens("/login")
	return b.do(change(b.postRequest("/login", "username", "bob", "password", "a wrong guess")))
}
