// Package db keeps a community in SQLite. It holds the only SQL of the program: one text, written for PostgreSQL too,
// beside the function that runs it.
//
// Writes go through a queue that commits what waits together ([DB.Write]). Reads go to a pool of read-only connections
// and always name the viewer: what they may see is part of the query.
package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/mattn/go-sqlite3"

	"chinwag/chat"
)

const (
	fileName    = "chinwag.db"
	readers     = 4
	busyTimeout = 5 * time.Second
	// What was deleted is overwritten where it stood, not only taken out of the lists: _secure_delete.
	writerOptions = "_txlock=immediate&_secure_delete=ON"
)

// DB is an open community. It is safe for concurrent use.
type DB struct {
	dialect
	writer   *sql.DB // one connection, used by the queue alone
	reader   *sql.DB
	queue    *queue
	settings keptSettings
}

// Open opens the community in a directory, which is made when missing, and brings its schema up to date.
// Every committed event is handed to publisher.
func Open(ctx context.Context, dir string, publisher chat.Publisher) (*DB, error) {
	return openWith(ctx, &sqlite3.SQLiteDriver{ConnectHook: keepLog}, dir, publisher)
}

func openWith(ctx context.Context, writer driver.Driver, dir string, publisher chat.Publisher) (*DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	path := filepath.Join(dir, fileName)
	d := &DB{writer: pool(writer, path, 1, writerOptions)}
	err := checkPragmas(ctx, d.writer)
	if err == nil {
		err = migrate(ctx, dir, d.writer)
	}
	if err != nil {
		return nil, errors.Join(err, d.writer.Close())
	}
	d.reader = pool(&sqlite3.SQLiteDriver{}, path, readers, "mode=ro&_query_only=1")
	d.queue = startQueue(d, publisher)
	return d, nil
}

// Close waits for the writes that were taken on, then closes the database. It is called once. After a failure of the disk
// the writer stays open until the process ends, because closing it would write.
func (d *DB) Close() error {
	d.queue.stop()
	if d.queue.broken.Load() {
		return errors.Join(errLost, d.reader.Close())
	}
	_, _, err := d.checkpoint(context.Background(), "PASSIVE")
	return errors.Join(err, d.reader.Close(), d.writer.Close())
}

// Failed gives one error when the disk failed to keep what was written. From then on every write is refused, and the
// process must end: only a new start reads what is really on the disk.
func (d *DB) Failed() <-chan error { return d.queue.failed }

// Ready says whether the database answers.
func (d *DB) Ready(ctx context.Context) error {
	var one int
	if err := d.reader.QueryRowContext(ctx, `SELECT 1 FROM community`).Scan(&one); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return nil
}

// keepLog has a connection leave the write-ahead log to the queue.
func keepLog(conn *sqlite3.SQLiteConn) error {
	_, err := conn.Exec(`PRAGMA wal_autocheckpoint = 0`, nil)
	return err
}

// connector opens connections of a driver, as [sql.OpenDB] wants it.
type connector struct {
	driver driver.Driver
	dsn    string
}

func (c connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c connector) Driver() driver.Driver                        { return c.driver }

// pool is a number of connections to the file at a path, opened when they are first used.
func pool(driver driver.Driver, path string, connections int, options string) *sql.DB {
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=1" +
		fmt.Sprintf("&_busy_timeout=%d&_stmt_cache_size=64&", busyTimeout.Milliseconds()) + options
	conns := sql.OpenDB(connector{driver, dsn})
	conns.SetMaxOpenConns(connections)
	conns.SetMaxIdleConns(connections)
	return conns
}

// checkPragmas refuses to run on a database that would not keep what it acknowledged.
func checkPragmas(ctx context.Context, conn *sql.DB) error {
	for _, p := range []struct{ name, want string }{
		{"journal_mode", "wal"}, {"synchronous", "2"}, {"foreign_keys", "1"}, {"secure_delete", "1"},
	} {
		var got string
		if err := conn.QueryRowContext(ctx, "PRAGMA "+p.name).Scan(&got); err != nil {
			return fmt.Errorf("read PRAGMA %s: %w", p.name, err)
		}
		if got != p.want {
			return fmt.Errorf("the database has %s = %s, not %s: it could lose messages, or keep what was deleted", p.name, got, p.want)
		}
	}
	return checkOptions(ctx, conn)
}

// checkOptions refuses a program that was built without what the schema needs.
func checkOptions(ctx context.Context, conn *sql.DB) error {
	var fts5 bool
	if err := conn.QueryRowContext(ctx, "SELECT sqlite_compileoption_used('ENABLE_FTS5')").Scan(&fts5); err != nil {
		return fmt.Errorf("read SQLite's options: %w", err)
	}
	if !fts5 {
		return errors.New("this program was built without full-text search: build it with make, or with -tags sqlite_fts5")
	}
	return nil
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// found turns the absence of a row into the rules' word for it and says what was tried of any other error.
func found(err error, what string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return chat.ErrNotFound
	default:
		return fmt.Errorf("%s: %w", what, err)
	}
}
