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
	"regexp"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"

	"chinwag/chat"
)

const (
	fileName    = "chinwag.db"
	readers     = 4
	busyTimeout = 5 * time.Second
	// What was deleted is overwritten where it stood, not only taken out of the lists: _secure_delete.
	writerOptions = "_journal_mode=WAL&_txlock=immediate&_secure_delete=ON"
)

// sqlite is a community in a file of one machine.
type sqlite struct {
	writer *sql.DB // one connection
	tidied int     // the log's length when it was last moved
}

var _ dialect = (*sqlite)(nil)

func openSQLite(ctx context.Context, dir string, publisher chat.Publisher) (*DB, error) {
	return openSQLiteWith(ctx, &sqlite3.SQLiteDriver{ConnectHook: keepLog}, dir, publisher)
}

func openSQLiteWith(ctx context.Context, writer driver.Driver, dir string, publisher chat.Publisher) (*DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	path := filepath.Join(dir, fileName)
	conn := pool(writer, path, 1, writerOptions)
	err := checkPragmas(ctx, conn)
	if err == nil {
		err = migrateSQLite(ctx, dir, conn)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	d := &DB{dialect: &sqlite{writer: conn}, writer: conn, reader: readPool(path, readers, "&_journal_mode=WAL")}
	d.queue = newQueue(d, publisher)
	return d, nil
}

// placeholder is PostgreSQL's $1. SQLite's driver takes it for a name and binds by order of first appearance, which
// silently mixes up values; ?1 it binds by number. The plus changes no value. It keeps SQLite from looking at the value when
// it plans: it would plan anew at every run of a statement that joins tables, and that takes longer than most of them.
var placeholder = regexp.MustCompile(`\$([0-9]+)`)

func (*sqlite) text(written string) string { return placeholder.ReplaceAllString(written, "+?$1") }

// holdRows has nothing to do where one transaction writes at a time.
func (*sqlite) holdRows(string) string { return "" }

func (*sqlite) snapshotOptions() *sql.TxOptions { return &sql.TxOptions{ReadOnly: true} }

// lane is the same for all: SQLite has one writer.
func (*sqlite) lane(chat.RoomID) laneID { return 0 }

func (*sqlite) begin(ctx context.Context, conn *sql.Conn, _ laneID) error {
	_, err := conn.ExecContext(ctx, `BEGIN IMMEDIATE`)
	return err
}

func (*sqlite) commit(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, `COMMIT`); err != nil {
		return syncFailure("commit", err)
	}
	return nil
}

// undo finds that SQLite may have undone the transaction already, and says so; if it does neither, the connection is given
// up, and the next batch opens another.
func (*sqlite) undo(ctx context.Context, conn *sql.Conn) {
	if _, err := conn.ExecContext(ctx, `ROLLBACK`); err == nil {
		return
	}
	_ = conn.Raw(func(conn any) error {
		if c, ok := conn.(interface{ AutoCommit() bool }); ok && c.AutoCommit() {
			return nil
		}
		return driver.ErrBadConn
	})
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
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_synchronous=FULL&_foreign_keys=1" +
		fmt.Sprintf("&_busy_timeout=%d&_stmt_cache_size=64&", busyTimeout.Milliseconds()) + options
	conns := sql.OpenDB(connector{driver, dsn})
	conns.SetMaxOpenConns(connections)
	conns.SetMaxIdleConns(connections)
	return conns
}

// readPool is a number of connections that only read; without more options they leave the journal as they find it.
func readPool(path string, connections int, more ...string) *sql.DB {
	return pool(&sqlite3.SQLiteDriver{}, path, connections, "mode=ro&_query_only=1"+strings.Join(more, ""))
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
