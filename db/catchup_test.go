package db_test

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// screen is what somebody sees of a room: its messages by number.
type screen map[chat.Seq]chat.Message

// look is the screen of somebody who opens the room now.
func look(t *testing.T, d *dbtest.DB, viewer chat.UserID, room chat.RoomID) screen {
	s := screen{}
	for _, m := range page(t, d, viewer, room, db.Page{}).Messages {
		s[m.Seq] = m
	}
	return s
}

// take brings a screen that stood at a revision up to date as a browser does: what was born later is appended, anything
// else replaces what is on screen.
func (s screen) take(r *rapid.T, c db.CatchUp, after chat.Rev) {
	newest := chat.Seq(0)
	for seq := range s {
		newest = max(newest, seq)
	}
	for _, m := range c.Changed {
		_, there := s[m.Seq]
		switch {
		case m.Born > after && m.Seq <= newest:
			r.Errorf("message %d, new after %d, would be appended behind %d", m.Seq, after, newest)
		case m.Born <= after && !there:
			r.Errorf("message %d was there at %d, but not on the screen", m.Seq, after)
		}
		s[m.Seq] = m
		newest = max(newest, m.Seq)
	}
}

// However far a screen is behind, what it is given makes it equal to a fresh one, and holds nothing it has already.
func TestCatchUpIsTheDifferenceOfTwoStates(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann, bob := d.NewPerson(t, "ann"), d.NewPerson(t, "bob")
	rapid.Check(t, func(r *rapid.T) {
		room := d.NewRoom(t, chat.RoomPrivate, "Hall", ann, bob)
		for range rapid.IntRange(0, 5).Draw(r, "before bob came") {
			d.Post(t, ann, room, "earlier")
		}
		d.Exec(t, `UPDATE memberships SET since_seq = (SELECT last_seq FROM rooms WHERE id = $1) WHERE room_id = $2 AND user_id = $3`,
			room, room, bob)
		screens := []screen{}
		keep := func() {
			rev := dbtest.One[int](t, d, `SELECT rev FROM rooms WHERE id = $1`, room)
			for len(screens) <= rev {
				screens = append(screens, look(t, d, bob, room))
			}
		}
		keep()
		for _, act := range rapid.SliceOfN(rapid.SampledFrom([]string{"post", "post", "edit", "delete", "head", "leave"}), 0, 25).Draw(r, "acts") {
			change(r, t, d, ann, room, act)
			keep()
		}
		now := look(t, d, bob, room)
		for after, then := range screens {
			c, err := d.CatchUp(t.Context(), bob, room, chat.Rev(after))
			must(t, err)
			if c.Reload {
				r.Errorf("after %d: reload", after)
			}
			if !slices.IsSortedFunc(c.Changed, func(a, b chat.Message) int { return int(a.Seq - b.Seq) }) {
				r.Errorf("after %d: not by number: %v", after, seqs(c.Changed))
			}
			for _, m := range c.Changed {
				if had, ok := then[m.Seq]; ok && had.Rev == m.Rev {
					r.Errorf("after %d: message %d is the same", after, m.Seq)
				}
			}
			mine := maps.Clone(then)
			mine.take(r, c, chat.Rev(after))
			if !maps.Equal(mine, now) {
				r.Errorf("after %d: %v, want %v", after, mine, now)
			}
			everyone, err := d.Changes(t.Context(), room, chat.Rev(after))
			must(t, err)
			own := slices.DeleteFunc(everyone, func(m chat.Message) bool { return m.Seq <= c.Room.Membership.SinceSeq })
			if !slices.Equal(seqs(own), seqs(c.Changed)) {
				r.Errorf("after %d: Changes gives %v, CatchUp %v", after, seqs(own), seqs(c.Changed))
			}
		}
	})
}

// change moves a room: by the rules where there is one, else as a later program will.
func change(r *rapid.T, t *testing.T, d *dbtest.DB, author chat.UserID, room chat.RoomID, act string) {
	last := dbtest.One[int](t, d, `SELECT last_seq FROM rooms WHERE id = $1`, room)
	if act == "post" || last == 0 {
		d.Post(t, author, room, "hello")
		return
	}
	if act == "leave" { // takes no number
		cid := d.NewPerson(t, "c"+chat.NewToken(8))
		must(t, d.Write(t.Context(), room, func(tx chat.Tx) error {
			return tx.CreateMembership(chat.Membership{Room: room, User: cid, Role: chat.MemberPlain})
		}))
		must(t, d.Community.Leave(t.Context(), cid, room))
		return
	}
	if act == "head" {
		d.Exec(t, `UPDATE rooms SET rev = rev + 1, topic = topic || '.', head_rev = rev + 1 WHERE id = $1`, room)
		return
	}
	seq := chat.Seq(rapid.IntRange(1, last).Draw(r, "seq"))
	if act == "delete" {
		d.Delete(t, author, room, seq)
		return
	}
	err := d.Community.Edit(t.Context(), author, room, seq, "edited "+chat.NewToken(4))
	if err != nil && !errors.Is(err, chat.ErrNotFound) { // it was deleted
		t.Fatal(err)
	}
}

func TestCatchUpFromAfar(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := d.NewPerson(t, "ann")
	room := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
	d.Fill(t, ann, room, 1000)
	d.Exec(t, `UPDATE rooms SET floor_rev = 700`)
	for name, c := range map[string]struct {
		after  chat.Rev
		reload bool
		want   []chat.Seq
	}{
		"nothing missed":       {1000, false, upTo(1, 0)},
		"one missed":           {999, false, upTo(1000, 1000)},
		"as many as are given": {1000 - db.CatchUpLimit, false, upTo(1000-db.CatchUpLimit+1, 1000)},
		"one too many":         {1000 - db.CatchUpLimit - 1, true, nil},
		"the floor":            {700, true, nil}, // still too many
		"below the floor":      {699, true, nil},
		"never there":          {0, true, nil},
		"from the future":      {1001, true, nil}, // of a database that was restored since
		"nonsense":             {-1, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := d.CatchUp(t.Context(), ann, room, c.after)
			must(t, err)
			if got.Reload != c.reload {
				t.Fatalf("reload %v", got.Reload)
			}
			if !c.reload {
				same(t, seqs(got.Changed), c.want)
			}
			if got.Room.Rev != 1000 {
				t.Errorf("revision %d", got.Room.Rev)
			}
		})
	}
	t.Run("at and below a floor nearby", func(t *testing.T) {
		d.Exec(t, `UPDATE rooms SET floor_rev = 990`)
		for after, reload := range map[chat.Rev]bool{989: true, 990: false, 991: false} {
			got, err := d.CatchUp(t.Context(), ann, room, after)
			must(t, err)
			if got.Reload != reload {
				t.Errorf("after %d: reload %v", after, got.Reload)
			}
		}
	})
}

func TestCatchUpOfAHiddenRoom(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann, eve := d.NewPerson(t, "ann"), d.NewPerson(t, "eve")
	room := d.NewRoom(t, chat.RoomPrivate, "Attic", ann)
	d.Post(t, ann, room, "secret")
	for _, after := range []chat.Rev{-1, 0, 1, 2} {
		if c, err := d.CatchUp(t.Context(), eve, room, after); !errors.Is(err, chat.ErrNotFound) || len(c.Changed) > 0 || c.Room.ID != 0 {
			t.Errorf("after %d: %+v, %v", after, c, err)
		}
	}
}
