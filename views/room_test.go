package views_test

import (
	"strings"
	"testing"

	"chinwag/chat"
	"chinwag/views"
)

func TestRoomPage(t *testing.T) {
	s := newSample(t, "Kitchen", 3, 3)
	live := s.props()
	history, guest, empty, top := live, live, live, live
	history.Newer, history.At = true, 41
	guest.Room.Membership = nil
	empty.Messages, empty.Older = nil, false
	top.Older = false
	for name, c := range map[string]struct {
		props       views.RoomProps
		has, hasNot []string
	}{
		"live": {live, []string{
			`hx-ws:connect="/live?room=1&amp;after=345"`, `<ol id="tail"`, `data-room="1" data-rev="345"`, `id="newest" hidden`,
			`href="/rooms/1?before=40" hx-get="/rooms/1?before=40"`, `action="/rooms/1/messages"`,
			`<style nonce="bm9uY2U">[data-by="7"] .by{color:var(--accent)}</style>`,
		}, []string{"Newer messages", "begins", "Nothing has been said"}},
		"history": {history, []string{
			"Newer messages", `href="/rooms/1?after=42#m43"`, `href="/rooms/1" data-one`, `#m41{background:var(--tint)`,
		}, []string{`id="tail"`, "hx-ws:connect", `id="newest" hidden`, "autofocus"}},
		"guest": {
			guest,
			[]string{`<form id="composer" class="guest" method="post" action="/rooms/1/join">`, `<ol id="tail"`},
			[]string{"<textarea", "/rooms/1/leave"},
		},
		"empty":   {empty, []string{`<ol id="tail" hx-ignore></ol>`, "Nothing has been said", "begins"}, []string{"older-link"}},
		"the top": {top, []string{"This is where Kitchen begins."}, []string{"older-link", "Nothing has been said"}},
	} {
		t.Run(name, func(t *testing.T) {
			page := draw(t, views.RoomPage(s.frame, c.props))
			for _, part := range c.has {
				if !strings.Contains(page, part) {
					t.Errorf("there is no %s", part)
				}
			}
			for _, part := range c.hasNot {
				if strings.Contains(page, part) {
					t.Errorf("there is %s", part)
				}
			}
			if len(c.props.Messages) > 0 && !strings.Contains(page, `hx-ignore><li class="m" id="m40" data-by="7" data-rev="340"><p class="day">`) {
				t.Error("the first message does not begin a day and a group")
			}
		})
	}
}

func TestOlderMessages(t *testing.T) {
	s := newSample(t, "Kitchen", 1, 3)
	p := s.props()
	boundary := p.Messages[2].Message
	p.Messages = p.Messages[:2]
	for name, c := range map[string]struct {
		older    bool
		boundary chat.Message
		begins   string
		ends     string
	}{
		"with more above": {true, boundary, `<a id="older-link" href="/rooms/1?before=40"`, `<li class="m" id="m42" data-by="8" data-rev="342" hx-swap-oob="true">`},
		"the last":        {false, boundary, `<p class="begin">`, `<li class="m" id="m42" data-by="8" data-rev="342" hx-swap-oob="true">`},
		"no boundary":     {false, chat.Message{}, `<p class="begin">`, `<li class="m c" id="m41" data-by="7" data-rev="341">`},
	} {
		t.Run(name, func(t *testing.T) {
			p.Older = c.older
			got := draw(t, views.OlderMessages(s.frame, p, c.boundary))
			if !strings.HasPrefix(got, c.begins) {
				t.Errorf("it begins with %.60s", got)
			}
			if last := got[strings.LastIndex(got, "<li"):]; !strings.HasPrefix(last, c.ends) {
				t.Errorf("its last row is %.120s", last)
			}
			if strings.Contains(got, `id="tail"`) {
				t.Error("live messages would be appended to it")
			}
		})
	}
}

func TestPosted(t *testing.T) {
	s := newSample(t, "Kitchen", 1, 1)
	p := s.props()
	p.Key = "fresh"
	got := draw(t, views.Posted(s.frame, p))
	for _, part := range []string{`<hx-upsert hx-target="#tail"><li class="m" id="m40"`, `</li></hx-upsert><form id="composer"`, `name="key" value="fresh"`, `></textarea>`} {
		if !strings.Contains(got, part) {
			t.Errorf("there is no %s in %s", part, got)
		}
	}
}

// TestComposerKeepsText holds that what was refused is still in the box.
func TestComposerKeepsText(t *testing.T) {
	s := newSample(t, "Kitchen", 1, 0)
	p := s.props()
	p.Form = views.Form{
		Values:  map[string]string{"body": "first\n\n  </textarea><b>last\n"},
		Problem: &chat.Invalid{Sentence: "error.busy"},
	}
	form := element{parse(t, draw(t, views.Composer(s.frame, p)))}
	box := form.find(named("textarea"))[0]
	if got, want := box.FirstChild.Data, "first\n\n  </textarea><b>last\n"; got != want {
		t.Errorf("the box holds %q, want %q", got, want)
	}
	if !box.has("aria-invalid") || !strings.Contains(text(form), s.frame.Words.T("error.busy")) {
		t.Error("the box does not say what is wrong")
	}
}

// TestFrames holds that a live frame touches nothing but what it is about.
func TestFrames(t *testing.T) {
	s := newSample(t, "Kitchen", 1, 2)
	for name, c := range map[string]struct{ got, want string }{
		"far behind": {draw(t, views.FarBehind(s.frame, 12, 0, 0)), `<p id="line" role="status" data-reload hx-swap-oob="true">` +
			`You were away for a while and this page is out of date. <a href="/rooms/12">Reload</a></p>`},
		"one missed": {draw(t, views.FarBehind(s.frame, 12, 1, 41)), `<p id="line" role="status" data-behind hx-swap-oob="true">` +
			`1 message since you left. <a href="/rooms/12/41">Where you were</a> <a href="/rooms/12">Newest</a></p>`},
		"many missed": {draw(t, views.FarBehind(s.frame, 12, 1234567, 41)), `<p id="line" role="status" data-behind hx-swap-oob="true">` +
			`1,234,567 messages since you left. <a href="/rooms/12/41">Where you were</a> <a href="/rooms/12">Newest</a></p>`},
		"all missed": {draw(t, views.FarBehind(s.frame, 12, 999, 0)), `<p id="line" role="status" data-behind hx-swap-oob="true">` +
			`999 messages since you left. <a href="/rooms/12">Newest</a></p>`},
		"room lost": {draw(t, views.RoomLost(s.frame)), `<main id="pane" class="lost" hx-swap-oob="true"><div class="sheet problem">` +
			`<h1>You are no longer in this room.</h1><p><a class="button" href="/rooms">All rooms</a></p></div></main>`},
		"error": {draw(t, views.ErrorFragment(s.frame, "Busy.", "9f3c")), `<span id="alert" role="alert">Busy. <small>Request 9f3c</small></span>`},
	} {
		if c.got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, c.got, c.want)
		}
	}
}
