package db_test

import (
	"testing"

	"chinwag/chat"
	"chinwag/db"
)

// All that was missed comes at once, or nothing: a part of it would let a screen pass what is still to come.
func TestCatchUp(t *testing.T) {
	t.Parallel()
	const last = 2000
	d := open(t)
	ann := d.NewPerson(t, "ann")
	room := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
	d.Fill(t, ann, room, last)
	for name, c := range map[string]struct {
		after   chat.Rev
		want    []chat.Seq
		reached chat.Rev
		tooMany bool
	}{
		"nothing missed":       {last, upTo(1, 0), last, false},
		"one missed":           {last - 1, upTo(last, last), last, false},
		"as many as fit":       {last - db.CatchUpLimit, upTo(last-db.CatchUpLimit+1, last), last, false},
		"one too many":         {last - db.CatchUpLimit - 1, upTo(1, 0), last - db.CatchUpLimit - 1, true},
		"everything":           {0, upTo(1, 0), 0, true},
		"nonsense":             {-1, upTo(1, 0), -1, true},
		"more than there ever": {last + 1, upTo(1, 0), last + 1, false}, // of a database that was restored since
	} {
		t.Run(name, func(t *testing.T) {
			got, err := d.CatchUp(t.Context(), room, c.after)
			must(t, err)
			same(t, seqs(got.Changed), c.want)
			if got.Reached != c.reached || got.TooMany != c.tooMany {
				t.Errorf("reached %d, too many %v; want %d, %v", got.Reached, got.TooMany, c.reached, c.tooMany)
			}
		})
	}
	if c, err := d.CatchUp(t.Context(), 404, 0); err != nil || len(c.Changed) > 0 || c.TooMany {
		t.Errorf("a room that is not there: %+v, %v", c, err)
	}
}

// A message that was born and changed while somebody was away is new to them, as it is now.
func TestCatchUpShowsTheLastState(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := d.NewPerson(t, "ann")
	room := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
	d.Fill(t, ann, room, 9)
	d.Edit(t, ann, room, 2, "two") // 10
	d.Delete(t, ann, room, 5)      // 11
	d.Edit(t, ann, room, 2, "2")   // 12
	for after, want := range map[chat.Rev][]chat.Seq{0: upTo(1, 9), 4: {2, 5, 6, 7, 8, 9}, 8: {2, 5, 9}, 10: {2, 5}, 11: {2}} {
		got, err := d.CatchUp(t.Context(), room, after)
		must(t, err)
		same(t, seqs(got.Changed), want)
		for _, m := range got.Changed {
			if want := (m.Seq == 5); m.Gone() != want || m.Seq == 2 && m.HTML != "<p>2</p>" || m.Born != chat.Rev(m.Seq) {
				t.Errorf("after %d: %+v", after, m)
			}
		}
	}
}
