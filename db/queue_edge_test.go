package db_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

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
		switch err := <-answers; {
		case err == nil:
			accepted++
		case errors.Is(err, chat.ErrNoSpace):
			refused++
		default:
			t.Error(err)
		}
	}
	if refused == 0 {
		t.Fatal("the disk was not full")
	}
	h := page(t, d, author, room, db.Page{})
	if len(h.Messages) != accepted+1 || h.Messages[0].HTML != "<p>before</p>" {
		t.Errorf("%d messages to read, want %d", len(h.Messages), accepted+1)
	}
	checkWhole(t, d)
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
