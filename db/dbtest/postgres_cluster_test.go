//go:build postgres

package dbtest

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A variable has this test binary, run again by itself, start a cluster, say where it is, and stay until it is killed.
const stays = "CHINWAG_TEST_STAYS"

func TestMain(m *testing.M) {
	if os.Getenv(stays) == "" {
		os.Exit(m.Run())
	}
	c, err := startCluster()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stdout, c.dir, c.port)
	_, _ = io.Copy(io.Discard, os.Stdin) // for as long as the parent lives
}

// A cluster that is cut off, comes back and loses a connection keeps its port and what it was told.
func TestCluster(t *testing.T) {
	t.Parallel()
	c := NewCluster(t, "log_min_messages=error")
	c.Exec(t, `CREATE DATABASE ours OWNER `+Role)
	conn, err := sql.Open("pgx", c.URL("ours"))
	must(t, err)
	t.Cleanup(func() { must(t, conn.Close()) })
	exec := func(text string) error {
		_, err := conn.ExecContext(t.Context(), text)
		return err
	}
	must(t, exec(`CREATE TABLE said (body TEXT)`))
	for _, body := range []string{"first", "second"} {
		must(t, exec(`INSERT INTO said VALUES ('`+body+`')`))
		c.Stop(t)
		if exec(`SELECT 1`) == nil {
			t.Error("it answers although it was stopped")
		}
		c.Start(t)
	}
	eventually(t, func() bool { return exec(`SELECT 1`) == nil })
	c.Kill(t, "ours")
	eventually(t, func() bool { return exec(`SELECT 1`) == nil })
	if list := column[string](t, conn, `SELECT body FROM said`); len(list) != 2 {
		t.Errorf("it holds %v", list)
	}
	for setting, want := range map[string]string{"log_min_messages": "error", "fsync": "on", "synchronous_commit": "on"} {
		if got := column[string](t, conn, `SHOW `+setting)[0]; got != want {
			t.Errorf("%s is %s, want %s", setting, got, want)
		}
	}
}

// Places know nothing of each other, and nothing is there.
func TestPlacesAreApart(t *testing.T) {
	t.Parallel()
	first, second := Beside(t, Place(t)), Beside(t, Place(t))
	if tables := Tables(t, first); len(tables) > 0 {
		t.Errorf("it has %v", tables)
	}
	_, err := first.ExecContext(t.Context(), `CREATE TABLE here (n BIGINT PRIMARY KEY)`)
	must(t, err)
	if tables := Tables(t, second); len(tables) > 0 {
		t.Errorf("the other has %v", tables)
	}
}

// While somebody holds all writes, reading goes on.
func TestHeldWrites(t *testing.T) {
	t.Parallel()
	beside := Beside(t, Place(t))
	exec := func(ctx context.Context, text string) error {
		_, err := beside.ExecContext(ctx, text)
		return err
	}
	must(t, exec(t.Context(), `CREATE TABLE here (n BIGINT)`))
	letGo := HoldWrites(t, beside)
	must(t, exec(t.Context(), `SELECT * FROM here`))
	soon, enough := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer enough()
	if exec(soon, `INSERT INTO here VALUES (1)`) == nil {
		t.Error("somebody wrote")
	}
	letGo()
	must(t, exec(t.Context(), `INSERT INTO here VALUES (1)`))
}

// What an index lost is found.
func TestDamage(t *testing.T) {
	t.Parallel()
	beside := Beside(t, Place(t))
	for _, text := range []string{
		`CREATE TABLE here (n BIGINT PRIMARY KEY)`, `INSERT INTO here VALUES (1), (2)`,
	} {
		_, err := beside.ExecContext(t.Context(), text)
		must(t, err)
	}
	if damage := Damage(t, beside); len(damage) > 0 {
		t.Error(damage)
	}
	admin := above(t, beside)
	defer func() { must(t, admin.Close()) }()
	for _, text := range []string{ // an index of another number, made the first one's by force
		`CREATE TABLE other (n BIGINT PRIMARY KEY)`, `INSERT INTO other VALUES (3)`,
		`UPDATE pg_class SET relfilenode = (SELECT relfilenode FROM pg_class WHERE relname = 'other_pkey') WHERE relname = 'here_pkey'`,
	} {
		_, err := admin.ExecContext(t.Context(), text)
		must(t, err)
	}
	if damage := Damage(t, beside); len(damage) != 1 {
		t.Errorf("found %v", damage)
	}
}

// Tests use PostgreSQL as somebody who owns a database and may do nothing else, so that they find what would need more.
func TestPlacesBelongToNobodySpecial(t *testing.T) {
	t.Parallel()
	for _, place := range []string{Place(t), Fresh(t)} {
		beside := Beside(t, place)
		may := column[bool](t, beside, `
			SELECT rolsuper OR rolreplication OR rolcreaterole OR rolbypassrls FROM pg_roles WHERE rolname = current_user
			UNION ALL SELECT pg_has_role('pg_monitor', 'MEMBER')
			UNION ALL SELECT tableowner <> current_user FROM pg_tables WHERE schemaname = 'public'`)
		if len(may) < 2 || slices.Contains(may, true) {
			t.Errorf("who uses it may do more than they need, or have nothing of their own: %v", may)
		}
	}
}

// Why PostgreSQL could not be made is told.
func TestClusterThatCannotBeMade(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("/tmp", "chinwag-no-postgres-") // where anybody may look
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	must(t, os.Chmod(dir, 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "initdb"), []byte("#!/bin/sh\necho 'no space for it'\nexit 1\n"), 0o755))
	if _, err := startClusterOf(dir); err == nil || !strings.Contains(err.Error(), "no space for it") {
		t.Errorf("it says %v", err)
	}
}

// Where Debian's are not, pg_config knows.
func TestPrograms(t *testing.T) {
	elsewhere, empty := t.TempDir(), t.TempDir()
	say := func(dir string) {
		must(t, os.WriteFile(filepath.Join(elsewhere, "pg_config"), []byte("#!/bin/sh\necho "+dir+"\n"), 0o755))
	}
	must(t, os.WriteFile(filepath.Join(elsewhere, "postgres"), nil, 0o755))
	t.Setenv("PATH", elsewhere)
	say(elsewhere)
	if dir, err := programs("/nowhere/*"); err != nil || dir != elsewhere {
		t.Errorf("%s, %v", dir, err)
	}
	say(empty) // what a client's package brings
	if dir, err := programs("/nowhere/*"); err == nil || !strings.Contains(err.Error(), "apt-get install postgresql") {
		t.Errorf("%s, %v", dir, err)
	}
}

// A process that is killed leaves nothing behind, and needs no place for temporary files that others may write to.
func TestAKilledProcessLeavesNothing(t *testing.T) {
	t.Parallel()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), stays+"=1", "TMPDIR="+filepath.Join(t.TempDir(), "not there"))
	child.Stderr = os.Stderr
	_, err := child.StdinPipe()
	must(t, err)
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	must(t, err)
	dir, port, _ := strings.Cut(strings.TrimSpace(line), " ")
	_, err = os.Stat(dir)
	must(t, err)
	answers := func() bool {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}
	if !answers() {
		t.Error("there is none")
	}
	must(t, child.Process.Kill())
	_ = child.Wait() // it was killed
	eventually(t, func() bool {
		_, err := os.Stat(dir)
		return errors.Is(err, fs.ErrNotExist) && !answers()
	})
}

// eventually waits until something holds.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !holds(); <-tick.C {
		if time.Now().After(end) {
			t.Fatal("it did not happen")
		}
	}
}
