package db

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"chinwag/chat"
)

// How much waits and how much is committed together. One fsync is shared by a batch, so durability costs little.
const (
	queueLength = 4096
	batchLength = 256
)

// queue is the one writer: it commits what waits together, then tells the events in the order of commits, then answers.
// While nobody waits for it, it moves what was written from the log into the database.
type queue struct {
	db        *DB
	publisher chat.Publisher
	items     chan *item
	closing   sync.RWMutex // held for reading while an item is put in
	closed    bool
	done      chan struct{}
	tidied    int         // the log's length when it was last moved
	broken    atomic.Bool // the disk failed to keep what was written: nothing is written any more
	failed    chan error  // says so, once
}

// item is one write that waits: what to do and where the answer goes.
type item struct {
	ctx    context.Context
	fn     func(chat.Tx) error
	answer chan error
	events []chat.Event
}

func startQueue(d *DB, publisher chat.Publisher) *queue {
	q := &queue{
		db: d, publisher: publisher, items: make(chan *item, queueLength), done: make(chan struct{}), failed: make(chan error, 1),
	}
	go q.run()
	return q
}

func (q *queue) stop() {
	q.closing.Lock()
	q.closed = true
	close(q.items)
	q.closing.Unlock()
	<-q.done
}

// Write runs fn in the next batch and returns when it is on disk. See [chat.Store].
func (d *DB) Write(ctx context.Context, _ chat.RoomID, fn func(chat.Tx) error) error {
	it := &item{ctx: ctx, fn: fn, answer: make(chan error, 1)}
	if err := d.queue.put(it); err != nil {
		return err
	}
	// Once it is in, it may be committed at any moment: leaving early would not know whether it was.
	return <-it.answer
}

func (q *queue) put(it *item) error {
	q.closing.RLock()
	defer q.closing.RUnlock()
	if q.closed {
		return chat.ErrBusy
	}
	select {
	case q.items <- it:
		return nil
	default:
		return chat.ErrBusy
	}
}

func (q *queue) run() {
	defer close(q.done)
	batch := make([]*item, 0, batchLength)
	for first := range q.items {
		batch = q.gather(append(batch[:0], first), batchLength)
		if q.broken.Load() {
			refuse(batch, chat.ErrBusy)
			continue
		}
		err := q.commit(batch)
		if err == nil {
			err = q.tidy(len(q.items) == 0)
		}
		if errors.Is(err, errLost) { // of anything else the log is moved another time
			q.fail(err)
		}
	}
}

// gather adds what waits to a batch, up to a length.
func (q *queue) gather(batch []*item, length int) []*item {
	for len(batch) < length {
		select {
		case it, open := <-q.items:
			if !open {
				return batch
			}
			batch = append(batch, it)
		default:
			return batch
		}
	}
	return batch
}

// commit runs a batch. A rule that refuses answers its own item; a transaction that fails answers all of them. Its error
// means that the disk failed.
func (q *queue) commit(batch []*item) error {
	answers, err := q.transact(batch)
	switch {
	case err == nil:
	case errors.Is(err, errLost):
		refuse(batch, fmt.Errorf("%w: %w", chat.ErrBusy, err)) // a repeat with the same key learns what became of it
		return err
	case errors.Is(err, chat.ErrBusy):
		refuse(q.gather(batch, len(batch)+len(q.items)), err) // nobody waits for another's turn and then for their own
		return nil
	default:
		// Room for one item is room for its neighbours: they are small. So no item is tried again alone.
		refuse(batch, err)
		return nil
	}
	for i, it := range batch {
		if answers[i] == nil {
			for _, e := range it.events {
				q.publisher.Publish(e)
			}
		}
	}
	for i, it := range batch {
		it.answer <- answers[i]
	}
	return nil
}

func refuse(batch []*item, err error) {
	for _, it := range batch {
		it.answer <- err
	}
}

// fail ends all writing. The system may have dropped what it could not write, and a later sync that succeeds would
// say nothing about it: only a new start reads what is really there.
func (q *queue) fail(err error) {
	q.broken.Store(true)
	q.failed <- err
}
