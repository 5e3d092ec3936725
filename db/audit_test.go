package db_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// note writes a line into the log.
func note(t *testing.T, d *dbtest.DB, e chat.Entry) {
	t.Helper()
	e.At = d.Clock.Now()
	must(t, d.Write(t.Context(), 0, func(tx chat.Tx) error {
		tx.CreateEntry(e)
		return nil
	}))
}

// The database itself refuses to change what was written down, whoever asks it.
func TestNobodyChangesTheLog(t *testing.T) {
	t.Parallel()
	d := open(t)
	note(t, d, chat.Entry{ActorID: 1, Action: chat.RoleChanged, User: 2, Address: "192.0.2.1", Detail: "member → admin"})
	read := func() []string {
		return dbtest.All[string](t, d, `SELECT id || action || detail FROM audit ORDER BY id`)
	}
	before := read()
	beside := dbtest.Beside(t, d.Place)
	for _, text := range []string{
		`UPDATE audit SET detail = ''`, `UPDATE audit SET id = 7 WHERE id = 1`, `DELETE FROM audit`, `DELETE FROM audit WHERE id = 1`,
		`UPDATE audit SET actor_id = 2 WHERE actor_id = 1`,
	} {
		if _, err := beside.ExecContext(t.Context(), text); err == nil || !strings.Contains(err.Error(), "only added") {
			t.Errorf("%s: %v", text, err)
		}
	}
	same(t, read(), before)
	note(t, d, chat.Entry{Action: chat.UserDisabled}) // adding goes on
	if after := read(); len(after) != 2 {
		t.Errorf("%v", after)
	}
}

// What an act that was refused wanted to write down is not there, and takes no number.
func TestTheLogIsWrittenWithItsCause(t *testing.T) {
	t.Parallel()
	d := open(t)
	note(t, d, chat.Entry{Action: chat.UserAdded})
	refusal := fmt.Errorf("no")
	if err := d.Write(t.Context(), 0, func(tx chat.Tx) error {
		tx.CreateEntry(chat.Entry{Action: chat.UserDisabled})
		return refusal
	}); err == nil {
		t.Error("it was not refused")
	}
	must(t, d.Write(t.Context(), 0, func(tx chat.Tx) error {
		tx.CreateEntry(chat.Entry{Action: chat.UserEnabled})
		tx.CreateEntry(chat.Entry{Action: chat.UserDeleted})
		return nil
	}))
	same(t, dbtest.All[string](t, d, `SELECT id || ' ' || action FROM audit ORDER BY id`), []string{"1 user.added", "2 user.enabled", "3 user.deleted"})
}

func TestAuditPages(t *testing.T) {
	t.Parallel()
	d := open(t)
	root, ann, bob := d.NewPerson(t, "root"), d.NewPerson(t, "Ann"), d.NewPerson(t, "bob")
	d.Exec(t, `UPDATE users SET display_name = 'Ann A.' WHERE id = $1`, ann)
	hall, attic := d.NewRoom(t, chat.RoomPublic, "Hall", ann), d.NewRoom(t, chat.RoomPrivate, "Attic", ann)
	for i := range 120 {
		switch i % 3 {
		case 0:
			note(t, d, chat.Entry{ActorID: root, Action: chat.RoleChanged, User: ann, Detail: fmt.Sprint(i)})
		case 1:
			note(t, d, chat.Entry{ActorID: ann, Action: chat.MessageRemoved, User: bob, Room: hall, Detail: fmt.Sprint(i)})
		default:
			note(t, d, chat.Entry{ActorID: bob, Action: chat.PasswordChanged, User: bob, Detail: fmt.Sprint(i)})
		}
	}
	note(t, d, chat.Entry{Action: chat.MessageRemoved, Room: attic, Address: "192.0.2.1"})
	for name, c := range map[string]struct {
		query db.AuditQuery
		want  func(i int) bool
		pages int
	}{
		"all":                    {db.AuditQuery{}, func(int) bool { return true }, 3},
		"by kind":                {db.AuditQuery{Action: chat.RoleChanged}, func(i int) bool { return i%3 == 0 }, 1},
		"by person":              {db.AuditQuery{Who: " @ANN"}, func(i int) bool { return i%3 < 2 }, 2},
		"who did it to oneself":  {db.AuditQuery{Who: "bob"}, func(i int) bool { return i%3 > 0 }, 2},
		"by person and kind":     {db.AuditQuery{Who: "bob", Action: chat.MessageRemoved}, func(i int) bool { return i%3 == 1 }, 1},
		"a kind that is not had": {db.AuditQuery{Action: "x' OR 1=1"}, func(int) bool { return false }, 1},
		"nobody":                 {db.AuditQuery{Who: "zoe"}, func(int) bool { return false }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var want, got []string
			for i := 119; i >= 0; i-- {
				if c.want(i) {
					want = append(want, fmt.Sprint(i))
				}
			}
			pages := 0
			for q := c.query; ; pages++ {
				page, err := d.Audit(t.Context(), q)
				must(t, err)
				for _, e := range page.Entries {
					if e.Detail != "" {
						got = append(got, e.Detail)
					}
				}
				if q.Before = page.Before; page.Before == 0 {
					break
				}
			}
			same(t, got, want)
			if pages+1 != c.pages {
				t.Errorf("%d pages, want %d", pages+1, c.pages)
			}
		})
	}
	page, err := d.Audit(t.Context(), db.AuditQuery{})
	must(t, err)
	now := d.Clock.Now()
	same(t, page.Entries[0], db.AuditEntry{Entry: chat.Entry{ID: 121, At: now, Action: chat.MessageRemoved, Room: attic, Address: "192.0.2.1"}})
	same(t, page.Entries[2], db.AuditEntry{
		Entry: chat.Entry{ID: 119, At: now, ActorID: ann, Action: chat.MessageRemoved, User: bob, Room: hall, Detail: "118"},
		By:    chat.User{ID: ann, Username: "Ann", DisplayName: "Ann A."}, About: chat.User{ID: bob, Username: "bob"}, RoomName: "Hall",
	})
	if !slices.IsSortedFunc(page.Entries, func(a, b db.AuditEntry) int { return int(b.ID - a.ID) }) {
		t.Error("not newest first")
	}
}
