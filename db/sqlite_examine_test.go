//go:build !postgres

package db_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

func TestExamine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make        func(t *testing.T, dir string)
		note, fault string
	}{
		"nothing there yet": {func(*testing.T, string) {}, "none yet", ""},
		"a community": {func(t *testing.T, dir string) {
			t.Run("make", func(t *testing.T) { dbtest.OpenIn(t, dir) })
		}, "", ""},
		"a server runs on it": {func(t *testing.T, dir string) {
			dbtest.OpenIn(t, dir)
		}, "", ""},
		"an older program's": {func(t *testing.T, dir string) {
			must(t, db.MigrateTo(t.Context(), dir, 2))
		}, "its schema is version 2; the next start makes it 6", ""},
		"a newer program's": {func(t *testing.T, dir string) {
			t.Run("make", func(t *testing.T) {
				dbtest.OpenIn(t, dir).Exec(t, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)`)
			})
		}, "", "newer Chinwag"},
		"a file with nothing in it": {func(t *testing.T, dir string) {
			must(t, inside(dir, nil))
		}, "it is empty", ""},
		"another journal": {func(t *testing.T, dir string) {
			t.Run("make", func(t *testing.T) { dbtest.OpenIn(t, dir) })
			_, err := beside(t, filepath.Join(dir, "chinwag.db")).ExecContext(t.Context(), `PRAGMA journal_mode = DELETE`)
			must(t, err)
		}, "its journal is delete", ""},
		"another kind of file": {func(t *testing.T, dir string) {
			must(t, inside(dir, []byte(strings.Repeat("this is no database ", 1000))))
		}, "", "not a database"},
		"damaged": {func(t *testing.T, dir string) {
			t.Run("make", func(t *testing.T) {
				d := dbtest.OpenIn(t, dir)
				ann := d.NewPerson(t, "ann")
				d.Fill(t, ann, d.NewRoom(t, chat.RoomPublic, "Hall", ann), 2000)
			})
			path := filepath.Join(dir, "chinwag.db")
			content, err := os.ReadFile(path)
			must(t, err)
			for i := len(content) / 2; i < len(content)/2+8192; i++ {
				content[i] ^= 0x5a
			}
			must(t, os.WriteFile(path, content, 0o600))
		}, "", "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c.make(t, dir)
			note, err := db.Examine(t.Context(), dir)
			if !strings.Contains(note, c.note) || c.note == "" && note != "" {
				t.Errorf("note %q, want %q", note, c.note)
			}
			if c.fault == "" {
				must(t, err)
			} else if err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("fault %v, want %q", err, c.fault)
			}
		})
	}
}

func TestExamineMakesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	_, err := db.Examine(t.Context(), dir)
	must(t, err)
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the directory is there: %v", err)
	}
}
