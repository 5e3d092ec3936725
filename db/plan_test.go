package db_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// No statement of daily life walks a table that grows for ever: each finds its rows by an index. Only the directory,
// a list of rooms by name, reads all of them.
func TestNothingWalksATable(t *testing.T) {
	t.Parallel()
	d := open(t)
	live(t, d)
	walks := regexp.MustCompile(`^SCAN `)
	for _, text := range d.Texts() {
		for _, step := range plan(t, d, text) {
			harmless := strings.Contains(step, "community") || strings.Contains(step, "CONSTANT ROW") ||
				strings.HasPrefix(step, "SCAN r USING INDEX rooms_name") || strings.HasPrefix(step, "SCAN v") && strings.Contains(text, "WITH visible")
			if walks.MatchString(step) && !harmless {
				t.Errorf("%s\n%s", step, text)
			}
		}
	}
}

// A screen that missed little costs little, however much was ever said in the room.
func TestCatchUpStartsAtTheRevision(t *testing.T) {
	t.Parallel()
	d := open(t)
	live(t, d)
	looked := false
	for _, text := range d.Texts() {
		if !strings.Contains(text, "x.rev > ") {
			continue
		}
		looked = true
		if steps := strings.Join(plan(t, d, text), "\n"); !strings.Contains(steps, "USING INDEX messages_rev") {
			t.Errorf("%s\n%s", steps, text)
		}
	}
	if !looked {
		t.Error("no catch-up was looked at")
	}
}

// live does a little of everything.
func live(t *testing.T, d *dbtest.DB) {
	t.Helper()
	ctx := t.Context()
	ann, bob := d.NewPerson(t, "ann"), d.NewPerson(t, "bob")
	room := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
	must(t, d.Community.Join(ctx, bob, room))
	d.Post(t, bob, room, "hello")
	for _, which := range []db.Page{{}, {Before: 2}, {After: 1}, {At: 1}} {
		page(t, d, ann, room, which)
	}
	_, err := d.Message(ctx, ann, room, 1)
	must(t, err)
	_, err = d.CatchUp(ctx, ann, room, 0)
	must(t, err)
	_, err = d.Changes(ctx, room, 0)
	must(t, err)
	_, err = d.Members(ctx, ann, room)
	must(t, err)
	_, err = d.RoomsOf(ctx, ann)
	must(t, err)
	_, err = d.Directory(ctx, ann, "ha")
	must(t, err)
	_, err = d.Account(ctx, "ann")
	must(t, err)
	_, err = d.Session(ctx, signIn(t, d, ann))
	must(t, err)
	must(t, d.Community.Leave(ctx, bob, room))
	_, err = d.SecurityRev(ctx)
	must(t, err)
	_, err = d.Settings(ctx)
	must(t, err)
}

// plan is how the database goes about a statement.
func plan(t *testing.T, d *dbtest.DB, text string) (steps []string) {
	t.Helper()
	args := []any{}
	for strings.Contains(text, fmt.Sprintf("?%d", len(args)+1)) {
		args = append(args, 1)
	}
	rows, err := d.Reader().QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, args...)
	must(t, err)
	defer func() { must(t, rows.Close()) }()
	for rows.Next() {
		var id, parent, unused int
		var step string
		must(t, rows.Scan(&id, &parent, &unused, &step))
		steps = append(steps, step)
	}
	must(t, rows.Err())
	return steps
}
