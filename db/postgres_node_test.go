//go:build postgres

package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// nodes are several servers' views of one community.
func nodes(t *testing.T, n int) []*dbtest.DB {
	t.Helper()
	list := []*dbtest.DB{open(t)}
	for len(list) < n {
		list = append(list, dbtest.OpenIn(t, list[0].Place))
	}
	return list
}

// watchNumbers asks again and again, until it is told to end, whether the numbers that can be seen have a hole: a message
// that is committed must never stand behind one that is not.
func watchNumbers(t *testing.T, d *dbtest.DB) (end func()) {
	t.Helper()
	done, ended := make(chan struct{}), make(chan error, 1)
	beside := dbtest.Beside(t, d.Place)
	go func() {
		for looks := 0; ; looks++ {
			var holes int
			err := beside.QueryRow(`
				SELECT COUNT(*) FROM (SELECT r.last_seq, COUNT(m.seq) AS n, COALESCE(MAX(m.seq), 0) AS last FROM rooms r
					LEFT JOIN messages m ON m.room_id = r.id GROUP BY r.id) x WHERE n <> last OR last <> last_seq`).Scan(&holes)
			if err == nil && holes > 0 {
				err = fmt.Errorf("at look %d, %d rooms had holes", looks, holes)
			}
			select {
			case <-done:
				if looks == 0 {
					err = errors.Join(err, errors.New("it was never looked"))
				}
				ended <- err
				return
			default:
			}
			if err != nil {
				ended <- err
				return
			}
		}
	}()
	return func() {
		t.Helper()
		close(done)
		must(t, <-ended)
	}
}

func TestP03_WritersOfAllNodesTakeNumbersInTheOrderOfCommits(t *testing.T) {
	t.Parallel()
	for _, rooms := range []int{1, 32} {
		t.Run(fmt.Sprintf("%d rooms", rooms), func(t *testing.T) {
			t.Parallel()
			const writers, each = 32, 20
			on := nodes(t, 2)
			ann := on[0].NewPerson(t, "ann")
			var hall []chat.RoomID
			for i := range rooms {
				hall = append(hall, on[0].NewRoom(t, chat.RoomPublic, fmt.Sprint("Hall ", i), ann))
			}
			end := watchNumbers(t, on[0])
			var all sync.WaitGroup
			for w := range writers {
				all.Go(func() {
					for i := range each {
						if _, err := on[w%2].Community.Post(context.Background(), ann, hall[w%rooms], "hello", fmt.Sprintf("%d-%d", w, i)); err != nil {
							t.Errorf("writer %d: %v", w, err)
						}
					}
				})
			}
			all.Wait()
			end()
			checkWhole(t, on[0])
			if n := dbtest.One[int](t, on[0], `SELECT COUNT(*) FROM messages`); n != writers*each {
				t.Errorf("%d messages, want %d", n, writers*each)
			}
			told := 0
			for _, d := range on {
				last := map[chat.RoomID]chat.Rev{}
				for _, e := range d.Events.List() {
					if e.Kind != chat.MessagePosted {
						continue
					}
					told++
					if e.Rev <= last[e.Room] {
						t.Errorf("room %d: revision %d was told after %d", e.Room, e.Rev, last[e.Room])
					}
					last[e.Room] = e.Rev
				}
			}
			if told != writers*each {
				t.Errorf("%d messages were told, want %d", told, writers*each)
			}
		})
	}
}

// Two nodes look at the same moment for what a key was spent on, find nothing, and both write.
func TestF11_OneKeyOnTwoNodesIsSpentOnce(t *testing.T) {
	t.Parallel()
	on := nodes(t, 2)
	ann := on[0].NewPerson(t, "ann")
	hall, attic := on[0].NewRoom(t, chat.RoomPublic, "Hall", ann), on[0].NewRoom(t, chat.RoomPublic, "Attic", ann)
	for i := range 40 {
		key := fmt.Sprint("key-", i)
		results := make([]error, 4)
		var all sync.WaitGroup
		for w := range results {
			room := hall
			if w >= 2 {
				room = attic
			}
			all.Go(func() { _, results[w] = on[w%2].Community.Post(context.Background(), ann, room, "hello", key) })
		}
		all.Wait()
		accepted := 0
		for _, err := range results {
			switch {
			case err == nil:
				accepted++
			case !errors.Is(err, chat.ErrKeyReused):
				t.Errorf("the key was refused with %v", err)
			}
		}
		if n := dbtest.One[int](t, on[0], `SELECT COUNT(*) FROM messages WHERE send_key = $1`, key); n != 1 || accepted != 2 {
			t.Errorf("%d messages of one key, %d sends of it accepted; want 1 and those of its room, 2", n, accepted)
		}
	}
	checkWhole(t, on[0])
}

// Rules that read before they write decide on what is there, whatever other nodes do.
func TestOneNodeSetsTheCommunityUp(t *testing.T) {
	t.Parallel()
	on := nodes(t, 3)
	results := make([]error, 6)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() {
			results[i] = on[i%3].Write(context.Background(), 0, func(tx chat.Tx) error {
				settings, err := tx.Settings()
				if err != nil {
					return err
				}
				if settings.SetUp() {
					return errRefused
				}
				settings.Name, settings.SetUpAt = fmt.Sprint("node ", i), time.Now()
				return tx.SaveSettings(settings)
			})
		})
	}
	all.Wait()
	done := 0
	for _, err := range results {
		if err == nil {
			done++
		} else if !errors.Is(err, errRefused) {
			t.Error(err)
		}
	}
	if done != 1 {
		t.Errorf("it was set up %d times", done)
	}
}

// A send has looked at its session and not committed yet; whoever ends the session on another node waits, so that nothing
// is stored after they were answered.
func TestS27_WhoEndsASessionWaitsForItsSends(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(chat.Tx, chat.SessionHash) error{
		"signed out": func(tx chat.Tx, session chat.SessionHash) error { _, err := tx.DeleteSession(session); return err },
		"replaced":   func(tx chat.Tx, session chat.SessionHash) error { return tx.ReplaceSession(session, time.Now()) },
		"all ended":  func(tx chat.Tx, _ chat.SessionHash) error { return tx.DeleteSessions(1, "") },
	} {
		t.Run(name, func(t *testing.T) { whoEndsASessionWaits(t, end) })
	}
}

func whoEndsASessionWaits(t *testing.T, end func(chat.Tx, chat.SessionHash) error) {
	on := nodes(t, 2)
	ann := on[0].NewPerson(t, "ann")
	room := on[0].NewRoom(t, chat.RoomPublic, "Hall", ann)
	session := signIn(t, on[0], ann)
	looked, goOn, sent := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		sent <- on[0].Write(context.Background(), room, func(tx chat.Tx) error {
			alive, err := tx.SessionAlive(session)
			if err != nil || !alive {
				return fmt.Errorf("alive: %t, %w", alive, err)
			}
			close(looked)
			<-goOn
			_, _, err = tx.AdvanceRoom(room)
			return err
		})
	}()
	<-looked
	ended := make(chan error, 1)
	go func() {
		ended <- on[1].Write(context.Background(), 0, func(tx chat.Tx) error { return end(tx, session) })
	}()
	eventually(t, func() bool {
		return dbtest.One[int](t, on[0], `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) > 0
	})
	select {
	case err := <-ended:
		t.Errorf("the session ended before its send was stored: %v", err)
	default:
	}
	close(goOn)
	must(t, <-sent)
	must(t, <-ended)
	if alive := dbtest.One[int](t, on[0], `SELECT COUNT(*) FROM sessions WHERE NOT replaced`); alive != 0 {
		t.Error("the session is still there")
	}
}

// Two rooms' transactions that wait for each other: PostgreSQL ends one of them, and it is run again.
func TestDeadlockedWritesAreRunAgain(t *testing.T) {
	t.Parallel()
	on := nodes(t, 2)
	ann := on[0].NewPerson(t, "ann")
	var met sync.WaitGroup
	met.Add(2)
	results := make(chan error, 2)
	for i, order := range [][]string{{"apples", "pears"}, {"pears", "apples"}} {
		room := on[0].NewRoom(t, chat.RoomPublic, order[0], ann)
		meet := sync.OnceFunc(func() {
			met.Done()
			met.Wait()
		})
		go func() {
			results <- on[i].Write(context.Background(), room, func(tx chat.Tx) error {
				if _, err := tx.Next(order[0]); err != nil {
					return err
				}
				meet()
				_, err := tx.Next(order[1])
				return err
			})
		}()
	}
	must(t, <-results)
	must(t, <-results)
	same(t, dbtest.All[int](t, on[0], `SELECT value FROM counters WHERE noun IN ('apples', 'pears')`), []int{2, 2})
}

// PostgreSQL answers the COMMIT of a transaction that failed with ROLLBACK, and no error. To come again would not help.
func TestWriteThatHidesItsFailureIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := d.NewPerson(t, "ann")
	err := d.Write(t.Context(), 0, func(tx chat.Tx) error {
		_ = tx.CreateUser(chat.UserRow{User: chat.User{ID: ann, Username: "ann"}, UsernameKey: "ann"})
		return nil
	})
	if err == nil || errors.Is(err, chat.ErrBusy) {
		t.Errorf("it was answered with %v", err)
	}
	must(t, d.Write(t.Context(), 0, takeNumber))
}

// What PostgreSQL promises may be changed at any time. A connection that would acknowledge too early is not written to.
func TestConnectionsThatCommitTooEarlyAreRefused(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := d.NewPerson(t, "ann")
	room := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
	d.Exec(t, `DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET synchronous_commit = off'; END $$`)
	d.Exec(t, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()`)
	if _, err := d.Community.Post(t.Context(), ann, room, "hello", "key"); err == nil {
		t.Error("it was acknowledged")
	}
	if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM messages`); n != 0 {
		t.Errorf("%d messages", n)
	}
	if _, err := db.Open(t.Context(), d.Place, &dbtest.Events{}); err == nil {
		t.Error("it was opened")
	}
}

// A database may speak another encoding to those who do not ask; we do.
func TestTextsComeAsTheyWere(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.Exec(t, `DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET client_encoding = LATIN1'; END $$`)
	node := dbtest.OpenIn(t, d.Place)
	ann := node.NewPerson(t, "ann")
	room := node.NewRoom(t, chat.RoomPublic, "Hall", ann)
	seq := node.Post(t, ann, room, "Grüße ☕")
	m, err := d.Message(t.Context(), ann, room, seq)
	must(t, err)
	same(t, m.Body, "Grüße ☕")
}

// A session that could not be asked for has not ended: whoever sends meanwhile is told to come again, not to sign in.
func TestS27_SessionThatCannotBeAskedForHasNotEnded(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := d.NewPerson(t, "ann")
	room := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
	held, err := dbtest.Beside(t, d.Place).BeginTx(t.Context(), nil)
	must(t, err)
	_, err = held.ExecContext(t.Context(), `LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE`)
	must(t, err)
	_, err = d.Community.Post(chat.WithSession(t.Context(), "hash"), ann, room, "hello", "key")
	if !errors.Is(err, chat.ErrBusy) || errors.Is(err, chat.ErrSignedOut) {
		t.Errorf("the send is answered with %v", err)
	}
	must(t, held.Rollback())
}
