package db_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// This test binary, run again by itself, does one of two things in the community that a variable names.
const (
	killedDir         = "CHINWAG_TEST_KILLED_IN"           // posts until it is killed
	killedMigratingIn = "CHINWAG_TEST_KILLED_MIGRATING_IN" // starts, and kills itself
	killedAtStatement = "CHINWAG_TEST_KILLED_AT_STATEMENT" // before this one
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(killedDir); dir != "" {
		fmt.Fprintln(os.Stderr, postUntilKilled(dir))
		os.Exit(1)
	}
	if dir := os.Getenv(killedMigratingIn); dir != "" {
		if err := migrateAndDie(dir, os.Getenv(killedAtStatement)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// again is this test binary, to be run again with these variables.
func again(t *testing.T, variables ...string) *exec.Cmd {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), variables...)
	return child
}

// migrateAndDie opens a community and kills this process just before the given statement, if it comes so far.
func migrateAndDie(dir, statement string) error {
	last, err := strconv.Atoi(statement)
	if err != nil {
		return err
	}
	n := 0
	disk := &faulty{before: func(string) error {
		if n++; n == last {
			return syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		return nil
	}}
	d, err := db.OpenWith(context.Background(), disk, dir, &dbtest.Events{})
	if err != nil {
		return err
	}
	return d.Close()
}

// postUntilKilled lets everybody who is there post into their room, and says of each message where it stands once that
// was acknowledged.
func postUntilKilled(dir string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, dir, &dbtest.Events{})
	if err != nil {
		return err
	}
	community := chat.New(d, []byte(strings.Repeat("k", 32)), time.Now)
	var out sync.Mutex
	failed := make(chan error)
	for author := chat.UserID(1); author <= killedWriters; author++ {
		go func() {
			for {
				key := chat.NewToken(16)
				room := chat.RoomID(author%2 + 1)
				seq, err := community.Post(ctx, author, room, "said "+key, key)
				if err != nil {
					failed <- err
					return
				}
				out.Lock()
				fmt.Fprintln(os.Stdout, room, seq, key)
				out.Unlock()
			}
		}()
	}
	return <-failed
}

// killedWriters is how many people post at a time, into two rooms.
const killedWriters = 8

// A process that is killed at any moment has kept every message it acknowledged, and the next start needs no hand.
func TestKilledServerKeepsWhatItAcknowledged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	t.Run("people and rooms", func(t *testing.T) {
		d := dbtest.OpenIn(t, dir)
		people := []chat.UserID{}
		for i := range killedWriters {
			people = append(people, d.NewPerson(t, fmt.Sprintf("p%d", i)))
		}
		d.NewRoom(t, chat.RoomPublic, "one", people[0], people[1:]...)
		d.NewRoom(t, chat.RoomPublic, "two", people[0], people[1:]...)
	})
	acknowledged := map[string]string{} // key → "room seq"
	for round, until := range []int{1, 40, 200} {
		for line := range strings.Lines(killAfter(t, dir, until)) {
			if !strings.HasSuffix(line, "\n") {
				continue // cut off in the middle of saying it
			}
			place, key, _ := strings.Cut(strings.TrimSpace(line), " ")
			seq, key, _ := strings.Cut(key, " ")
			acknowledged[key] = place + " " + seq
		}
		t.Run(fmt.Sprintf("round %d", round), func(t *testing.T) {
			d := dbtest.OpenIn(t, dir)
			checkAcknowledged(t, d, acknowledged)
		})
	}
}

// killAfter starts the child, kills it once it has acknowledged so many messages, and gives all it said.
func killAfter(t *testing.T, dir string, until int) string {
	t.Helper()
	child := again(t, killedDir+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	var said strings.Builder
	lines := bufio.NewReader(out)
	for n := 0; ; n++ {
		line, err := lines.ReadString('\n')
		said.WriteString(line)
		if err != nil {
			break
		}
		if n+1 == until {
			must(t, child.Process.Kill())
		}
	}
	if err := child.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the child ended by itself: %v", err)
	}
	return said.String()
}

func checkAcknowledged(t *testing.T, d *dbtest.DB, acknowledged map[string]string) {
	t.Helper()
	stored := map[string]string{}
	for _, line := range dbtest.All[string](t, d, `SELECT send_key || ' ' || room_id || ' ' || seq FROM messages WHERE body = 'said ' || send_key`) {
		key, place, _ := strings.Cut(line, " ")
		stored[key] = place
	}
	for key, place := range acknowledged {
		if stored[key] != place {
			t.Errorf("%s was acknowledged as %q and is %q", key, place, stored[key])
		}
	}
	if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM messages`); n != len(stored) || n < len(acknowledged) {
		t.Errorf("%d messages, %d with their own text, %d acknowledged", n, len(stored), len(acknowledged))
	}
	for _, wrong := range dbtest.All[string](t, d, `
		SELECT r.name || ': ' || r.last_seq || ', ' || r.rev || ', ' || COUNT(m.seq) FROM rooms r LEFT JOIN messages m ON m.room_id = r.id
		GROUP BY r.id HAVING r.last_seq <> COUNT(m.seq) OR r.rev <> COALESCE(MAX(m.rev), 0) OR r.last_seq <> COALESCE(MAX(m.seq), 0)`) {
		t.Errorf("last number, revision and count of room %s disagree", wrong)
	}
	if answer := dbtest.One[string](t, d, `PRAGMA integrity_check`); answer != "ok" {
		t.Error(answer)
	}
}
