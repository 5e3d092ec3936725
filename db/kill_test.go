package db_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// killedPlace has this test binary, run again by itself, post into the community at a place until it is killed.
const killedPlace = "CHINWAG_TEST_KILLED_AT"

func postIfTold() {
	if place := os.Getenv(killedPlace); place != "" {
		fmt.Fprintln(os.Stderr, postUntilKilled(place))
		os.Exit(1)
	}
}

// again is this test binary, to be run again with these variables.
func again(t *testing.T, variables ...string) *exec.Cmd {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), variables...)
	return child
}

// postUntilKilled lets everybody who is there post into their room, and says of each message where it stands once that
// was acknowledged.
func postUntilKilled(place string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, place, &dbtest.Events{})
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
	place := dbtest.Place(t)
	t.Run("people and rooms", func(t *testing.T) {
		d := dbtest.OpenIn(t, place)
		people := []chat.UserID{}
		for i := range killedWriters {
			people = append(people, d.NewPerson(t, fmt.Sprintf("p%d", i)))
		}
		d.NewRoom(t, chat.RoomPublic, "one", people[0], people[1:]...)
		d.NewRoom(t, chat.RoomPublic, "two", people[0], people[1:]...)
	})
	acknowledged := map[string]string{} // key → "room seq"
	for round, until := range []int{1, 40, 200} {
		for line := range strings.Lines(killAfter(t, place, until)) {
			if !strings.HasSuffix(line, "\n") {
				continue // cut off in the middle of saying it
			}
			place, key, _ := strings.Cut(strings.TrimSpace(line), " ")
			seq, key, _ := strings.Cut(key, " ")
			acknowledged[key] = place + " " + seq
		}
		t.Run(fmt.Sprintf("round %d", round), func(t *testing.T) {
			d := dbtest.OpenIn(t, place)
			checkAcknowledged(t, d, acknowledged)
		})
	}
}

// killAfter starts the child, kills it once it has acknowledged so many messages, and gives all it said.
func killAfter(t *testing.T, place string, until int) string {
	t.Helper()
	child := again(t, killedPlace+"="+place)
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
	checkWhole(t, d)
}
