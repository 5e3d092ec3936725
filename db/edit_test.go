package db_test

import (
	"errors"
	"maps"
	"testing"

	"pgregory.net/rapid"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

func TestEditsAreForThoseWhoModerate(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann, bob, eve, mod := d.NewPerson(t, "ann"), d.NewPerson(t, "bob"), d.NewPerson(t, "eve"), d.NewPerson(t, "mod")
	d.Exec(t, `UPDATE users SET role = 'moderator' WHERE id = $1`, mod)
	hall, attic := d.NewRoom(t, chat.RoomPublic, "Hall", ann, bob), d.NewRoom(t, chat.RoomPrivate, "Attic", ann, bob)
	for _, room := range []chat.RoomID{hall, attic} {
		seq := d.Post(t, bob, room, "one")
		d.Edit(t, bob, room, seq, "two")
		d.Edit(t, bob, room, seq, "three")
		d.Post(t, bob, room, "never edited")
		d.Delete(t, bob, room, d.Post(t, bob, room, "gone"))
	}
	for name, c := range map[string]struct {
		viewer chat.UserID
		room   chat.RoomID
		seq    chat.Seq
		want   []string // nil: not theirs to know
	}{
		"the owner":                          {ann, hall, 1, []string{"one", "two"}},
		"the owner, in private":              {ann, attic, 1, []string{"one", "two"}},
		"the owner, of what never changed":   {ann, hall, 2, []string{}},
		"the owner, of what is gone":         {ann, hall, 3, []string{}},
		"the owner, of what is not there":    {ann, hall, 4, nil},
		"the owner, of number nought":        {ann, hall, 0, nil},
		"the author":                         {bob, hall, 1, nil},
		"a guest":                            {eve, hall, 1, nil},
		"an outsider":                        {eve, attic, 1, nil},
		"nobody":                             {404, hall, 1, nil},
		"the community's moderator":          {mod, hall, 1, []string{"one", "two"}},
		"the community's moderator, outside": {mod, attic, 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			list, err := d.Edits(t.Context(), c.viewer, c.room, c.seq)
			if c.want == nil {
				if !errors.Is(err, chat.ErrNotFound) || len(list) > 0 {
					t.Errorf("%v, %v", list, err)
				}
				return
			}
			must(t, err)
			bodies := []string{}
			for _, e := range list {
				bodies = append(bodies, e.Body)
			}
			same(t, bodies, c.want)
		})
	}
	d.Exec(t, `UPDATE memberships SET since_seq = 1 WHERE user_id = $1`, ann)
	if _, err := d.Edits(t.Context(), ann, hall, 1); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("what the owner may not read: %v", err)
	}
}

// model is our own table of what is said in a room, against which the database is held.
type model struct {
	messages []chat.Message // by number, from 1
	rev      chat.Rev
}

// drawn is a word as it stands on a page; nothing stands where a message was deleted.
func drawn(word string) string {
	if word == "" {
		return ""
	}
	return "<p>" + word + "</p>"
}

// after is what a screen that stood at a revision is given.
func (m *model) after(rev chat.Rev) map[chat.Seq]string {
	changed := map[chat.Seq]string{}
	for _, message := range m.messages {
		if message.Rev > rev {
			changed[message.Seq] = drawn(message.Body)
		}
	}
	return changed
}

// move does one random act by the rules and in the model, and says where they disagree.
func (m *model) move(r *rapid.T, t *testing.T, d *dbtest.DB, room chat.RoomID, people []chat.UserID) {
	who := rapid.SampledFrom(people).Draw(r, "who")
	body := rapid.SampledFrom([]string{"yes", "no", "maybe"}).Draw(r, "body")
	act := rapid.SampledFrom([]string{"post", "post", "edit", "edit", "delete"}).Draw(r, "act")
	if act == "post" {
		seq := d.Post(t, who, room, body)
		m.rev++
		m.messages = append(m.messages, chat.Message{Seq: seq, Rev: m.rev, Author: chat.User{ID: who}, Body: body})
		if int(seq) != len(m.messages) {
			r.Fatalf("number %d, want %d", seq, len(m.messages))
		}
		return
	}
	seq := chat.Seq(rapid.IntRange(1, len(m.messages)+1).Draw(r, "seq"))
	there := int(seq) <= len(m.messages)
	message, gone := &chat.Message{}, false
	if there {
		message = &m.messages[seq-1]
		gone = message.Body == ""
	}
	owner := who == people[0]
	var want, got error
	if act == "edit" {
		got = d.Community.Edit(t.Context(), who, room, seq, body)
		switch {
		case !there || gone:
			want = chat.ErrNotFound
		case message.Author.ID != who:
			want = chat.ErrForbidden
		case message.Body != body:
			m.rev++
			message.Rev, message.Body = m.rev, body
		}
	} else {
		got = d.Community.Delete(t.Context(), chat.Actor{User: who}, room, seq)
		switch {
		case !there:
			want = chat.ErrNotFound
		case message.Author.ID != who && !owner:
			want = chat.ErrForbidden
		case !gone:
			m.rev++
			message.Rev, message.Body = m.rev, ""
		}
	}
	if !errors.Is(got, want) || want == nil && got != nil {
		r.Fatalf("%s of %d by %d: %v, want %v", act, seq, who, got, want)
	}
}

// Whatever is posted, edited and deleted, by whomever: the numbers have no hole, every change has a revision of its own,
// and a screen at any revision is given exactly what it missed.
func TestPostEditDeleteAgainstAModel(t *testing.T) {
	t.Parallel()
	d := open(t)
	people := []chat.UserID{d.NewPerson(t, "ann"), d.NewPerson(t, "bob"), d.NewPerson(t, "mia")}
	rapid.Check(t, func(r *rapid.T) {
		room := d.NewRoom(t, chat.RoomPublic, "Hall", people[0], people[1:]...)
		told := len(d.Events.List())
		m := &model{}
		born := []chat.Seq{0} // the newest message at each revision
		for range rapid.IntRange(0, 40).Draw(r, "acts") {
			m.move(r, t, d, room, people)
			for len(born) <= int(m.rev) {
				born = append(born, chat.Seq(len(m.messages)))
			}
		}
		seen, err := d.Room(t.Context(), people[0], room)
		must(t, err)
		if seen.Rev != m.rev || int(seen.LastSeq) != len(m.messages) {
			r.Fatalf("revision %d and %d messages, want %d and %d", seen.Rev, seen.LastSeq, m.rev, len(m.messages))
		}
		for rev := range m.rev + 1 {
			c, err := d.CatchUp(t.Context(), room, rev)
			must(t, err)
			given := map[chat.Seq]string{}
			for _, message := range c.Changed {
				given[message.Seq] = string(message.HTML)
			}
			if want := m.after(rev); len(given) != len(c.Changed) || !maps.Equal(given, want) {
				r.Fatalf("after %d: %v, want %v", rev, given, want)
			}
			if c.Reached != m.rev || c.TooMany {
				r.Fatalf("after %d: reached %d of %d, too many: %v", rev, c.Reached, m.rev, c.TooMany)
			}
			if seq, err := d.SeqAt(t.Context(), room, rev); err != nil || seq != born[rev] {
				r.Fatalf("the newest message at %d was %d, %v; want %d", rev, seq, err, born[rev])
			}
		}
		for i, e := range d.Events.List()[told:] {
			if int(e.Rev) != i+1 {
				r.Fatalf("event %d told of revision %d", i, e.Rev)
			}
		}
	})
	checkWhole(t, d)
}

func TestSeqAt(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := d.NewPerson(t, "ann")
	empty, long := d.NewRoom(t, chat.RoomPrivate, "Attic", ann), d.NewRoom(t, chat.RoomPublic, "Hall", ann)
	d.Fill(t, ann, long, 1000)
	d.Exec(t, `UPDATE messages SET born = born * 3 WHERE room_id = $1`, long)
	for name, c := range map[string]struct {
		room chat.RoomID
		rev  chat.Rev
		want chat.Seq
	}{
		"an empty room":         {empty, 5, 0},
		"before all":            {long, 2, 0},
		"nonsense":              {long, -7, 0},
		"the first":             {long, 3, 1},
		"between two":           {long, 1001, 333},
		"the last":              {long, 3000, 1000},
		"just before the last":  {long, 2999, 999},
		"after all":             {long, 9999, 1000},
		"an edit in the middle": {long, 1500, 500},
	} {
		if seq, err := d.SeqAt(t.Context(), c.room, c.rev); err != nil || seq != c.want {
			t.Errorf("%s: %d, %v; want %d", name, seq, err, c.want)
		}
	}
	if _, err := d.SeqAt(t.Context(), 404, 1); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("a room that is not there: %v", err)
	}
}

func TestQueriesAreCounted(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := d.NewPerson(t, "ann")
	room := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
	before := d.Queries()
	page(t, d, ann, room, db.Page{})
	if n := d.Queries() - before; n != 2 {
		t.Errorf("%d statements for a page, want the room and its messages", n)
	}
}
