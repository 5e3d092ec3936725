package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chinwag/chat"
)

// sendToGeneral is where General takes messages.
const sendToGeneral = "/rooms/1/messages"

func TestMessagesAreTakenAsTyped(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	emoji := strings.Repeat("😀", 4000)
	bob := s.newcomer(general)
	for name, tt := range map[string]struct{ typed, stored string }{
		"a word":                    {"hello", "hello"},
		"4,000 characters":          {strings.Repeat("é", 4000), strings.Repeat("é", 4000)},
		"4,000 four-byte emoji":     {emoji, emoji},
		"4,000 lines":               {strings.Repeat("a\r\n", 1999) + "b", strings.Repeat("a\n", 1999) + "b"},
		"CRLF":                      {"one\r\ntwo\rthree\nfour", "one\ntwo\nthree\nfour"},
		"blank lines at the ends":   {"\r\n\r\nhello\r\n\r\n", "hello"},
		"an indented first line":    {"    code\r\nmore", "    code\nmore"},
		"what looks like a form":    {"a=b&c=d%20+;", "a=b&c=d%20+;"},
		"NUL and controls":          {"a\x00b\x07c\x1bd", "abcd"},
		"letters that join":         {"e\u0301", "é"},
		"broken UTF-8":              {"a\xff\xfeb", "a\ufffdb"},
		"a text that turns writing": {"a\u202eb", "ab"},
	} {
		t.Run(name, func(t *testing.T) {
			bob.in(t).says(general, tt.typed).is(http.StatusOK)
			got := s.texts(`SELECT body FROM messages ORDER BY seq DESC LIMIT 1`)
			if len(got) == 0 || got[0] != tt.stored {
				t.Errorf("stored %.100q, not %.100q", got, tt.stored)
			}
		})
	}
}

func TestRefusedMessagesKeepTheText(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	market := s.room("Market", chat.RoomPublic, 1)
	bob := s.newcomer(general)
	long := strings.Repeat("x", 4001)
	before := s.state()
	for name, tt := range map[string]struct {
		room      chat.RoomID
		body, key string
	}{
		"empty":            {general, "", "k1"},
		"only spaces":      {general, " \r\n\t \u200b", "k2"},
		"4,001 characters": {general, long, "k3"},
		"4,001 emoji":      {general, strings.Repeat("😀", 4001), "k4"},
		"no key":           {general, "my words", ""},
		"a key too long":   {general, "my words", strings.Repeat("k", 65)},
		"an odd key":       {general, "my words", "a b"},
		"not a member":     {market, "my words", "k5"},
		"markup":           {general, "</textarea><script>alert(1)</script>" + long, "k6"},
	} {
		for _, way := range []struct {
			name  string
			sends func(*browser) *page
		}{
			{"browser", func(b *browser) *page { return b.post(roomPath(tt.room)+"/messages", "body", tt.body, "key", tt.key) }},
			{"script", func(b *browser) *page { return b.htmx(roomPath(tt.room)+"/messages", "body", tt.body, "key", tt.key) }},
		} {
			t.Run(name+" by "+way.name, func(t *testing.T) {
				p := way.sends(bob.in(t)).is(http.StatusUnprocessableEntity)
				if got, want := p.field("body"), strings.ReplaceAll(strings.TrimPrefix(tt.body, "\n"), "\r\n", "\n"); got != want {
					t.Errorf("the box holds %.80q, not %.80q", got, want)
				}
				if strings.TrimSpace(p.alerts()) == "" {
					t.Error("no sentence says why")
				}
				if tt.key != "" && name != "a key too long" && name != "an odd key" && p.field("key") != tt.key {
					t.Errorf("the key is %q: sending again would be another message", p.field("key"))
				}
				noInternals(t, p.text())
				s.unchanged(t, before)
			})
		}
	}
	t.Run("a new key goes through", func(t *testing.T) {
		bob := bob.in(t)
		bob.post(sendToGeneral, "body", "my words", "key", "").is(http.StatusUnprocessableEntity)
		bob.submits(sendToGeneral).is(http.StatusOK).sees("my words")
	})
}

func TestRepeatedSendsAreOneMessage(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob, eve := s.newcomer(general), s.newcomer(general)
	t.Run("one after the other", func(t *testing.T) {
		bob := bob.in(t)
		bob.post(sendToGeneral, "body", "once", "key", "k1").is(http.StatusSeeOther)
		bob.post(sendToGeneral, "body", "once", "key", "k1").is(http.StatusSeeOther)
		bob.post(sendToGeneral, "body", "once\r\n", "key", "k1").is(http.StatusSeeOther)
		first := bob.htmx(sendToGeneral, "body", "once", "key", "k1").is(http.StatusOK)
		if got := first.messageIDs(); !cmp.Equal(got, []string{"m1"}) {
			t.Errorf("the repeat shows %q", got)
		}
	})
	t.Run("fifty at once", func(t *testing.T) {
		requests := make([]*http.Request, 50)
		for i := range requests {
			requests[i] = bob.postRequest(sendToGeneral, "body", "at once", "key", "k2")
			requests[i].Header.Set("HX-Request", "true")
		}
		answers := make([]*page, len(requests))
		together(len(requests), func(i int) { answers[i] = bob.tab().in(t).do(requests[i]) })
		for _, p := range answers {
			if got := p.is(http.StatusOK).messageIDs(); !cmp.Equal(got, []string{"m2"}) {
				t.Errorf("an answer shows %q", got)
			}
		}
		if n := s.number(`SELECT COUNT(*) FROM messages WHERE body = 'at once'`); n != 1 {
			t.Errorf("%d messages are stored", n)
		}
	})
	t.Run("after a restart", func(t *testing.T) {
		s.restarts()
		bob.in(t).post(sendToGeneral, "body", "once", "key", "k1").is(http.StatusSeeOther)
	})
	t.Run("somebody else's same key", func(t *testing.T) {
		eve.in(t).post(sendToGeneral, "body", "mine", "key", "k1").is(http.StatusSeeOther)
	})
	if got := s.texts(`SELECT seq || ' ' || body FROM messages ORDER BY seq`); !cmp.Equal(got, []string{"1 once", "2 at once", "3 mine"}) {
		t.Errorf("stored are %q", got)
	}
}

func TestSpentKeysGiveTheTextBackWithANewKey(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	market := s.room("Market", chat.RoomPublic, 0)
	bob := s.newcomer(general, market)
	bob.post(sendToGeneral, "body", "first", "key", "k1").is(http.StatusSeeOther)
	before := s.state()
	for name, send := range map[string]func(*browser) *page{
		"another text":                func(b *browser) *page { return b.post(sendToGeneral, "body", "second", "key", "k1") },
		"another text by the script":  func(b *browser) *page { return b.htmx(sendToGeneral, "body", "second", "key", "k1") },
		"the same text, another room": func(b *browser) *page { return b.post(roomPath(market)+"/messages", "body", "first", "key", "k1") },
	} {
		t.Run(name, func(t *testing.T) {
			p := send(bob.in(t)).is(http.StatusConflict)
			if got := p.field("body"); got != "first" && got != "second" {
				t.Errorf("the box holds %q", got)
			}
			if key := p.field("key"); key == "k1" || len(key) < 20 {
				t.Errorf("the key is %q", key)
			}
			if p.alerts() == "" {
				t.Error("no sentence says why")
			}
			s.unchanged(t, before)
		})
	}
	bob.post(sendToGeneral, "body", "second", "key", "k1").is(http.StatusConflict)
	bob.submits(sendToGeneral).is(http.StatusOK)
	if got := s.texts(`SELECT body FROM messages ORDER BY seq`); !cmp.Equal(got, []string{"first", "second"}) {
		t.Errorf("stored are %q", got)
	}
}

func TestTheScriptGetsTheMessageAndAnEmptyComposer(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob := s.newcomer(general)
	p := bob.htmx(sendToGeneral, "body", "hello", "key", "k1").is(http.StatusOK)
	if got := p.messages(); len(got) != 1 || !strings.HasSuffix(got[0], ": hello") {
		t.Errorf("the answer shows %q", got)
	}
	if p.field("body") != "" || p.field("key") == "k1" || p.field("key") == "" {
		t.Errorf("the composer holds %q under the key %q", p.field("body"), p.field("key"))
	}
	if strings.Contains(p.Body, "<html") {
		t.Error("the answer is a whole page")
	}
}

// Somebody writes before joining: the refusal keeps the text, and so does the join on it.
func TestWhatAGuestWroteSurvivesJoining(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	market := s.room("Market", chat.RoomPublic, 0)
	bob := s.newcomer()
	bob.post(roomPath(market)+"/messages", "body", "my words", "key", "k1").is(http.StatusUnprocessableEntity)
	fields := bob.page.form(roomPath(market) + "/messages")
	p := bob.post(roomPath(market)+"/join", "body", fields.Get("body"), "key", fields.Get("key")).is(http.StatusOK)
	if got := p.field("body"); got != "my words" {
		t.Errorf("the box holds %q", got)
	}
	bob.submits(roomPath(market) + "/messages").is(http.StatusOK).sees("my words")
}

// A form whose token is stale is refused, but what was written is not lost with it.
func TestStaleFormsKeepTheText(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob := s.newcomer(general)
	bob.do(bob.request(http.MethodPost, sendToGeneral, formOf([]string{"body", "my words", "key", "k1", "csrf", "stale"}))).is(http.StatusForbidden)
	if got := bob.page.field("body"); got != "my words" || bob.page.alerts() == "" {
		t.Errorf("the box holds %q under %q", got, bob.page.alerts())
	}
	bob.submits(sendToGeneral).is(http.StatusOK).sees("my words")
}

// A page that is live gets the message by its socket: the answer is the next key alone, unless the send was refused.
func TestLivePagesAreAnsweredWithTheNextKey(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob := s.newcomer(general)
	sends := func(text, key string) *page {
		req := bob.postRequest(sendToGeneral, "body", text, "key", key)
		req.Header.Set("HX-Request", "true")
		req.Header.Set("Prefer", "return=minimal")
		return bob.do(req)
	}
	p := sends("hello", "k1").is(http.StatusOK)
	if len(p.messageIDs()) > 0 || p.hidden("key") == "k1" || len(p.hidden("key")) < 20 || len(p.Body) > 200 {
		t.Errorf("the answer is %q", p.Body)
	}
	if got := sends("", p.hidden("key")).is(http.StatusUnprocessableEntity); got.alerts() == "" {
		t.Error("no sentence says why")
	}
	if got := s.texts(`SELECT body FROM messages`); !cmp.Equal(got, []string{"hello"}) {
		t.Errorf("stored are %q", got)
	}
}
