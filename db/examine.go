package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// Examine looks at a community's database without changing it; see [Open] for what a place is. The note says what is worth
// knowing; the error, what must be mended. A database that is not there yet is only worth a note.
func Examine(ctx context.Context, place string) (note string, err error) {
	if Shared(place) {
		return examinePostgres(ctx, place)
	}
	return examineSQLite(ctx, place)
}

func examineSQLite(ctx context.Context, dir string) (note string, err error) {
	path := filepath.Join(dir, fileName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "there is none yet; the first start makes it", nil
	}
	conn, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&_query_only=1")
	if err != nil {
		return "", fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := checkOptions(ctx, conn); err != nil {
		return "", err
	}
	var mode string
	if err := conn.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return "", fmt.Errorf("read PRAGMA journal_mode: %w", err)
	}
	if mode != "wal" {
		note = "its journal is " + mode + "; the next start makes it WAL"
	}
	var answer string
	if err := conn.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&answer); err != nil {
		return "", fmt.Errorf("check the database: %w", err)
	}
	if answer != "ok" {
		return "", fmt.Errorf("the database is damaged: %s", answer)
	}
	return note, nil
}
