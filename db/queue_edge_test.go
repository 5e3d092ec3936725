package db_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// hold keeps the queue busy with rooms until it is let go, so that what is asked for meanwhile waits and is committed
// together. No room is what belongs to none.
func hold(tb testing.TB, d *db.DB, rooms ...chat.RoomID) (letGo func()) {
	tb.Helper()
	if len(rooms) == 0 {
		rooms = []chat.RoomID{0}
	}
	lanes := map[chat.RoomID]bool{}
	free := make(chan struct{})
	held := make(chan error, len(rooms))
	for _, room := range rooms {
		if lanes[d.Lane(room)] {
			continue
		}
		lanes[d.Lane(room)] = true
		begun := make(chan struct{})
		go func() {
			held <- d.Write(context.Background(), room, func(chat.Tx) error {
				close(begun)
				<-free
				return nil
			})
		}()
		<-begun
	}
	return sync.OnceFunc(func() {
		close(free)
		for range lanes {
			must(tb, <-held)
		}
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
	place := dbtest.Place(t)
	d, err := db.Open(t.Context(), place, &dbtest.Events{})
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
	again := dbtest.OpenIn(t, place)
	if done := dbtest.One[int](t, again, `SELECT value FROM counters WHERE noun = 'test'`); done != n {
		t.Errorf("%d writes, want %d", done, n)
	}
}
