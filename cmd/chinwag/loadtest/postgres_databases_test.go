//go:build postgres

package loadtest

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"chinwag/db/dbtest"
)

// names are those of all databases of a server.
func names(t *testing.T, d *databases) []string {
	t.Helper()
	var list []string
	must(t, d.do(t.Context(), func(conn *pgx.Conn) error {
		rows, err := conn.Query(t.Context(), `SELECT datname FROM pg_database ORDER BY datname`)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	}))
	return list
}

// A run removes what it made, used or not, also when it was told to end, and nothing else.
func TestDatabasesGoAgain(t *testing.T) {
	t.Parallel()
	cluster := dbtest.NewCluster(t)
	cluster.Exec(t, `CREATE DATABASE chinwag_loadtest_theirs`)
	d, err := openDatabases(t.Context(), cluster.URL("postgres"))
	must(t, err)
	before := names(t, d)
	first, err := d.add(t.Context())
	must(t, err)
	_, err = d.add(t.Context())
	must(t, err)
	people, err := Seed(t.Context(), dbtest.OpenIn(t, first).DB, Everybody(3, 1, 2)) // which stays connected
	must(t, err)
	if len(people) != 3 || len(names(t, d)) != len(before)+2 {
		t.Errorf("%d people, %v", len(people), names(t, d))
	}
	ended, end := context.WithCancel(t.Context())
	end()
	must(t, d.remove(ended))
	if after := names(t, d); !slices.Equal(after, before) {
		t.Errorf("%v became %v", before, after)
	}
	must(t, d.remove(t.Context())) // nothing is left to do
}

// Whoever has too few connections is told how many it takes, before anything is measured or made.
func TestTooFewConnections(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	options := Options{
		Only: []string{"posts", "nodes"}, Quick: true, DatabaseURL: dbtest.NewCluster(t, "max_connections=100").URL("postgres"),
		NATSURL: "nats://localhost", Out: &said, Dir: t.TempDir(),
	}
	err := Run(t.Context(), options)
	if err == nil || !strings.Contains(err.Error(), "PostgreSQL takes 100 connections and up to 108 will be opened: set its max_connections to 150") {
		t.Errorf("it says %v", err)
	}
	if strings.Contains(said.String(), "POSTS") {
		t.Errorf("something was measured:\n%s", &said)
	}
	d, err := openDatabases(t.Context(), options.DatabaseURL)
	must(t, err)
	must(t, d.takes(t.Context(), 100-sparedConnections))
}

// What PostgreSQL uses is seen while it works, and not lost when the process that worked ends.
func TestFamily(t *testing.T) {
	t.Parallel()
	d, err := openDatabases(t.Context(), dbtest.Place(t))
	must(t, err)
	f, err := d.processes(t.Context())
	must(t, err)
	if f == nil {
		t.Fatal("PostgreSQL is not found")
	}
	began := time.Now()
	start, err := f.cpu()
	must(t, err)
	const enough = 100 * time.Millisecond
	used := func() time.Duration {
		now, err := f.cpu()
		must(t, err)
		return now - start
	}
	must(t, d.do(t.Context(), func(conn *pgx.Conn) error {
		for used() < enough {
			if _, err := conn.Exec(t.Context(), `SELECT sum(n) FROM generate_series(1, 100000) AS numbers (n)`); err != nil {
				return err
			}
		}
		return nil
	}))
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 10 { // while the process that worked ends
		const coarse = 20 * time.Millisecond // of those that ended only hundredths are known
		if now := used(); now < enough-coarse || now > 64*time.Since(began) {
			t.Errorf("%s of CPU in %s", now, time.Since(began))
		}
		<-tick.C
	}
	dir, err := f.dir()
	must(t, err)
	if _, err := os.Stat(filepath.Join(dir, "PG_VERSION")); err != nil {
		t.Errorf("%s: %v", dir, err)
	}
	if said := comparedWith(dir, f); said != "PostgreSQL's data is on the same file system" {
		t.Error(said)
	}
	if familyOf(os.Getpid(), nil) != nil {
		t.Error("this test is taken for PostgreSQL")
	}
}
