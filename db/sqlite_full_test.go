//go:build !postgres

package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// A disk that is full refuses, keeps what was there, and works again when there is room.
func TestAFullDiskRefusesWholeWrites(t *testing.T) {
	t.Parallel()
	d := open(t)
	author := d.NewPerson(t, "ann")
	room := d.NewRoom(t, chat.RoomPublic, "Hall", author)
	d.Post(t, author, room, "before")
	pages := dbtest.One[int](t, d, `PRAGMA page_count`)
	_, err := d.Writer().ExecContext(t.Context(), fmt.Sprintf(`PRAGMA max_page_count = %d`, pages+20))
	must(t, err)

	letGo := hold(t, d.DB)
	answers := make(chan error, 60)
	for range 60 {
		go func() {
			_, err := d.Community.Post(context.Background(), author, room, strings.Repeat("long ", 700), chat.NewToken(16))
			answers <- err
		}()
	}
	waiting(d.DB, 60)
	letGo()
	refused, accepted := 0, 0
	for range 60 {
		switch err := <-answers; {
		case err == nil:
			accepted++
		case errors.Is(err, chat.ErrNoSpace):
			refused++
		default:
			t.Error(err)
		}
	}
	if refused == 0 {
		t.Fatal("the disk was not full")
	}
	h := page(t, d, author, room, db.Page{})
	if len(h.Messages) != accepted+1 || h.Messages[0].HTML != "<p>before</p>" {
		t.Errorf("%d messages to read, want %d", len(h.Messages), accepted+1)
	}
	checkWhole(t, d)
	_, err = d.Writer().ExecContext(t.Context(), `PRAGMA max_page_count = 1000000`)
	must(t, err)
	if seq := d.Post(t, author, room, "after"); int(seq) != accepted+2 {
		t.Errorf("number %d, want %d", seq, accepted+2)
	}
	if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM messages`); n != accepted+2 {
		t.Errorf("%d messages, want %d", n, accepted+2)
	}
	if n := len(d.Events.List()); n != accepted+2 {
		t.Errorf("%d events, want %d", n, accepted+2)
	}
}
