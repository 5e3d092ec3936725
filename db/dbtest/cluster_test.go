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
	c.Exec(t, `CREATE DATABASE ours`)
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
	for _, text := range []string{ // an index of another number, made the first one's by force
		`CREATE TABLE other (n BIGINT PRIMARY KEY)`, `INSERT INTO other VALUES (3)`,
		`UPDATE pg_class SET relfilenode = (SELECT relfilenode FROM pg_class WHERE relname = 'other_pkey') WHERE relname = 'here_pkey'`,
	} {
		_, err := beside.ExecContext(t.Context(), text)
		must(t, err)
	}
	beside.SetMaxIdleConns(0) // another connection has not seen it yet
	if damage := Damage(t, beside); len(damage) != 1 {
		t.Errorf("found %v", damage)
	}
}

// A process that is killed leaves nothing behind.
func TestAKilledProcessLeavesNothing(t *testing.T) {
	t.Parallel()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), stays+"=1")
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
