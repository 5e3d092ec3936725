package db_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

var errRefused = errors.New("refused")

// hold keeps the queue busy until it is let go, so that what is asked for meanwhile waits and is committed together.
func hold(tb testing.TB, d *db.DB) (letGo func()) {
	tb.Helper()
	begun, free := make(chan struct{}), make(chan struct{})
	held := make(chan error, 1)
	go func() {
		held <- d.Write(context.Background(), 0, func(chat.Tx) error {
			close(begun)
			<-free
			return nil
		})
	}()
	<-begun
	return sync.OnceFunc(func() {
		close(free)
		must(tb, <-held)
	})
}

// waiting returns when n writes stand in the queue.
func waiting(d *db.DB, n int) {
	for d.Waiting() < n {
		runtime.Gosched()
	}
}

// write is one person's wish in a test of the queue: a message, unless it ends otherwise.
type write struct {
	key  string
	room chat.RoomID
	end  string // accepted, refused before or after writing, …
}

var ends = []string{
	"accepted", "accepted with two messages", "refused", "refused after writing", "panics", "panics after writing", "breaks a constraint",
}

func (w write) accepted() bool { return strings.HasPrefix(w.end, "accepted") }

// keys are those of the messages that must be there afterwards.
func (w write) keys() []string {
	switch w.end {
	case "accepted":
		return []string{w.key}
	case "accepted with two messages":
		return []string{w.key, w.key + "+"}
	}
	return nil
}

// rule does the write. Every message takes a number that counts all that was ever committed, and names it in its event.
func (w write) rule(author chat.UserID) func(chat.Tx) error {
	return func(tx chat.Tx) error {
		switch w.end {
		case "refused":
			tx.Publish(chat.Event{Kind: chat.MessagePosted, Room: w.room, Session: chat.SessionHash(w.key)})
			return errRefused
		case "panics":
			panic(w.key)
		}
		if err := w.post(tx, author, w.key); err != nil {
			return err
		}
		switch w.end {
		case "accepted with two messages":
			return w.post(tx, author, w.key+"+")
		case "refused after writing":
			return errRefused
		case "panics after writing":
			panic(w.key)
		case "breaks a constraint":
			return tx.CreateMessage(chat.MessageRow{Room: w.room, Seq: 1, Rev: 1, Author: author, Key: w.key, BodyMAC: []byte{}})
		}
		return nil
	}
}

func (w write) post(tx chat.Tx, author chat.UserID, key string) error {
	order, err := tx.Next("order")
	if err != nil {
		return err
	}
	seq, rev, err := tx.AdvanceRoom(w.room)
	if err != nil {
		return err
	}
	err = tx.CreateMessage(chat.MessageRow{Room: w.room, Seq: seq, Rev: rev, Author: author, Body: key, Key: key, BodyMAC: []byte{}})
	tx.Publish(chat.Event{Kind: chat.MessagePosted, Room: w.room, Rev: rev, User: chat.UserID(order), Session: chat.SessionHash(key)})
	return err
}

// check says what is wrong with the answer, at the moment it is given.
func (w write) check(d *dbtest.DB, answer error) error {
	switch {
	case w.accepted() && answer != nil:
		return fmt.Errorf("%s: %w", w.key, answer)
	case !w.accepted() && answer == nil:
		return fmt.Errorf("%s %s and was answered done", w.key, w.end)
	case strings.HasPrefix(w.end, "refused") && answer != errRefused: //nolint:errorlint // it comes back as it is
		return fmt.Errorf("%s was answered %w", w.key, answer)
	}
	told := map[chat.SessionHash]bool{}
	for _, e := range d.Events.List() {
		told[e.Session] = true
	}
	for _, key := range w.keys() {
		if !told[chat.SessionHash(key)] {
			return fmt.Errorf("%s was answered before its event", key)
		}
	}
	return nil
}

// Whatever many people ask for at once, and however it ends: what was accepted is there, once, in order, and was told;
// what was not has left no trace.
func TestQueueKeepsExactlyWhatItAccepts(t *testing.T) {
	t.Parallel()
	d := open(t)
	author := d.NewPerson(t, "ann")
	round := 0
	rapid.Check(t, func(r *rapid.T) {
		round++
		before := len(d.Events.List())
		rooms := []chat.RoomID{}
		for i := range 3 {
			rooms = append(rooms, d.NewRoom(t, chat.RoomPublic, fmt.Sprintf("%d-%d", round, i), author))
		}
		writes := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) write {
			return write{room: rapid.SampledFrom(rooms).Draw(r, "room"), end: rapid.SampledFrom(ends).Draw(r, "end")}
		}), 1, 40).Draw(r, "writes")
		together := rapid.Bool().Draw(r, "together")

		letGo := func() {}
		if together {
			letGo = hold(t, d.DB)
		}
		faults := make(chan error, len(writes))
		want := map[chat.RoomID]map[string]bool{rooms[0]: {}, rooms[1]: {}, rooms[2]: {}}
		for i := range writes {
			w := &writes[i]
			w.key = fmt.Sprintf("%d-%d", round, i)
			for _, key := range w.keys() {
				want[w.room][key] = true
			}
			go func() { faults <- w.check(d, d.Write(context.Background(), w.room, w.rule(author))) }()
		}
		if together {
			waiting(d.DB, len(writes))
		}
		letGo()
		for range writes {
			if err := <-faults; err != nil {
				r.Error(err)
			}
		}
		for room, keys := range want {
			checkRoom(r, t, d, room, keys)
		}
		checkEvents(r, d, before, want)
	})
}

// checkRoom looks at what a room holds: the messages with these keys, numbered without a hole, their revisions rising.
func checkRoom(r *rapid.T, t *testing.T, d *dbtest.DB, room chat.RoomID, keys map[string]bool) {
	bodies := dbtest.All[string](t, d, `SELECT body FROM messages WHERE room_id = $1 ORDER BY seq`, room)
	if len(bodies) != len(keys) {
		r.Errorf("%d messages, want %d", len(bodies), len(keys))
	}
	for _, body := range bodies {
		if !keys[body] {
			r.Errorf("%s is there", body)
		}
	}
	for i, seq := range dbtest.All[int](t, d, `SELECT seq FROM messages WHERE room_id = $1 ORDER BY seq`, room) {
		if seq != i+1 {
			r.Errorf("number %d in place %d", seq, i+1)
		}
	}
	last := 0
	for _, rev := range dbtest.All[int](t, d, `SELECT rev FROM messages WHERE room_id = $1 ORDER BY seq`, room) {
		if rev <= last {
			r.Errorf("revision %d after %d", rev, last)
		}
		last = rev
	}
	if n := dbtest.One[int](t, d, `SELECT last_seq FROM rooms WHERE id = $1`, room); n != len(keys) {
		r.Errorf("the room counts %d messages, want %d", n, len(keys))
	}
}

// checkEvents looks at what was told: each committed message once, in the order of commits, and nothing else.
func checkEvents(r *rapid.T, d *dbtest.DB, before int, want map[chat.RoomID]map[string]bool) {
	list := d.Events.List()
	for i, e := range list[before:] {
		if !want[e.Room][string(e.Session)] {
			r.Errorf("told of %s in room %d", e.Session, e.Room)
		}
		delete(want[e.Room], string(e.Session))
		if place := before + i + 1; int(e.User) != place {
			r.Errorf("commit %d was told in place %d", e.User, place)
		}
	}
	for room, keys := range want {
		if len(keys) > 0 {
			r.Errorf("never told of %v in room %d", keys, room)
		}
	}
}

func TestWriteWhoseCallerLeftIsNotDone(t *testing.T) {
	t.Parallel()
	d := open(t)
	letGo := hold(t, d.DB)
	ctx, leave := context.WithCancel(t.Context())
	left, stayed := make(chan error, 1), make(chan error, 1)
	go func() { left <- d.Write(ctx, 0, takeNumber) }()
	waiting(d.DB, 1)
	go func() { stayed <- d.Write(t.Context(), 0, takeNumber) }()
	waiting(d.DB, 2)
	leave()
	letGo()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("the one who left: %v", err)
	}
	must(t, <-stayed)
	if n := dbtest.One[int](t, d, `SELECT value FROM counters WHERE noun = 'test'`); n != 1 {
		t.Errorf("%d writes, want one", n)
	}
}

func takeNumber(tx chat.Tx) error {
	_, err := tx.Next("test")
	return err
}

// Whoever leaves once the write has begun learns what became of it.
func TestWriteThatHasBegunIsAnswered(t *testing.T) {
	t.Parallel()
	d := open(t)
	ctx, leave := context.WithCancel(t.Context())
	must(t, d.Write(ctx, 0, func(tx chat.Tx) error {
		leave()
		return takeNumber(tx)
	}))
	if n := dbtest.One[int](t, d, `SELECT value FROM counters WHERE noun = 'test'`); n != 1 {
		t.Errorf("%d writes, want one", n)
	}
}

func TestAFullQueueIsBusy(t *testing.T) {
	t.Parallel()
	d := open(t)
	letGo := hold(t, d.DB)
	answers := make(chan error, db.QueueLength)
	for range db.QueueLength {
		go func() { answers <- d.Write(context.Background(), 0, takeNumber) }()
	}
	waiting(d.DB, db.QueueLength)
	if err := d.Write(t.Context(), 0, takeNumber); !errors.Is(err, chat.ErrBusy) {
		t.Errorf("one too many: %v", err)
	}
	letGo()
	for range db.QueueLength {
		must(t, <-answers)
	}
	must(t, d.Write(t.Context(), 0, takeNumber))
	if n := dbtest.One[int](t, d, `SELECT value FROM counters WHERE noun = 'test'`); n != db.QueueLength+1 {
		t.Errorf("%d writes, want %d", n, db.QueueLength+1)
	}
}

func TestCloseAnswersAllThatWasTakenOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d, err := db.Open(t.Context(), dir, &dbtest.Events{})
	must(t, err)
	letGo := hold(t, d)
	const n = 2*db.BatchLength + 1
	answers := make(chan error, n)
	for range n {
		go func() { answers <- d.Write(context.Background(), 0, takeNumber) }()
	}
	waiting(d, n)
	closed := make(chan error, 1)
	go func() { closed <- d.Close() }()
	for !d.Closing() {
		runtime.Gosched()
	}
	letGo()
	must(t, <-closed)
	for range n {
		must(t, <-answers)
	}
	if err := d.Write(t.Context(), 0, takeNumber); !errors.Is(err, chat.ErrBusy) {
		t.Errorf("after Close: %v", err)
	}
	again := dbtest.OpenIn(t, dir)
	if done := dbtest.One[int](t, again, `SELECT value FROM counters WHERE noun = 'test'`); done != n {
		t.Errorf("%d writes, want %d", done, n)
	}
}

// A disk that is full refuses, keeps what was there, and works again when there is room.
func TestAFullDiskRefusesWholeWrites(t *testing.T) {
	t.Parallel()
	d := open(t)
	author := d.NewPerson(t, "ann")
	room := d.NewRoom(t, chat.RoomPublic, "Hall", author)
	d.Post(t, author, room, "before")
	pages := dbtest.One[int](t, d, `PRAGMA page_count`)
	_, err := d.Writer().ExecContext(t.Context(), fmt.Sprintf(`PRAGMA max_page_count = %d`, pages+20))
	must(t, err)

	letGo := hold(t, d.DB)
	answers := make(chan error, 60)
	for range 60 {
		go func() {
			_, err := d.Community.Post(context.Background(), author, room, strings.Repeat("long ", 700), chat.NewToken(16))
			answers <- err
		}()
	}
	waiting(d.DB, 60)
	letGo()
	refused, accepted := 0, 0
	for range 60 {
		if err := <-answers; err != nil {
			refused++
		} else {
			accepted++
		}
	}
	if refused == 0 {
		t.Fatal("the disk was not full")
	}
	_, err = d.Writer().ExecContext(t.Context(), `PRAGMA max_page_count = 1000000`)
	must(t, err)
	if seq := d.Post(t, author, room, "after"); int(seq) != accepted+2 {
		t.Errorf("number %d, want %d", seq, accepted+2)
	}
	if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM messages`); n != accepted+2 {
		t.Errorf("%d messages, want %d", n, accepted+2)
	}
	if n := len(d.Events.List()); n != accepted+2 {
		t.Errorf("%d events, want %d", n, accepted+2)
	}
}
