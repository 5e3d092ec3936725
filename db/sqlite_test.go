//go:build !postgres

package db_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chinwag/db"
	"chinwag/db/dbtest"
)

func TestEveryConnectionKeepsWhatItAcknowledged(t *testing.T) {
	t.Parallel()
	d := open(t)
	for name, pool := range map[string]*sql.DB{"writer": d.Writer(), "reader": d.Reader()} {
		for range pool.Stats().MaxOpenConnections {
			conn, err := pool.Conn(t.Context())
			must(t, err)
			t.Cleanup(func() { must(t, conn.Close()) }) // held, so that the next one is another
			for pragma, want := range map[string]string{
				"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000",
			} {
				var got string
				must(t, conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got))
				if got != want {
					t.Errorf("%s: %s = %s, want %s", name, pragma, got, want)
				}
			}
		}
	}
	if n := d.Writer().Stats().MaxOpenConnections; n != 1 {
		t.Errorf("%d writers, want one", n)
	}
	if n := d.Reader().Stats().MaxOpenConnections; n < 2 {
		t.Errorf("%d readers: one slow read holds up all", n)
	}
}

func TestASettingThatLosesMessagesIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ dsn, want string }{
		"no write-ahead log":      {"?_journal_mode=DELETE&_synchronous=FULL&_foreign_keys=1&_secure_delete=ON", "journal_mode = delete"},
		"no fsync":                {"?_journal_mode=WAL&_synchronous=NORMAL&_foreign_keys=1&_secure_delete=ON", "synchronous = 1"},
		"no foreign keys":         {"?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=0&_secure_delete=ON", "foreign_keys = 0"},
		"nothing is written over": {"?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=1", "secure_delete = 0"},
		"all as it must be":       {"?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=1&_secure_delete=ON", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := sql.Open("sqlite3", "file:"+filepath.Join(t.TempDir(), "x.db")+c.dsn)
			must(t, err)
			t.Cleanup(func() { must(t, conn.Close()) })
			err = db.CheckPragmas(t.Context(), conn)
			if c.want == "" {
				must(t, err)
			} else if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "lose messages") {
				t.Errorf("%v does not say %s", err, c.want)
			}
		})
	}
}

func TestOpenTakesAnyDirectoryName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"plain", "with space", "a?b", "a#b", "100%", "%41", "a&mode=memory", "?mode=memory", "née", "a;b", "a'b\"c", "a:b", "~", "$1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), name, "below")
			d, err := db.Open(t.Context(), dir, &dbtest.Events{})
			must(t, err)
			must(t, d.Ready(t.Context()))
			must(t, d.Close())
			info, err := os.Stat(filepath.Join(dir, "chinwag.db"))
			must(t, err)
			if info.Size() == 0 {
				t.Error("the database is elsewhere")
			}
			if info, err = os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("others may look into %v: %v", info, err)
			}
		})
	}
}

func TestOpenRefusesWhatIsNoCommunity(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make func(dir string) error
		want string
	}{
		"a file instead of the directory": {func(dir string) error {
			return os.WriteFile(dir, nil, 0o600)
		}, "data directory"},
		"another kind of file": {func(dir string) error {
			return inside(dir, []byte(strings.Repeat("this is no database ", 1000)))
		}, "not a database"},
		"a directory instead of the file": {func(dir string) error {
			return os.MkdirAll(filepath.Join(dir, "chinwag.db"), 0o700)
		}, "unable to open"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "data")
			must(t, c.make(dir))
			d, err := db.Open(t.Context(), dir, &dbtest.Events{})
			if err == nil {
				t.Fatal("opened", d.Close())
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v does not say %q", err, c.want)
			}
		})
	}
}

// inside makes a data directory whose database file has this content.
func inside(dir string, content []byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "chinwag.db"), content, 0o600)
}
