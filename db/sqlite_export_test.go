//go:build !postgres

package db

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/mattn/go-sqlite3"
	"github.com/pressly/goose/v3"
)

// What tests of SQLite see of the inside.

// OpenWith opens a community over another driver for its writer, and KeepLog is what that does with each connection.
var (
	OpenWith = openSQLiteWith
	KeepLog  = keepLog
)

// MigrateTo makes a community in a directory as an older program made it.
func MigrateTo(ctx context.Context, dir string, version int64) (err error) {
	conn := pool(&sqlite3.SQLiteDriver{}, filepath.Join(dir, fileName), 1, writerOptions)
	defer func() { err = errors.Join(err, conn.Close()) }()
	steps, err := migrationSteps(conn, goose.DialectSQLite3)
	if err != nil {
		return err
	}
	_, err = steps.UpTo(ctx, version)
	return err
}

// Log says how long the write-ahead log is, in pages, and how much of it was moved into the database.
func (d *DB) Log(ctx context.Context) (length, moved int, err error) {
	return d.dialect.(*sqlite).checkpoint(ctx, "NOOP")
}

// The length at which the log is moved, and at which it is cut.
const (
	LogDue  = logDue
	LogLong = logLong
)

// CheckPragmas is what every start asks the database.
var CheckPragmas = checkPragmas

// Ask reads one row with a text written for PostgreSQL.
func (d *DB) Ask(ctx context.Context, text string, args []any, dest ...any) error {
	return d.reader.QueryRowContext(ctx, d.sql(text), args...).Scan(dest...)
}

// Texts are the statements that were run so far, as SQLite got them.
func (d *DB) Texts() (list []string) {
	d.texts.known.Range(func(_, run any) bool {
		list = append(list, run.(string))
		return true
	})
	return list
}
