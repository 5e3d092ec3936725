// Package dbtest gives tests a community in a real database. It is the one place where they get one, so that a test
// runs unchanged on whatever database stands behind it.
package dbtest

import (
	"database/sql"
	"strings"
	"testing"

	"chinwag/chat"
	"chinwag/db"
)

// DB is a community on disk, with what a test needs beside its queue.
type DB struct {
	*db.DB
	Community *chat.Community // the rules over it
	Events    *Events         // what was published, in order
	Clock     *Clock          // the rules' time
	Place     string          // where it is kept

	direct *sql.DB
}

// Open makes a new community, which goes when the test ends.
func Open(tb testing.TB) *DB {
	tb.Helper()
	return OpenIn(tb, Fresh(tb))
}

// OpenIn opens the community in a place, or makes it there. It is closed when the test ends; the place stays.
func OpenIn(tb testing.TB, place string) *DB {
	tb.Helper()
	events := &Events{}
	opened, err := db.Open(tb.Context(), place, events)
	must(tb, err)
	tb.Cleanup(func() { must(tb, opened.Close()) })
	return Around(tb, place, opened, events)
}

// Around gives a database that was opened in a place what a test needs beside it. Who opened it closes it.
func Around(tb testing.TB, place string, opened *db.DB, events *Events) *DB {
	tb.Helper()
	d := &DB{DB: opened, Events: events, Clock: &Clock{}, Place: place, direct: Beside(tb, place)}
	d.direct.SetMaxOpenConns(1)
	d.Community = chat.New(d, []byte(strings.Repeat("k", 32)), d.Clock.Now)
	return d
}

// Exec runs a statement past rules and queue, as another program beside the server would. Its placeholders stand in
// the order of args.
func (d *DB) Exec(tb testing.TB, text string, args ...any) {
	tb.Helper()
	_, err := d.direct.ExecContext(tb.Context(), text, args...)
	must(tb, err)
}

// All reads one column of what is committed. Its placeholders stand in the order of args.
func All[T any](tb testing.TB, d *DB, text string, args ...any) []T {
	tb.Helper()
	return column[T](tb, d.direct, text, args...)
}

func column[T any](tb testing.TB, beside *sql.DB, text string, args ...any) (list []T) {
	tb.Helper()
	rows, err := beside.QueryContext(tb.Context(), text, args...)
	must(tb, err)
	defer func() { must(tb, rows.Close()) }()
	for rows.Next() {
		var value T
		must(tb, rows.Scan(&value))
		list = append(list, value)
	}
	must(tb, rows.Err())
	return list
}

// One reads the only value there is.
func One[T any](tb testing.TB, d *DB, text string, args ...any) T {
	tb.Helper()
	list := All[T](tb, d, text, args...)
	if len(list) != 1 {
		tb.Fatalf("%d rows, want one: %s", len(list), text)
	}
	return list[0]
}

// NewPerson makes an account nobody can sign in to: passwords are slow to hash on purpose.
func (d *DB) NewPerson(tb testing.TB, name string) chat.UserID {
	tb.Helper()
	var user chat.UserID
	must(tb, d.Write(tb.Context(), 0, func(tx chat.Tx) error {
		id, err := tx.Next("user")
		if err != nil {
			return err
		}
		user = chat.UserID(id)
		return tx.CreateUser(chat.UserRow{
			User:        chat.User{ID: user, Username: name, Role: chat.RoleMember, CreatedAt: d.Clock.Now()},
			UsernameKey: chat.Fold(name),
		})
	}))
	return user
}

// NewRoom makes a room with an owner and members.
func (d *DB) NewRoom(tb testing.TB, kind chat.RoomKind, name string, owner chat.UserID, members ...chat.UserID) chat.RoomID {
	tb.Helper()
	room, err := d.Community.CreateRoom(tb.Context(), owner, chat.NewRoom{Kind: kind, Name: name})
	must(tb, err)
	for _, member := range members {
		must(tb, d.Write(tb.Context(), room, func(tx chat.Tx) error {
			return tx.CreateMembership(chat.Membership{Room: room, User: member, Role: chat.MemberPlain, JoinedAt: d.Clock.Now()})
		}))
	}
	return room
}

// Post says something in a room, under a key of its own.
func (d *DB) Post(tb testing.TB, author chat.UserID, room chat.RoomID, body string) chat.Seq {
	tb.Helper()
	seq, err := d.Community.Post(tb.Context(), author, room, body, chat.NewToken(16))
	must(tb, err)
	return seq
}

// Edit gives a message of one's own another text.
func (d *DB) Edit(tb testing.TB, author chat.UserID, room chat.RoomID, seq chat.Seq, body string) {
	tb.Helper()
	must(tb, d.Community.Edit(tb.Context(), author, room, seq, body))
}

// Delete erases a message.
func (d *DB) Delete(tb testing.TB, viewer chat.UserID, room chat.RoomID, seq chat.Seq) {
	tb.Helper()
	must(tb, d.Community.Delete(tb.Context(), chat.Actor{User: viewer}, room, seq))
}

// Fill puts n messages of one author into an empty room, a minute apart.
func (d *DB) Fill(tb testing.TB, author chat.UserID, room chat.RoomID, n int) {
	tb.Helper()
	if n == 0 {
		return
	}
	d.Exec(tb, `
		WITH RECURSIVE numbers (n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < $1)
		INSERT INTO messages (room_id, seq, rev, born, author_id, body, html, created_at, edited_at, deleted_at, send_key, body_mac)
		SELECT $2, n, n, n, $3, 'message ' || n, '<p>message ' || n || '</p>', 1700000000000 + n * 60000, 0, 0, $4 || n, ''
		FROM numbers`, n, room, author, chat.NewToken(8))
	d.Exec(tb, `UPDATE rooms SET last_seq = $1, rev = $2 WHERE id = $3`, n, n, room)
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
