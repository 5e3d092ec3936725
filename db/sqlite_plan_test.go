//go:build !postgres

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

// No statement of daily life walks a table that grows for ever: each finds its rows by an index. Only the
// directory and the search for a newcomer's rooms read all rooms, and only set-up, once, all people.
func TestNothingWalksATable(t *testing.T) {
	t.Parallel()
	d := open(t)
	live(t, d)
	harmless := []string{
		"SCAN community", "SCAN r USING INDEX rooms_name", "SCAN r USING INDEX sqlite_autoindex_rooms_1",
		"SCAN users USING COVERING INDEX sqlite_autoindex_users_1",
		"SCAN h", "SCAN search", "SCAN a", "SCAN part", "SCAN CONSTANT ROW", // what a statement itself brings
	}
	for _, text := range d.Texts() {
		for _, step := range plan(t, d, text) {
			if strings.HasPrefix(step, "SCAN ") && !slices.Contains(harmless, step) {
				t.Errorf("%s\n%s", step, text)
			}
		}
	}
}

// A screen that missed little costs little, and so does one that missed too much, however much was ever said in the
// room. A page costs the same wherever it is.
func TestReadsStartWhereTheyAreAskedTo(t *testing.T) {
	t.Parallel()
	d := open(t)
	live(t, d)
	for where, want := range map[string]string{
		"x.rev > ":       "USING INDEX messages_rev (room_id=? AND rev>?)",
		"x.seq BETWEEN ": "(room_id=? AND seq>? AND seq<?)",
		"x.seq = ":       "(room_id=? AND seq=?)",
	} {
		texts := slices.DeleteFunc(d.Texts(), func(text string) bool { return !strings.Contains(text, "WHERE "+where) })
		if len(texts) == 0 {
			t.Errorf("nothing asks for %s", where)
		}
		for _, text := range texts {
			steps := strings.Join(plan(t, d, text), "\n")
			if !strings.Contains(steps, "SEARCH x ") || !strings.Contains(steps, want) || strings.Contains(steps, "TEMP B-TREE") {
				t.Errorf("%s\n%s", steps, text)
			}
		}
	}
}

// live does a little of everything.
func live(t *testing.T, d *dbtest.DB) {
	t.Helper()
	ctx := t.Context()
	_, err := d.Community.SetUp(ctx, chat.Visit{}, chat.NewCommunity{
		Name: "Ours", Username: "root", Password: "correct horse battery", Registration: chat.RegistrationOpen,
	})
	must(t, err)
	ann, bob := d.NewPerson(t, "ann"), d.NewPerson(t, "bob")
	must(t, d.Write(ctx, 0, func(tx chat.Tx) error { return tx.SavePassword(ann, "x") }))
	room := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
	must(t, d.Community.AddMember(ctx, ann, room, "bob"))
	d.Post(t, bob, room, "hello")
	for _, which := range []db.Page{{}, {Before: 2}, {After: 1}, {At: 1}} {
		page(t, d, ann, room, which)
	}
	d.Edit(t, bob, room, 1, "hello!")
	_, err = d.Edits(ctx, ann, room, 1)
	must(t, err)
	_, err = d.SeqAt(ctx, room, 1)
	must(t, err)
	_, err = d.Granted(ctx, []db.Access{{Session: signIn(t, d, bob), Room: room}})
	must(t, err)
	d.Delete(t, ann, room, d.Post(t, bob, room, "gone"))
	_, err = d.Message(ctx, ann, room, 1)
	must(t, err)
	_, err = d.CatchUp(ctx, room, 0)
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
	administer(t, d, ann)
	must(t, d.Community.Leave(ctx, bob, room))
	_, err = d.SecurityRev(ctx)
	must(t, err)
	_, err = d.Settings(ctx)
	must(t, err)
}

// administer does what administrators do, and those who take what is theirs and go.
func administer(t *testing.T, d *dbtest.DB, ann chat.UserID) {
	t.Helper()
	ctx, root := t.Context(), chat.Actor{User: 1}
	must(t, d.Community.SetRole(ctx, root, ann, chat.RoleModerator))
	invitation, err := d.Community.Invite(ctx, root, chat.NewInvitation{})
	must(t, err)
	_, err = d.InvitationOf(ctx, 1, invitation)
	must(t, err)
	for _, q := range []db.AuditQuery{{}, {Before: 2}, {Action: chat.RoleChanged}, {Who: "ann"}, {Who: "ann", Action: chat.RoleChanged}} {
		_, err = d.Audit(ctx, q)
		must(t, err)
	}
	for _, q := range []db.PeopleQuery{{}, {Show: "admins"}, {Show: "disabled", After: "a"}, {Text: "ann"}} {
		_, err = d.People(ctx, q)
		must(t, err)
	}
	_, err = d.Person(ctx, "ann")
	must(t, err)
	must(t, d.OwnMessages(ctx, ann, func(db.OwnMessage) error { return nil }))
	_, err = d.WrittenBy(ctx, ann)
	must(t, err)
	_, err = d.MembershipsOf(ctx, ann)
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
