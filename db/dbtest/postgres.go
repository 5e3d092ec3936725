//go:build postgres

package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"chinwag/db"
)

// What the tests of this process share. Both are made when they are first asked for, and go when the process ends.
var (
	cluster   = sync.OnceValues(func() (*Cluster, error) { return startCluster() })
	community = sync.OnceValues(newCommunity)
	databases atomic.Int64 // made so far
)

// newCommunity makes a database of a community that is as new, and gives its name.
func newCommunity() (string, error) {
	const name = "community"
	c, err := cluster()
	if err != nil {
		return "", err
	}
	ctx := context.Background()
	if _, err := c.admin.ExecContext(ctx, `CREATE DATABASE `+name+` OWNER `+Role); err != nil {
		return "", fmt.Errorf("make a new community: %w", err)
	}
	d, err := db.Open(ctx, c.URL(name), &Events{})
	if err != nil {
		return "", fmt.Errorf("make a new community: %w", err)
	}
	return name, d.Close()
}

// Place is where a new community may be kept, with nothing there yet. It goes when the test ends.
func Place(tb testing.TB) string {
	tb.Helper()
	return copied(tb, "template0")
}

// Fresh is a place that may have a community already, with nobody in it: to copy one is quicker than to make one.
func Fresh(tb testing.TB) string {
	tb.Helper()
	template, err := community()
	must(tb, err)
	return copied(tb, template)
}

// copied is the address of a new database that is as another.
func copied(tb testing.TB, template string) string {
	tb.Helper()
	c, err := cluster()
	must(tb, err)
	name := fmt.Sprintf("test_%d", databases.Add(1))
	c.Exec(tb, `CREATE DATABASE `+name+` OWNER `+Role+` TEMPLATE `+template)
	tb.Cleanup(func() { c.Exec(tb, `DROP DATABASE `+name+` WITH (FORCE)`) })
	return c.URL(name)
}

// Beside opens the database of a place as another program beside the server would. It is closed when the test ends.
func Beside(tb testing.TB, place string) *sql.DB {
	tb.Helper()
	// Whoever writes past the queue waits for nothing: what it writes need not survive a power cut.
	conn, err := sql.Open("pgx", place+"&synchronous_commit=off")
	must(tb, err)
	tb.Cleanup(func() { must(tb, conn.Close()) })
	return conn
}

// above opens a database that is open already as the administrator of its cluster, who may do anything with it.
func above(tb testing.TB, beside *sql.DB) *sql.DB {
	tb.Helper()
	var port, database string
	err := beside.QueryRowContext(context.Background(), `SELECT current_setting('port'), current_database()`).Scan(&port, &database)
	must(tb, err)
	conn, err := sql.Open("pgx", urlOf(administrator, port, database))
	must(tb, err)
	return conn
}

// Files are those that hold what a place keeps.
func Files(tb testing.TB, place string) []string {
	tb.Helper()
	c, err := cluster()
	must(tb, err)
	c.Exec(tb, `CHECKPOINT`)
	number := column[string](tb, Beside(tb, place), `SELECT oid FROM pg_database WHERE datname = current_database()`)[0]
	list, err := filepath.Glob(filepath.Join(c.dir, "data", "base", number, "*"))
	must(tb, err)
	return list
}

// deadlock is what PostgreSQL says of one: https://www.postgresql.org/docs/current/errcodes-appendix.html.
const deadlock = "40P01"

// HoldWrites keeps everybody else from writing until the function it gives is called. Reading goes on.
func HoldWrites(tb testing.TB, beside *sql.DB) (letGo func()) {
	tb.Helper()
	ctx := context.Background()
	all := `LOCK TABLE ` + strings.Join(Tables(tb, beside), ", ") + ` IN EXCLUSIVE MODE` //nolint:gosec // the schema's own names
	for {
		tx, err := beside.BeginTx(ctx, nil)
		must(tb, err)
		_, err = tx.ExecContext(ctx, all)
		if err == nil {
			return func() { must(tb, tx.Rollback()) }
		}
		must(tb, tx.Rollback())
		var fault *pgconn.PgError
		if !errors.As(err, &fault) || fault.Code != deadlock { // with somebody who has one table and wants another
			tb.Fatal(err)
		}
	}
}

// Tables are the names of the community's tables: those of its schema, not what may be lost.
func Tables(tb testing.TB, beside *sql.DB) []string {
	tb.Helper()
	return column[string](tb, beside, `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'blobs' ORDER BY tablename`)
}

// Schema is how all tables and indexes are made.
func Schema(tb testing.TB, beside *sql.DB) []string {
	tb.Helper()
	return column[string](tb, beside, `
		SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default)
		FROM information_schema.columns WHERE table_schema = 'public'
		UNION SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`)
}

// Damage is what the database itself finds wrong with what it holds: whether each index has all of its table.
func Damage(tb testing.TB, beside *sql.DB) (list []string) {
	tb.Helper()
	ctx := context.Background()
	admin := above(tb, beside)
	defer func() { must(tb, admin.Close()) }()
	_, err := admin.ExecContext(ctx, `CREATE EXTENSION IF NOT EXISTS amcheck`)
	must(tb, err)
	indexes := column[string](tb, admin, `
		SELECT quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am a ON a.oid = c.relam
		WHERE c.relkind = 'i' AND n.nspname = 'public' AND a.amname = 'btree'`)
	if len(indexes) == 0 {
		must(tb, errors.New("no index to look at"))
	}
	for _, index := range indexes {
		if _, err := admin.ExecContext(ctx, `SELECT bt_index_check(CAST($1 AS regclass), TRUE)`, index); err != nil {
			list = append(list, err.Error())
		}
	}
	return list
}
