//go:build postgres

package db_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// old is a community in a directory, with rows of all kinds.
type old struct {
	dir   string
	admin chat.UserID
	room  chat.RoomID
}

var movedSecret = []byte(strings.Repeat("k", 32))

// newOld makes one, with as many messages in its largest room and more in others.
func newOld(t *testing.T, messages int) old {
	t.Helper()
	o := old{dir: t.TempDir()}
	o.use(t, func(d *db.DB, c *chat.Community) {
		session, err := c.SetUp(t.Context(), chat.Visit{Address: "192.0.2.7", Browser: `"quoted", with	a tab`}, chat.NewCommunity{
			Name: "Ours & theirs 🐸", Username: "ann", Password: "correct horse battery", Registration: chat.RegistrationOpen,
		})
		must(t, err)
		s, err := d.Session(t.Context(), session.Hash())
		must(t, err)
		o.admin = s.User.ID
		o.room, err = c.CreateRoom(t.Context(), o.admin, chat.NewRoom{Kind: chat.RoomPublic, Name: "Full", Topic: "of all"})
		must(t, err)
		o.fill(t, messages)
		small, err := c.CreateRoom(t.Context(), o.admin, chat.NewRoom{Kind: chat.RoomPrivate, Name: "Ünïcode"})
		must(t, err)
		for i, body := range []string{"plain", "NULL", `\N`, "\\.", "tab\tand\nline", "🐸 ünï \u202e\ufeff \u2028", strings.Repeat("long ", 700), `'; DROP TABLE users; --`} {
			seq, err := c.Post(t.Context(), o.admin, small, body, chat.NewToken(16))
			must(t, err)
			for edit := range i % 3 {
				must(t, c.Edit(t.Context(), o.admin, small, seq, fmt.Sprintf("edit %d of %s", edit, body)))
			}
			if i%4 == 1 {
				must(t, c.Delete(t.Context(), chat.Actor{User: o.admin}, small, seq))
			}
		}
		c.UseMail(true)
		ann := chat.Actor{User: o.admin, Address: "192.0.2.7"}
		must(t, c.ChangeEmail(t.Context(), ann, "ann@example.org"))
		_, err = c.MakeResetLink(t.Context(), ann, o.admin)
		must(t, err)
		_, err = c.Invite(t.Context(), ann, chat.NewInvitation{Days: 7, Uses: 5, Room: o.room})
		must(t, err)
	})
	return o
}

// use has a server's work done in the directory, and shuts it as a server does.
func (o old) use(t *testing.T, work func(*db.DB, *chat.Community)) {
	t.Helper()
	d, err := db.Open(t.Context(), o.dir, &dbtest.Events{})
	must(t, err)
	work(d, chat.New(d, movedSecret, time.Now))
	must(t, d.Close())
}

// copied is the same community in another directory.
func (o old) copied(t *testing.T) old {
	t.Helper()
	dir := t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS(o.dir)))
	o.dir = dir
	return o
}

// conn opens the directory's database past the program.
func (o old) conn(t *testing.T) *sql.DB {
	t.Helper()
	conn, err := sql.Open("sqlite3", "file:"+filepath.Join(o.dir, "chinwag.db")+"?_synchronous=OFF")
	must(t, err)
	t.Cleanup(func() { must(t, conn.Close()) })
	return conn
}

func (o old) exec(t *testing.T, text string, args ...any) {
	t.Helper()
	conn, err := sql.Open("sqlite3", "file:"+filepath.Join(o.dir, "chinwag.db")+"?_synchronous=OFF")
	must(t, err)
	_, err = conn.ExecContext(t.Context(), text, args...)
	must(t, errors.Join(err, conn.Close()))
}

func (o old) fill(t *testing.T, messages int) {
	t.Helper()
	o.exec(t, `
		WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
		INSERT INTO messages (room_id, seq, rev, born, author_id, body, html, created_at, edited_at, deleted_at, send_key, body_mac)
		SELECT ?, n, n, n, ?, 'message ' || n, '<p>message ' || n || '</p>', 1700000000000 + n * 60000, 0, 0, 'key ' || n, randomblob(32)
		FROM numbers`, messages, o.room, o.admin)
	o.exec(t, `UPDATE messages SET body_mac = '' WHERE seq % 1000 = 0`) // a text where bytes are meant
	o.exec(t, `UPDATE rooms SET last_seq = ?, rev = ? WHERE id = ?`, messages, messages, o.room)
}

// move moves, and gives what it told of.
func (o old) move(t *testing.T, place string) (told []db.Moved, err error) {
	t.Helper()
	err = db.Move(t.Context(), o.dir, place, movedSecret, func(m db.Moved) { told = append(told, m) })
	return told, err
}

// rows are all rows of the tables that a community has on both sides, as texts that look alike on both.
func rows(t *testing.T, conn *sql.DB) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, table := range []string{
		"counters", "community", "users", "sessions", "rooms", "memberships", "messages", "edits",
		"links", "jobs", "invitations", "audit",
	} {
		all[table] = rowsOf(t, conn, table)
	}
	return all
}

func rowsOf(t *testing.T, conn *sql.DB, table string) (list []string) {
	t.Helper()
	found, err := conn.QueryContext(t.Context(), `SELECT * FROM `+table)
	must(t, err)
	defer func() { must(t, found.Close()) }()
	columns, err := found.Columns()
	must(t, err)
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for found.Next() {
		must(t, found.Scan(into...))
		row := table
		for i, value := range values {
			if bytes, ok := value.([]byte); ok {
				value = string(bytes)
			}
			row += fmt.Sprintf(" %s=%#v", columns[i], value)
		}
		list = append(list, row)
	}
	must(t, found.Err())
	slices.Sort(list)
	return list
}

// arrived checks that a place has what the directory has.
func (o old) arrived(t *testing.T, place string) {
	t.Helper()
	here, there := rows(t, o.conn(t)), rows(t, dbtest.Beside(t, place))
	for table, want := range here {
		if len(want) == 0 {
			t.Errorf("%s has no rows to compare", table)
		}
		if got := there[table]; !slices.Equal(got, want) {
			t.Errorf("%s: %d rows there, %d here, or others", table, len(got), len(want))
		}
	}
}

// isEmpty checks that nothing came, and that what should have come now can.
func (o old) isEmpty(t *testing.T, place string) {
	t.Helper()
	for table, list := range rows(t, dbtest.Beside(t, place)) {
		if table != "community" && len(list) > 0 {
			t.Errorf("%d rows of %s came", len(list), table)
		}
	}
	_, err := o.move(t, place)
	must(t, err)
	o.arrived(t, place)
}

// fingerprint is of all the database's files.
func (o old) fingerprint(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(o.dir, "chinwag.db"))
	must(t, err)
	log, err := os.Stat(filepath.Join(o.dir, "chinwag.db-wal"))
	if err == nil && log.Size() > 0 {
		t.Errorf("its log has %d bytes", log.Size())
	}
	return fmt.Sprintf("%x", sha256.Sum256(content))
}

func TestMove(t *testing.T) {
	t.Parallel()
	o, place := newOld(t, 100_000), dbtest.Place(t)
	before := o.fingerprint(t)
	told, err := o.move(t, place)
	must(t, err)
	if o.fingerprint(t) != before {
		t.Error("it wrote where it reads")
	}
	names := map[string]int64{}
	for _, m := range told {
		names[m.Table] = m.Rows
		if len(m.Checksum) != 64 {
			t.Errorf("%+v", m)
		}
	}
	same(t, names, map[string]int64{
		"counters": 5, "community": 1, "users": 1, "sessions": 1, "rooms": 3, "memberships": 3, "messages": 100_008, "edits": 4,
		"links": 1, "jobs": 1, "invitations": 1, "audit": 4,
	})
	o.arrived(t, place)

	d, err := db.Open(t.Context(), place, &dbtest.Events{})
	must(t, err)
	defer func() { must(t, d.Close()) }()
	key, err := d.Secret(t.Context())
	must(t, err)
	if string(key) != string(movedSecret) {
		t.Error("the secret is another")
	}
	history, err := d.History(t.Context(), o.admin, o.room, db.Page{})
	must(t, err)
	if last := history.Messages[len(history.Messages)-1]; !strings.Contains(string(last.HTML), "message 100000") {
		t.Errorf("%+v", last)
	}
	seq, err := chat.New(d, key, time.Now).Post(t.Context(), o.admin, o.room, "here we are", chat.NewToken(16))
	if err != nil || seq != 100_001 {
		t.Errorf("the next message is %d, %v", seq, err)
	}
}

// PostgreSQL may put texts in another order than SQLite does.
func TestMoveWithAnotherOrder(t *testing.T) {
	t.Parallel()
	o, place := newOld(t, 10), dbtest.Place(t)
	for _, noun := range []string{"B", "a", "é", "_", "Z"} {
		o.exec(t, `INSERT INTO counters (noun, value) VALUES (?, 1)`, noun)
	}
	d, err := db.Open(t.Context(), place, &dbtest.Events{})
	must(t, errors.Join(err, d.Close()))
	_, err = dbtest.Beside(t, place).ExecContext(t.Context(), `ALTER TABLE counters ALTER COLUMN noun TYPE TEXT COLLATE "und-x-icu"`)
	must(t, err)
	_, err = o.move(t, place)
	must(t, err)
	o.arrived(t, place)
}

// What a server that was killed left in its log is part of its community.
func TestMoveReadsTheLog(t *testing.T) {
	t.Parallel()
	o, place := newOld(t, 10), dbtest.Place(t)
	d, err := db.Open(t.Context(), o.dir, &dbtest.Events{})
	must(t, err)
	defer func() { must(t, d.Close()) }()
	_, err = chat.New(d, movedSecret, time.Now).Post(t.Context(), o.admin, o.room, "in the log", chat.NewToken(16))
	must(t, err)
	_, err = o.move(t, place)
	must(t, err)
	o.arrived(t, place)
}

func TestMoveAgain(t *testing.T) {
	t.Parallel()
	o, place := newOld(t, 10), dbtest.Place(t)
	for range 2 {
		_, err := o.move(t, place)
		must(t, err)
		o.arrived(t, place)
	}
	o.use(t, func(_ *db.DB, c *chat.Community) {
		_, err := c.Post(t.Context(), o.admin, o.room, "one more", chat.NewToken(16))
		must(t, err)
	})
	_, err := o.move(t, place)
	must(t, err)
	o.arrived(t, place)

	// A server is seen, whatever name its address gives it.
	d, err := db.Open(t.Context(), place+"&application_name=ours", &dbtest.Events{})
	must(t, err)
	_, err = d.Secret(t.Context())
	must(t, err)
	if _, err := o.move(t, place); err == nil || !strings.Contains(err.Error(), "a server runs on that database") {
		t.Errorf("it says %v", err)
	}
	must(t, d.Close())
	eventually(t, func() bool { // PostgreSQL forgets who left in its own time
		_, err := o.move(t, place) // nobody had come
		return err == nil
	})

	d, err = db.Open(t.Context(), place, &dbtest.Events{})
	must(t, err)
	_, err = chat.New(d, movedSecret, time.Now).Post(t.Context(), o.admin, o.room, "now we are here", chat.NewToken(16))
	must(t, errors.Join(err, d.Close()))
	used := rows(t, dbtest.Beside(t, place))
	if _, err := o.move(t, place); !errors.Is(err, db.ErrUsed) {
		t.Errorf("moved over a community in use: %v", err)
	}
	same(t, rows(t, dbtest.Beside(t, place)), used)
}

func TestMoveOverAnotherCommunity(t *testing.T) {
	t.Parallel()
	o := newOld(t, 10)
	for name, use := range map[string]func(*dbtest.DB){
		"its server has started": func(d *dbtest.DB) {
			_, err := d.Secret(t.Context())
			must(t, err)
		},
		"it has people": func(d *dbtest.DB) { d.NewPerson(t, "bob") },
	} {
		t.Run(name, func(t *testing.T) {
			d := dbtest.Open(t)
			use(d)
			if told, err := o.move(t, d.Place); !errors.Is(err, db.ErrUsed) || len(told) > 0 {
				t.Errorf("%v, %v", told, err)
			}
		})
	}
}

// Whatever ends a move half way, nothing of it is there, and it can be begun again.
func TestMoveThatBreaksOff(t *testing.T) {
	t.Parallel()
	o := newOld(t, 1000)
	for name, end := range map[string]func(beside *sql.DB, cancel func()) error{
		"cancelled": func(_ *sql.DB, cancel func()) error {
			cancel()
			return nil
		},
		"cut off": func(beside *sql.DB, _ func()) error {
			_, err := beside.ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE datname = current_database() AND application_name = 'chinwag move'`)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			place := dbtest.Place(t)
			beside := dbtest.Beside(t, place)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			err := db.Move(ctx, o.dir, place, movedSecret, func(m db.Moved) {
				if m.Table == "messages" {
					must(t, end(beside, cancel))
				}
			})
			if err == nil {
				t.Fatal("it went on")
			}
			o.isEmpty(t, place)
		})
	}
}

// What does not arrive as it was sent is found, and undone.
func TestMoveFindsADifference(t *testing.T) {
	t.Parallel()
	o := newOld(t, 1000)
	for name, change := range map[string]string{
		"a changed row": `NEW.body := NEW.body || '!'; RETURN NEW`,
		"a lost row":    `RETURN NULL`,
	} {
		t.Run(name, func(t *testing.T) {
			place := dbtest.Place(t)
			d, err := db.Open(t.Context(), place, &dbtest.Events{})
			must(t, errors.Join(err, d.Close()))
			beside := dbtest.Beside(t, place)
			_, err = beside.ExecContext(t.Context(), `
				CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.seq <> 500 THEN RETURN NEW; END IF; `+strings.ReplaceAll(change, "'", "''")+`; END';
				CREATE TRIGGER change BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION change()`)
			must(t, err)
			if _, err := o.move(t, place); err == nil || !strings.Contains(err.Error(), "move the table messages: 1008 rows with the checksum") {
				t.Errorf("it says %v", err)
			}
			_, err = beside.ExecContext(t.Context(), `DROP FUNCTION change CASCADE`)
			must(t, err)
			o.isEmpty(t, place)
		})
	}
}

// What cannot be moved is said in a sentence.
func TestMoveRefuses(t *testing.T) {
	t.Parallel()
	whole := newOld(t, 10)
	for name, c := range map[string]struct{ spoil, want string }{
		"an older schema":   {`DELETE FROM goose_db_version WHERE version_id > 2`, "start this program's server on it once"},
		"a newer schema":    {`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`, "newer Chinwag"},
		"an unknown table":  {`CREATE TABLE polls (id BIGINT PRIMARY KEY)`, "the schema of polls"},
		"an unknown column": {`ALTER TABLE rooms ADD COLUMN colour TEXT`, "its columns are"},
		"a zero in a text":  {`UPDATE messages SET body = 'a' || char(0) || 'b' WHERE seq = 3`, "a body that PostgreSQL does not keep"},
		"a broken text":     {`UPDATE rooms SET topic = CAST(X'61ff62' AS TEXT)`, "a topic that PostgreSQL does not keep"},
		"bytes for a text":  {`UPDATE rooms SET topic = X'6162'`, "bytes for a topic"},
		"text for a number": {`UPDATE rooms SET created_at = 'yesterday'`, "move the table rooms: "},
		"a lost author":     {`UPDATE messages SET author_id = 404 WHERE seq = 3`, "foreign key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, place := whole.copied(t), dbtest.Place(t)
			o.exec(t, c.spoil)
			if _, err := o.move(t, place); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("it says %v", err)
			}
		})
	}
	empty := filepath.Join(t.TempDir(), "data")
	if err := db.Move(t.Context(), empty, dbtest.Place(t), movedSecret, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it says %v", err)
	}
	if _, err := os.Stat(empty); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it made the directory: %v", err)
	}
}
