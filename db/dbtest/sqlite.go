//go:build !postgres

package dbtest

import (
	"context"
	"database/sql"
	"io/fs"
	"net/url"
	"path/filepath"
	"testing"
)

// Place is where a new community may be kept, with nothing there yet. It goes when the test ends.
func Place(tb testing.TB) string {
	tb.Helper()
	return tb.TempDir()
}

// Fresh is a place that may have a community already, with nobody in it. Here it has none, which is as quick.
func Fresh(tb testing.TB) string {
	tb.Helper()
	return Place(tb)
}

// Beside opens the database of a place as another program beside the server would. It is closed when the test ends.
func Beside(tb testing.TB, place string) *sql.DB {
	tb.Helper()
	// Whoever writes past the queue waits for nothing: what it writes need not survive a power cut.
	path := (&url.URL{Path: filepath.Join(place, "chinwag.db")}).EscapedPath()
	conn, err := sql.Open("sqlite3", "file:"+path+"?_synchronous=OFF&_txlock=immediate")
	must(tb, err)
	tb.Cleanup(func() { must(tb, conn.Close()) })
	return conn
}

// Files are those that hold what a place keeps.
func Files(tb testing.TB, place string) (list []string) {
	tb.Helper()
	must(tb, filepath.WalkDir(place, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			list = append(list, path)
		}
		return err
	}))
	return list
}

// HoldWrites keeps everybody else from writing until the function it gives is called. Reading goes on.
func HoldWrites(tb testing.TB, beside *sql.DB) (letGo func()) {
	tb.Helper()
	tx, err := beside.BeginTx(context.Background(), nil) // which takes the one lock there is for writers
	must(tb, err)
	return func() { must(tb, tx.Rollback()) }
}

// Tables are the names of the community's tables.
func Tables(tb testing.TB, beside *sql.DB) []string {
	tb.Helper()
	return column[string](tb, beside, `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`)
}

// Schema is how all tables and indexes are made.
func Schema(tb testing.TB, beside *sql.DB) []string {
	tb.Helper()
	return column[string](tb, beside, `SELECT COALESCE(sql, '') FROM sqlite_master ORDER BY name`)
}

// Damage is what the database itself finds wrong with what it holds.
func Damage(tb testing.TB, beside *sql.DB) (list []string) {
	tb.Helper()
	for _, answer := range column[string](tb, beside, `PRAGMA integrity_check`) {
		if answer != "ok" {
			list = append(list, answer)
		}
	}
	return append(list, column[string](tb, beside, `SELECT "table" || ' leads nowhere' FROM pragma_foreign_key_check`)...)
}
