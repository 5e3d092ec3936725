package db_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chinwag/chat"
	"chinwag/db"
)

// Walking a room from any message, in either direction, visits every message once and says when there is no more.
func TestWalkingVisitsEveryMessageOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann, bob := d.NewPerson(t, "ann"), d.NewPerson(t, "bob")
	rooms := map[int]chat.RoomID{}
	rapid.Check(t, func(r *rapid.T) {
		length := rapid.OneOf(rapid.IntRange(0, 3), rapid.SampledFrom([]int{49, 50, 51, 99, 100, 101, 130})).Draw(r, "length")
		room, ok := rooms[length]
		if !ok {
			room = d.NewRoom(t, chat.RoomPrivate, "Hall", ann, bob)
			d.Fill(t, ann, room, length)
			rooms[length] = room
		}
		since := chat.Seq(rapid.IntRange(0, length).Draw(r, "since"))
		start := chat.Seq(rapid.IntRange(1, length+2).Draw(r, "start"))
		d.Exec(t, `UPDATE memberships SET since_seq = $1 WHERE room_id = $2 AND user_id = $3`, since, room, bob)

		older := walk(r, func(from chat.Seq) ([]chat.Message, bool) {
			h := page(t, d, bob, room, db.Page{Before: from})
			return h.Messages, h.Older
		}, start, func(list []chat.Message) chat.Seq { return list[0].Seq })
		slices.Sort(older)
		if want := upTo(since+1, min(start-1, chat.Seq(length))); !slices.Equal(older, want) {
			r.Errorf("before %d: %v, want %v", start, older, want)
		}
		newer := walk(r, func(from chat.Seq) ([]chat.Message, bool) {
			h := page(t, d, bob, room, db.Page{After: from})
			return h.Messages, h.Newer
		}, start, func(list []chat.Message) chat.Seq { return list[len(list)-1].Seq })
		if want := upTo(max(since, start)+1, chat.Seq(length)); !slices.Equal(newer, want) {
			r.Errorf("after %d: %v, want %v", start, newer, want)
		}
	})
}

// walk reads page after page as long as there is another, and goes on from where the last one ended.
func walk(r *rapid.T, read func(chat.Seq) ([]chat.Message, bool), from chat.Seq, end func([]chat.Message) chat.Seq) []chat.Seq {
	visited := []chat.Seq{}
	for more := true; more; {
		var list []chat.Message
		list, more = read(from)
		if len(list) == 0 {
			if more {
				r.Errorf("nothing beyond %d, but a promise of more", from)
			}
			break
		}
		visited = append(visited, seqs(list)...)
		from = end(list)
	}
	return visited
}

func TestPages(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := d.NewPerson(t, "ann")
	for name, c := range map[string]struct {
		length, since int
		page          db.Page
		want          []chat.Seq
		older, newer  bool
	}{
		"empty room":                        {0, 0, db.Page{}, upTo(1, 0), false, false},
		"empty room, before its first":      {0, 0, db.Page{Before: 1}, upTo(1, 0), false, false},
		"empty room, before any":            {0, 0, db.Page{Before: 7}, upTo(1, 0), false, false},
		"empty room, after any":             {0, 0, db.Page{After: 7}, upTo(1, 0), false, false},
		"one message":                       {1, 0, db.Page{}, upTo(1, 1), false, false},
		"one message, around it":            {1, 0, db.Page{At: 1}, upTo(1, 1), false, false},
		"one message, before it":            {1, 0, db.Page{Before: 1}, upTo(1, 0), false, true},
		"one message, after it":             {1, 0, db.Page{After: 1}, upTo(1, 0), true, false},
		"just a page":                       {50, 0, db.Page{}, upTo(1, 50), false, false},
		"one more than a page":              {51, 0, db.Page{}, upTo(2, 51), true, false},
		"newest of many":                    {200, 0, db.Page{}, upTo(151, 200), true, false},
		"before":                            {200, 0, db.Page{Before: 100}, upTo(50, 99), true, true},
		"before, up to the first":           {200, 0, db.Page{Before: 51}, upTo(1, 50), false, true},
		"before the first":                  {200, 0, db.Page{Before: 1}, upTo(1, 0), false, true},
		"before beyond the end":             {200, 0, db.Page{Before: 999}, upTo(151, 200), true, false},
		"after":                             {200, 0, db.Page{After: 100}, upTo(101, 150), true, true},
		"after, up to the last":             {200, 0, db.Page{After: 150}, upTo(151, 200), true, false},
		"after the last":                    {200, 0, db.Page{After: 200}, upTo(1, 0), true, false},
		"after beyond the end":              {200, 0, db.Page{After: 999}, upTo(1, 0), true, false},
		"after the last there can be":       {200, 0, db.Page{After: math.MaxInt64}, upTo(1, 0), true, false},
		"before the last there can be":      {200, 0, db.Page{Before: math.MaxInt64}, upTo(151, 200), true, false},
		"around the middle":                 {200, 0, db.Page{At: 100}, upTo(75, 124), true, true},
		"around the first":                  {200, 0, db.Page{At: 1}, upTo(1, 25), false, true},
		"around the last":                   {200, 0, db.Page{At: 200}, upTo(175, 200), true, false},
		"joined late, newest":               {200, 190, db.Page{}, upTo(191, 200), false, false},
		"joined late, before all one's own": {200, 190, db.Page{Before: 100}, upTo(1, 0), false, true},
		"joined late, before one's first":   {200, 190, db.Page{Before: 191}, upTo(1, 0), false, true},
		"joined late, from the first on":    {200, 100, db.Page{After: 1}, upTo(101, 150), false, true},
		"joined late, around one's first":   {200, 190, db.Page{At: 191}, upTo(191, 200), false, false},
		"joined late, nothing said since":   {200, 200, db.Page{}, upTo(1, 0), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			room := d.NewRoom(t, chat.RoomPrivate, name, ann)
			d.Fill(t, ann, room, c.length)
			d.Exec(t, `UPDATE memberships SET since_seq = $1 WHERE room_id = $2`, c.since, room)
			h := page(t, d, ann, room, c.page)
			same(t, seqs(h.Messages), c.want)
			if h.Older != c.older || h.Newer != c.newer {
				t.Errorf("older %v, newer %v; want %v, %v", h.Older, h.Newer, c.older, c.newer)
			}
			if h.Room.ID != room || int(h.Room.LastSeq) != c.length || h.Room.Name != name {
				t.Errorf("room %+v", h.Room)
			}
		})
	}
}

func TestPageAroundWhatIsNotThere(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := d.NewPerson(t, "ann")
	room := d.NewRoom(t, chat.RoomPrivate, "Hall", ann)
	d.Fill(t, ann, room, 10)
	d.Exec(t, `UPDATE memberships SET since_seq = 5`)
	for _, at := range []chat.Seq{1, 5, 11, 999, math.MaxInt64} {
		if _, err := d.History(t.Context(), ann, room, db.Page{At: at}); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("around %d: %v", at, err)
		}
	}
}

// A message is drawn under the name of the one before it: each read says which that was, as the viewer knows it.
func TestMessagesKnowTheOneBefore(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann, bob := d.NewPerson(t, "ann"), d.NewPerson(t, "bob")
	room := d.NewRoom(t, chat.RoomPrivate, "Hall", ann, bob)
	for _, author := range []chat.UserID{ann, ann, bob} {
		d.Post(t, author, room, "hello")
		d.Clock.Move(time.Minute)
	}
	d.Exec(t, `UPDATE memberships SET since_seq = 1 WHERE user_id = $1`, bob)
	begin := d.Clock.Now().Add(-3 * time.Minute)
	type before struct {
		Author chat.UserID
		At     time.Time
	}
	read := map[string]func(viewer chat.UserID) []chat.Message{
		"History": func(viewer chat.UserID) []chat.Message { return page(t, d, viewer, room, db.Page{}).Messages },
		"Message": func(viewer chat.UserID) (list []chat.Message) {
			for seq := range chat.Seq(4) {
				if m, err := d.Message(t.Context(), viewer, room, seq); err == nil {
					list = append(list, m)
				}
			}
			return list
		},
	}
	befores := func(list []chat.Message) (got []before) {
		for _, m := range list {
			got = append(got, before{m.PrevAuthor, m.PrevAt})
		}
		return got
	}
	all := []before{{0, time.Time{}}, {ann, begin}, {ann, begin.Add(time.Minute)}}
	for name, messages := range read {
		t.Run(name, func(t *testing.T) {
			same(t, befores(messages(ann)), all)
			same(t, befores(messages(bob)), []before{{0, time.Time{}}, {ann, begin.Add(time.Minute)}})
		})
	}
	t.Run("CatchUp", func(t *testing.T) { // for everyone
		c, err := d.CatchUp(t.Context(), room, 0)
		must(t, err)
		same(t, befores(c.Changed), all)
	})
}

// A message comes back as it was stored.
func TestMessageHasAllItsParts(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := d.NewPerson(t, "Ann")
	room := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
	d.Exec(t, `UPDATE rooms SET rev = 7`)
	body := "**hi** 'quoted' \"$1\" ?1 \\ 👋🏽"
	seq := d.Post(t, ann, room, body)
	d.Exec(t, `UPDATE messages SET edited_at = 1000, deleted_at = 2000`)
	got, err := d.Message(t.Context(), ann, room, seq)
	must(t, err)
	same(t, got, chat.Message{
		Room: room, Seq: 1, Rev: 8, Born: 8, Body: body, HTML: chat.NewMarkup().Render(body), At: d.Clock.Now(),
		EditedAt: time.UnixMilli(1000).UTC(), DeletedAt: time.UnixMilli(2000).UTC(),
		Author: chat.User{ID: ann, Username: "Ann", Role: chat.RoleMember},
	})
}
