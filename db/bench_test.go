package db_test

import (
	"fmt"
	"testing"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// town is a community with a long room, many others and somebody who is in twenty of them.
func town(b *testing.B, messages int) (d *dbtest.DB, viewer chat.UserID, room chat.RoomID) {
	b.Helper()
	d = open(b)
	viewer = d.NewPerson(b, "ann")
	room = d.NewRoom(b, chat.RoomPublic, "Hall", viewer)
	d.Fill(b, viewer, room, messages)
	other := d.NewPerson(b, "bob")
	for i := range 100 {
		members := []chat.UserID{}
		if i < 19 {
			members = append(members, viewer)
		}
		d.NewRoom(b, chat.RoomPublic, fmt.Sprintf("Room %d", i), other, members...)
	}
	return d, viewer, room
}

// BenchmarkRoom reads what a long room's pages and reconnects ask for: the newest page and others, what was missed since a
// revision, and where that was. What it costs may not depend on how much was ever said.
func BenchmarkRoom(b *testing.B) {
	for _, messages := range []int{1_000, 1_000_000} {
		d, ann, room := town(b, messages)
		middle := chat.Seq(messages / 2)
		length := fmt.Sprintf("messages=%d", messages)
		for name, which := range map[string]db.Page{"newest": {}, "middle": {Before: middle}, "around": {At: middle}} {
			b.Run("page="+name+"/"+length, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if h := page(b, d, ann, room, which); len(h.Messages) != db.PageLength {
						b.Fatal(len(h.Messages))
					}
				}
			})
		}
		for _, missed := range []int{0, 1, 50, 200} {
			b.Run(fmt.Sprintf("missed=%d/%s", missed, length), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					c, err := d.CatchUp(b.Context(), room, chat.Rev(messages-missed))
					must(b, err)
					if len(c.Changed) != missed || int(c.Reached) != messages {
						b.Fatal(len(c.Changed), c.Reached)
					}
				}
			})
		}
		b.Run("seq-at/"+length, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if seq, err := d.SeqAt(b.Context(), room, chat.Rev(middle)); err != nil || seq != middle {
					b.Fatal(seq, err)
				}
			}
		})
	}
}

// BenchmarkSession looks a cookie up, as every request does.
func BenchmarkSession(b *testing.B) {
	d := open(b)
	hash := signIn(b, d, d.NewPerson(b, "ann"))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := d.Session(b.Context(), hash); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkRoomsOf reads a sidebar of twenty rooms.
func BenchmarkRoomsOf(b *testing.B) {
	d, ann, _ := town(b, 1)
	b.ReportAllocs()
	for b.Loop() {
		list, err := d.RoomsOf(b.Context(), ann)
		must(b, err)
		if len(list) != 20 {
			b.Fatal(len(list))
		}
	}
}

// BenchmarkDirectory lists a hundred rooms, and searches among them.
func BenchmarkDirectory(b *testing.B) {
	d, ann, _ := town(b, 1)
	for words, want := range map[string]int{"": 101, "room 42": 1} {
		b.Run(fmt.Sprintf("words=%q", words), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				list, err := d.Directory(b.Context(), ann, words)
				must(b, err)
				if len(list) != want {
					b.Fatal(len(list))
				}
			}
		})
	}
}
