package chat_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

func TestPost(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	body := "    code\r\n\r\nand **more** 👋🏽\x00  \n"
	key := chat.NewToken(16)
	seq, err := h.Community.Post(t.Context(), h.mia, h.private, "\n"+body, key)
	must(t, err)
	if seq != 1 {
		t.Errorf("number %d", seq)
	}
	m, err := h.Message(t.Context(), h.ann, h.private, seq)
	must(t, err)
	clean := "    code\n\nand **more** 👋🏽"
	same(t, m, chat.Message{
		Room: h.private, Seq: 1, Rev: 1, Born: 1, Body: clean, HTML: chat.NewMarkup().Render(clean), At: h.Clock.Now(),
		Author: chat.User{ID: h.mia, Username: "mia", Role: chat.RoleMember},
	})
	same(t, h.Events.List(), []chat.Event{{Kind: chat.MessagePosted, Room: h.private, Rev: 1}})
	for viewer, want := range map[chat.UserID]chat.Seq{h.mia: 1, h.ann: 0} {
		seen, err := h.DB.Room(t.Context(), viewer, h.private)
		must(t, err)
		if seen.Membership.ReadSeq != want || seen.LastSeq != 1 || seen.Rev != 1 || seen.HeadRev != 0 {
			t.Errorf("%d sees %+v, %+v", viewer, seen.Room, seen.Membership)
		}
	}
	if mac := dbtest.One[[]byte](t, h.DB, `SELECT body_mac FROM messages`); len(mac) != 32 {
		t.Errorf("fingerprint %x", mac)
	}
}

func TestPostRefuses(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	const key = "abc"
	for name, c := range map[string]struct {
		viewer    chat.UserID
		room      chat.RoomID
		body, key string
		wrong     string // a sentence beside the body
		err       error
	}{
		"nothing":             {h.ann, h.public, "", key, "message.empty", nil},
		"nothing to see":      {h.ann, h.public, " \r\n\t\u200b\x00 ", key, "message.empty", nil},
		"one too many":        {h.ann, h.public, strings.Repeat("👋", 4001), key, "message.long", nil},
		"a megabyte":          {h.ann, h.public, strings.Repeat("x", 1<<20), key, "message.long", nil},
		"no key":              {h.ann, h.public, "x", "", "message.key", nil},
		"a long key":          {h.ann, h.public, "x", strings.Repeat("k", 65), "message.key", nil},
		"a strange key":       {h.ann, h.public, "x", "a b", "message.key", nil},
		"a key of two lines":  {h.ann, h.public, "x", "abc\n", "message.key", nil},
		"a guest":             {h.eve, h.public, "x", key, "message.not_member", nil},
		"an outsider":         {h.eve, h.private, "x", key, "", chat.ErrNotFound},
		"a room not there":    {h.ann, 404, "x", key, "", chat.ErrNotFound},
		"nobody":              {0, h.private, "x", key, "", chat.ErrNotFound},
		"a guest says naught": {h.eve, h.public, "", key, "message.empty", nil},
	} {
		t.Run(name, func(t *testing.T) {
			seq, err := h.Community.Post(t.Context(), c.viewer, c.room, c.body, c.key)
			if c.wrong != "" {
				refused(t, err, "body", c.wrong)
			} else if !errors.Is(err, c.err) {
				t.Errorf("%v, want %v", err, c.err)
			}
			if seq != 0 {
				t.Errorf("number %d", seq)
			}
		})
	}
	if n := dbtest.One[int](t, h.DB, `SELECT COUNT(*) FROM messages`); n != 0 || len(h.Events.List()) != 0 {
		t.Errorf("%d messages, told %v", n, h.Events.List())
	}
	must(t, h.Community.Leave(t.Context(), h.mia, h.public))
	_, err := h.Community.Post(t.Context(), h.mia, h.public, "x", key)
	refused(t, err, "body", "message.not_member")
}

// A message has up to 4,000 characters, however many bytes, and a key up to 64.
func TestPostAtTheLimit(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	for _, body := range []string{strings.Repeat("x", 4000), strings.Repeat("👋", 4000), " \n" + strings.Repeat("é", 4000) + "\n\n", "?"} {
		seq, err := h.Community.Post(t.Context(), h.ann, h.public, body, chat.NewToken(48))
		must(t, err)
		m, err := h.Message(t.Context(), h.ann, h.public, seq)
		must(t, err)
		if m.Body != strings.TrimSpace(body) {
			t.Errorf("%d characters became %d", len([]rune(body)), len([]rune(m.Body)))
		}
	}
}

// The key of a send makes repeating it harmless, for ever.
func TestPostAgain(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	first, err := h.Community.Post(t.Context(), h.mia, h.public, "hello", "key-1")
	must(t, err)
	second := h.Post(t, h.mia, h.public, "other")
	h.Clock.Move(48 * time.Hour)
	again := func(author chat.UserID, room chat.RoomID, body, key string) (chat.Seq, error) {
		return h.Community.Post(t.Context(), author, room, body, key)
	}
	repeat := func(name string) {
		t.Helper()
		for _, body := range []string{"hello", "\r\nhello  \r\n"} {
			if seq, err := again(h.mia, h.public, body, "key-1"); err != nil || seq != first {
				t.Errorf("%s: %d, %v; want %d", name, seq, err, first)
			}
		}
		for other, room := range map[string]chat.RoomID{"hello!": h.public, "Hello": h.public, "hello": h.private} {
			if seq, err := again(h.mia, room, other, "key-1"); !errors.Is(err, chat.ErrKeyReused) || seq != 0 {
				t.Errorf("%s: %q in room %d: %d, %v", name, other, room, seq, err)
			}
		}
	}
	repeat("at once")
	h.Edit(t, h.mia, h.public, first, "changed")
	repeat("after an edit")
	h.Delete(t, h.mia, h.public, first)
	repeat("after a deletion")
	must(t, h.Community.Leave(t.Context(), h.mia, h.public))
	repeat("after leaving")
	same(t, len(h.Events.List()), 5) // two posts, an edit, a deletion, one leaving
	if last := dbtest.One[int](t, h.DB, `SELECT last_seq FROM rooms WHERE id = $1`, h.public); last != int(second) {
		t.Errorf("%d messages, want %d", last, second)
	}

	if seq, err := again(h.ann, h.public, "something else", "key-1"); err != nil || seq != second+1 {
		t.Errorf("somebody else's key: %d, %v", seq, err)
	}
	must(t, h.Community.Leave(t.Context(), h.mia, h.private))
	if _, err := again(h.mia, h.private, "hello", "key-1"); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("a spent key in a room that is hidden: %v", err)
	}
}

func TestPostAgainAfterARestart(t *testing.T) {
	t.Parallel()
	place := dbtest.Place(t)
	var ann chat.UserID
	var room chat.RoomID
	t.Run("before", func(t *testing.T) {
		d := dbtest.OpenIn(t, place)
		ann = d.NewPerson(t, "ann")
		room = d.NewRoom(t, chat.RoomPublic, "Hall", ann)
		_, err := d.Community.Post(t.Context(), ann, room, "hello", "key-1")
		must(t, err)
	})
	t.Run("after", func(t *testing.T) {
		d := dbtest.OpenIn(t, place)
		if seq, err := d.Community.Post(t.Context(), ann, room, "hello", "key-1"); err != nil || seq != 1 {
			t.Errorf("%d, %v", seq, err)
		}
		if _, err := d.Community.Post(t.Context(), ann, room, "hello!", "key-1"); !errors.Is(err, chat.ErrKeyReused) {
			t.Error(err)
		}
	})
}

// Fifty hands send the same at once: one message, and all are told its place.
func TestPostTheSameAtOnce(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if seq, err := h.Community.Post(context.Background(), h.ann, h.public, "hello", "key-1"); err != nil || seq != 1 {
				t.Errorf("%d, %v", seq, err)
			}
		})
	}
	all.Wait()
	list, err := h.History(t.Context(), h.ann, h.public, db.Page{})
	must(t, err)
	if len(list.Messages) != 1 || len(h.Events.List()) != 1 {
		t.Errorf("%d messages, %d events", len(list.Messages), len(h.Events.List()))
	}
}

func TestGrouping(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	at := func(text string) time.Time {
		when, err := time.Parse("2006-01-02 15:04:05.000", text)
		must(t, err)
		return when
	}
	const ann, bob = 1, 2
	for name, c := range map[string]struct {
		author       chat.UserID
		prev, now    string
		zone         *time.Location
		grouped, day bool
	}{
		"at once":                      {ann, "2026-11-22 12:00:00.000", "2026-11-22 12:00:00.000", time.UTC, true, false},
		"within five minutes":          {ann, "2026-11-22 12:00:00.000", "2026-11-22 12:04:59.999", time.UTC, true, false},
		"five minutes later":           {ann, "2026-11-22 12:00:00.000", "2026-11-22 12:05:00.000", time.UTC, false, false},
		"somebody else":                {bob, "2026-11-22 12:00:00.000", "2026-11-22 12:00:01.000", time.UTC, false, false},
		"over midnight":                {ann, "2026-11-22 23:59:59.000", "2026-11-23 00:00:00.000", time.UTC, false, true},
		"midnight is elsewhere":        {ann, "2026-11-22 23:59:59.000", "2026-11-23 00:00:00.000", berlin, true, false},
		"midnight is here":             {ann, "2026-11-22 22:59:59.000", "2026-11-22 23:00:00.000", berlin, false, true},
		"the same day of next month":   {bob, "2026-11-22 12:00:00.000", "2026-12-22 12:00:00.000", time.UTC, false, true},
		"the clock was set back":       {ann, "2026-11-22 12:00:00.000", "2026-11-22 11:59:00.000", time.UTC, true, false},
		"the clock was set back a day": {ann, "2026-11-22 12:00:00.000", "2026-11-21 12:00:00.000", time.UTC, false, true},
	} {
		m := chat.Message{Author: chat.User{ID: c.author}, At: at(c.now), PrevAuthor: ann, PrevAt: at(c.prev)}
		if m.Grouped(c.zone) != c.grouped || m.NewDay(c.zone) != c.day {
			t.Errorf("%s: grouped %v, new day %v", name, m.Grouped(c.zone), m.NewDay(c.zone))
		}
	}
	first := chat.Message{Author: chat.User{ID: ann}, At: at("2026-11-22 12:00:00.000")}
	if first.Grouped(time.UTC) || !first.NewDay(time.UTC) {
		t.Error("the first message of a room begins neither a group nor a day")
	}
}
