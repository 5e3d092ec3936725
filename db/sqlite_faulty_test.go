//go:build !postgres

package db_test

import (
	"context"
	"database/sql/driver"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mattn/go-sqlite3"

	"chinwag/db"
	"chinwag/db/dbtest"
)

// faulty is SQLite's driver on a disk that breaks when it is told to.
type faulty struct {
	mu     sync.Mutex
	before func(statement string) error // what comes of a statement instead of running it; nil: nothing ever breaks
	after  func(statement string) error // what comes of it although it was run
}

// openFaulty opens a community whose writer works on a faulty disk.
func openFaulty(tb testing.TB, dir string, disk *faulty) *dbtest.DB {
	tb.Helper()
	events := &dbtest.Events{}
	d, err := db.OpenWith(tb.Context(), disk, dir, events)
	must(tb, err)
	return dbtest.Around(tb, dir, d, events)
}

// breaks has the disk break from now on, or work again.
func (f *faulty) breaks(before, after func(statement string) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before, f.after = before, after
}

// run runs a statement, unless the disk breaks before it.
func run[T any](f *faulty, statement string, it func() (T, error)) (T, error) {
	f.mu.Lock()
	before, after := f.before, f.after
	f.mu.Unlock()
	if before != nil {
		if err := before(statement); err != nil {
			var none T
			return none, err
		}
	}
	result, err := it()
	if err == nil && after != nil {
		err = after(statement)
	}
	return result, err
}

// Open makes a connection. See [driver.Driver].
func (f *faulty) Open(dsn string) (driver.Conn, error) {
	conn, err := (&sqlite3.SQLiteDriver{ConnectHook: db.KeepLog}).Open(dsn)
	if err != nil {
		return nil, err
	}
	return &faultyConn{conn.(*sqlite3.SQLiteConn), f}, nil
}

type faultyConn struct {
	*sqlite3.SQLiteConn
	disk *faulty
}

func (c *faultyConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return run(c.disk, query, func() (driver.Result, error) { return c.SQLiteConn.ExecContext(ctx, query, args) })
}

func (c *faultyConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return run(c.disk, query, func() (driver.Rows, error) { return c.SQLiteConn.QueryContext(ctx, query, args) })
}

func (c *faultyConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	stmt, err := c.SQLiteConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return &faultyStmt{stmt.(*sqlite3.SQLiteStmt), query, c.disk}, nil
}

func (c *faultyConn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	tx, err := run(c.disk, "BEGIN", func() (driver.Tx, error) { return c.SQLiteConn.BeginTx(ctx, options) })
	return &faultyTx{tx, c.disk}, err
}

type faultyStmt struct {
	*sqlite3.SQLiteStmt
	query string
	disk  *faulty
}

func (s *faultyStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return run(s.disk, s.query, func() (driver.Result, error) { return s.SQLiteStmt.ExecContext(ctx, args) })
}

type faultyTx struct {
	driver.Tx
	disk *faulty
}

func (t *faultyTx) Commit() error {
	_, err := run(t.disk, "COMMIT", func() (struct{}, error) { return struct{}{}, t.Tx.Commit() })
	return err
}

// fault is what SQLite says when the system refuses.
func fault(code sqlite3.ErrNo, extended sqlite3.ErrNoExtended) error {
	return sqlite3.Error{Code: code, ExtendedCode: extended}
}

var (
	errWrite = fault(sqlite3.ErrIoErr, sqlite3.ErrIoErrWrite)
	errSync  = fault(sqlite3.ErrIoErr, sqlite3.ErrIoErrFsync)
	errFull  = fault(sqlite3.ErrFull, sqlite3.ErrNoExtended(sqlite3.ErrFull))
)

// nth breaks the disk once, at the n-th statement from the beginning of the next transaction on, and says whether it came
// so far.
func nth(n int, err error) (breaks func(statement string) error, broke *atomic.Bool) {
	broke = &atomic.Bool{}
	seen := 0
	return func(statement string) error {
		if seen > 0 || statement == "BEGIN IMMEDIATE" {
			seen++
		}
		if seen != n || broke.Swap(true) {
			return nil
		}
		return err
	}, broke
}

// at breaks the disk at every statement of this text.
func at(text string, err error) func(statement string) error {
	return func(statement string) error {
		if statement == text {
			return err
		}
		return nil
	}
}
