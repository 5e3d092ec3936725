package db_test

import (
	"strings"
	"sync"
	"testing"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

func TestReopenedIsAsItWas(t *testing.T) {
	t.Parallel()
	place := dbtest.Place(t)
	var before []chat.Message
	var room chat.RoomID
	var ann chat.UserID
	var schema []string
	t.Run("first", func(t *testing.T) {
		d := dbtest.OpenIn(t, place)
		ann = d.NewPerson(t, "ann")
		room = d.NewRoom(t, chat.RoomPrivate, "Attic", ann)
		for _, body := range []string{"one", "two\n\n**three**", "four 👋🏽"} {
			d.Post(t, ann, room, body)
		}
		before = page(t, d, ann, room, db.Page{}).Messages
		schema = dbtest.Schema(t, dbtest.Beside(t, place))
	})
	for _, again := range []string{"second", "third"} {
		t.Run(again, func(t *testing.T) {
			d := dbtest.OpenIn(t, place)
			same(t, page(t, d, ann, room, db.Page{}).Messages, before)
			same(t, dbtest.Schema(t, dbtest.Beside(t, place)), schema)
		})
	}
	t.Run("numbers go on", func(t *testing.T) {
		d := dbtest.OpenIn(t, place)
		if seq := d.Post(t, ann, room, "five"); seq != 4 {
			t.Errorf("number %d after 3", seq)
		}
		if bob := d.NewPerson(t, "bob"); bob != ann+1 {
			t.Errorf("person %d after %d", bob, ann)
		}
	})
}

func TestANewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	place := dbtest.Place(t)
	t.Run("made by tomorrow's program", func(t *testing.T) {
		d := dbtest.OpenIn(t, place)
		d.Exec(t, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)`)
	})
	d, err := db.Open(t.Context(), place, &dbtest.Events{})
	if err == nil {
		t.Fatal("opened", d.Close())
	}
	for _, word := range []string{"newer Chinwag", "9999", "run that one"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
}

// A command may be typed while the server starts for the first time.
func TestManyFirstStartsAtOnce(t *testing.T) {
	t.Parallel()
	place := dbtest.Place(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			d, err := db.Open(t.Context(), place, &dbtest.Events{})
			if err != nil {
				t.Error(err)
				return
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	d := dbtest.OpenIn(t, place)
	if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM community`); n != 1 {
		t.Errorf("%d communities", n)
	}
}
