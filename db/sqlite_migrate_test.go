//go:build !postgres

package db_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// ours gives an older community something to lose.
func ours(t *testing.T, dir string, version int64) {
	t.Helper()
	must(t, db.MigrateTo(t.Context(), dir, version))
	conn := beside(t, filepath.Join(dir, "chinwag.db"))
	for _, text := range []string{
		`UPDATE community SET name = 'Ours', set_up_at = 1`,
		`INSERT INTO counters (noun, value) VALUES ('user', 1)`,
		`INSERT INTO users (id, username, username_key, display_name, email, email_key, email_verified, password_hash, role, face_rev, created_at, disabled)
			VALUES (1, 'ann', 'ann', '', '', '', FALSE, '', 'admin', 0, 1, FALSE)`,
	} {
		_, err := conn.ExecContext(t.Context(), text)
		must(t, err)
	}
}

// beside opens a database file as another program would.
func beside(t *testing.T, path string) *sql.DB {
	t.Helper()
	conn, err := sql.Open("sqlite3", "file:"+path)
	must(t, err)
	t.Cleanup(func() { must(t, conn.Close()) })
	return conn
}

// isOld says which schema a database file has, after looking at whether it is whole.
func isOld(t *testing.T, path string) bool {
	t.Helper()
	conn := beside(t, path)
	var check, name string
	var version, edits int
	must(t, conn.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&check))
	must(t, conn.QueryRowContext(t.Context(), `SELECT MAX(version_id) FROM goose_db_version`).Scan(&version))
	must(t, conn.QueryRowContext(t.Context(), `SELECT name FROM community`).Scan(&name))
	must(t, conn.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM sqlite_master WHERE name = 'edits'`).Scan(&edits))
	if check != "ok" || name != "Ours" || (version > 1) != (edits > 0) {
		t.Errorf("%s: %s, schema %d with %d new tables, of %q", filepath.Base(path), check, version, edits, name)
	}
	return version == 1
}

func TestACopyIsMadeBeforeMigrating(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	copied := filepath.Join(dir, "chinwag-before-2.db")
	ours(t, dir, 1)
	must(t, os.WriteFile(copied+".tmp", []byte("what a power cut left"), 0o600))
	var before []byte
	for _, start := range []string{"first", "second"} {
		t.Run(start, func(t *testing.T) {
			d := dbtest.OpenIn(t, dir)
			if settings, err := d.Settings(t.Context()); err != nil || settings.Name != "Ours" {
				t.Errorf("%+v, %v", settings, err)
			}
			now, err := os.ReadFile(copied)
			must(t, err)
			if start == "first" {
				before = now
			} else if !bytes.Equal(now, before) {
				t.Error("the copy was written again")
			}
		})
	}
	if !isOld(t, copied) {
		t.Error("the copy is of the new schema")
	}
	if isOld(t, filepath.Join(dir, "chinwag.db")) {
		t.Error("the database is of the old schema")
	}
	if _, err := os.Stat(copied + ".tmp"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an unfinished copy stays: %v", err)
	}
}

func TestACopyThatIsThereIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ours(t, dir, 1)
	copied := filepath.Join(dir, "chinwag-before-2.db")
	must(t, os.WriteFile(copied, []byte("kept"), 0o600))
	dbtest.OpenIn(t, dir)
	if content, err := os.ReadFile(copied); err != nil || string(content) != "kept" {
		t.Errorf("%q, %v", content, err)
	}
}

func TestANewCommunityNeedsNoCopy(t *testing.T) {
	t.Parallel()
	d := open(t)
	if found, err := filepath.Glob(filepath.Join(d.Place, "*before*")); err != nil || len(found) > 0 {
		t.Errorf("%v, %v", found, err)
	}
}

// Without a copy nothing is migrated.
func TestACopyThatCannotBeMadeStopsTheStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ours(t, dir, 1)
	must(t, os.MkdirAll(filepath.Join(dir, "chinwag-before-2.db.tmp", "in the way"), 0o700))
	if d, err := db.Open(t.Context(), dir, &dbtest.Events{}); err == nil || !strings.Contains(err.Error(), "copy the database") {
		t.Errorf("%v, %v", d, err)
	}
	if !isOld(t, filepath.Join(dir, "chinwag.db")) {
		t.Error("migrated without a copy")
	}
}

// A process that is killed at any statement of a migration leaves the old schema or the new one, and a copy that is whole
// or not there; the next start goes on.
func TestAMigrationKilledAtAnyStatement(t *testing.T) {
	t.Parallel()
	killed, copies, migrated := 0, 0, 0
	for n := 1; ; n++ {
		dir := t.TempDir()
		ours(t, dir, 1)
		said, err := again(t, killedMigratingIn+"="+dir, fmt.Sprintf("%s=%d", killedAtStatement, n)).CombinedOutput()
		if err == nil {
			break
		}
		if !strings.Contains(err.Error(), "killed") {
			t.Fatalf("statement %d: %v\n%s", n, err, said)
		}
		killed++
		if !isOld(t, filepath.Join(dir, "chinwag.db")) {
			migrated++
		}
		copied := filepath.Join(dir, "chinwag-before-2.db")
		if _, err := os.Stat(copied); err == nil {
			copies++
			if !isOld(t, copied) {
				t.Errorf("statement %d: a copy of the new schema", n)
			}
		}
		t.Run(fmt.Sprintf("after %d", n), func(t *testing.T) {
			d := dbtest.OpenIn(t, dir)
			room := d.NewRoom(t, chat.RoomPublic, "Hall", 1)
			d.Edit(t, 1, room, d.Post(t, 1, room, "hello"), "hello!")
			if !isOld(t, copied) {
				t.Error("a copy of the new schema")
			}
		})
	}
	if killed < 10 || copies == 0 || copies == killed {
		t.Errorf("killed at %d statements, %d of them after the copy, %d after the migration", killed, copies, migrated)
	}
}
