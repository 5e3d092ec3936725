package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"
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
	conn := readPool(path, 1)
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := checkOptions(ctx, conn); err != nil {
		return "", err
	}
	var mode string
	if err := conn.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return "", fmt.Errorf("read PRAGMA journal_mode: %w", err)
	}
	var answer string
	if err := conn.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&answer); err != nil {
		return "", fmt.Errorf("check the database: %w", err)
	}
	if answer != "ok" {
		return "", fmt.Errorf("the database is damaged: %s", answer)
	}
	note, err = examineSchema(ctx, conn, goose.DialectSQLite3, `SELECT COUNT(*) > 0 FROM sqlite_master WHERE name = 'goose_db_version'`)
	if err == nil && note == "" && mode != "wal" {
		note = "its journal is " + mode + "; the next start makes it WAL"
	}
	return note, err
}

// examineSchema looks at the schema's version, if a query says that there is one.
func examineSchema(ctx context.Context, conn *sql.DB, dialect goose.Dialect, there string) (note string, err error) {
	var is bool
	if err := conn.QueryRowContext(ctx, there).Scan(&is); err != nil {
		return "", fmt.Errorf("look for a schema: %w", err)
	}
	if !is {
		return "it is empty; the first start makes the community", nil
	}
	steps, err := migrationSteps(conn, dialect)
	if err != nil {
		return "", err
	}
	have, newest, err := steps.GetVersions(ctx)
	if err != nil {
		return "", fmt.Errorf("read the schema's version: %w", err)
	}
	return judge(have, newest)
}
