package views_test

import (
	"strings"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/views"
)

// hello is a message of exactly 100 characters with numbers as long as those of a community that has been used for years.
func hello(prev chat.UserID) chat.Message {
	at := time.Date(2026, 11, 22, 14, 5, 3, 0, time.UTC)
	return chat.Message{
		Room: 123, Seq: 123456, Rev: 234567, Author: chat.User{ID: 1234, Username: "ada", DisplayName: "Ada Lovelace"},
		HTML: chat.SafeHTML("<p>" + strings.Repeat("ten chars ", 10) + "</p>"), At: at,
		PrevAuthor: prev, PrevAt: at.Add(-time.Minute),
	}
}

func TestSizeOfLiveMessage(t *testing.T) {
	const header = 4 // of a WebSocket frame of 126 bytes and more, RFC 6455, section 5.2
	f := views.Frame{Words: newWords(t), Zone: time.UTC}
	for name, c := range map[string]struct {
		message chat.Message
		most    int
	}{
		"grouped":     {hello(1234), 350},
		"with header": {hello(7), 520},
	} {
		t.Run(name, func(t *testing.T) {
			got := len(draw(t, views.Appended(f, views.Undrawn([]chat.Message{c.message})))) + header
			t.Logf("%d bytes, at most %d", got, c.most)
			if got > c.most {
				t.Errorf("a live message takes %d bytes, at most %d are allowed", got, c.most)
			}
		})
	}
}

func TestMessage(t *testing.T) {
	f := views.Frame{Words: newWords(t), Zone: time.UTC}
	const (
		headed = `<span class="av h10" aria-hidden="true">AL</span> <b class="by">Ada Lovelace</b> `
		time   = `<a class="at" href="/rooms/123/123456"><time datetime="2026-11-22T14:05Z">14:05</time></a>`
		day    = `<p class="day"><time datetime="2026-11-22">22 November 2026</time></p>`
		hi     = `<div class="text" dir="auto"><p>hi</p></div>`
	)
	row := func(class, content string) string {
		return `<li class="` + class + `" id="m123456" data-by="1234" data-rev="234567">` + content + `</li>`
	}
	for name, c := range map[string]struct {
		change func(*chat.Message)
		want   string
	}{
		"after another's":    {func(m *chat.Message) { m.PrevAuthor = 7 }, row("m", headed+time+hi)},
		"after their own":    {func(*chat.Message) {}, row("m c", time+hi)},
		"after a long pause": {func(m *chat.Message) { m.PrevAt = m.At.Add(-5 * 60e9) }, row("m", headed+time+hi)},
		"on a new day":       {func(m *chat.Message) { m.PrevAt = m.At.AddDate(0, 0, -1) }, row("m", day+headed+time+hi)},
		"the first of all":   {func(m *chat.Message) { m.PrevAuthor, m.PrevAt = 0, m.PrevAt.AddDate(-2026, 0, 0) }, row("m", day+headed+time+hi)},
		"edited": {func(m *chat.Message) { m.EditedAt = m.At.Add(90e9) }, row("m c", time+hi+
			`<small>edited <time datetime="2026-11-22T14:06Z">14:06</time></small>`)},
		"edited another day": {func(m *chat.Message) { m.EditedAt = m.At.AddDate(0, 0, 1) }, row("m c", time+hi+
			`<small>edited <time datetime="2026-11-23">23 November 2026</time></small>`)},
		"emoji": {func(m *chat.Message) { m.HTML = "<p>🎉</p>" }, row("m c", time+`<div class="text big" dir="auto"><p>🎉</p></div>`)},
		"deleted": {func(m *chat.Message) { m.HTML, m.DeletedAt, m.EditedAt = "", m.At, m.At }, row("m c gone", time+
			`<div class="text" dir="auto">Message deleted</div>`)},
	} {
		t.Run(name, func(t *testing.T) {
			m := hello(1234)
			m.HTML = "<p>hi</p>"
			c.change(&m)
			if got := draw(t, views.Message(f, m)); got != c.want {
				t.Errorf("\ngot  %s\nwant %s", got, c.want)
			}
			swap := strings.Replace(c.want, `">`, `" hx-swap-oob="true">`, 1)
			if got := draw(t, views.Changed(f, m)); got != swap {
				t.Errorf("as a change\ngot  %s\nwant %s", got, swap)
			}
		})
	}
}

// TestSameBytesForEveryone holds what lets a message be drawn once and sent to all.
func TestSameBytesForEveryone(t *testing.T) {
	author := hello(7).Author
	stranger := chat.User{ID: 99, Username: "stranger", Role: chat.RoleAdmin}
	f := views.Frame{Words: newWords(t), Zone: time.UTC}
	want := draw(t, views.Message(f, hello(7)))
	for _, viewer := range []*chat.User{&author, &stranger} {
		f.Viewer, f.CSRF, f.Here = viewer, "secret", 123
		if got := draw(t, views.Message(f, hello(7))); got != want {
			t.Errorf("for %s\ngot  %s\nwant %s", viewer.Username, got, want)
		}
	}
}
