package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/mattn/go-sqlite3"

	"chinwag/chat"
)

// How much waits and how much is committed together. One fsync is shared by a batch, so durability costs little.
const (
	queueLength = 4096
	batchLength = 256
)

// queue is the one writer: it commits what waits together, then tells the events in the order of commits, then answers.
type queue struct {
	db        *DB
	publisher chat.Publisher
	items     chan *item
	closing   sync.RWMutex // held for reading while an item is put in
	closed    bool
	done      chan struct{}
}

// item is one write that waits: what to do and where the answer goes.
type item struct {
	ctx    context.Context
	fn     func(chat.Tx) error
	answer chan error
	events []chat.Event
}

func startQueue(d *DB, publisher chat.Publisher) *queue {
	q := &queue{db: d, publisher: publisher, items: make(chan *item, queueLength), done: make(chan struct{})}
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
		batch = append(batch[:0], first)
	gather:
		for len(batch) < batchLength {
			select {
			case it, open := <-q.items:
				if !open {
					break gather
				}
				batch = append(batch, it)
			default:
				break gather
			}
		}
		q.commit(batch)
	}
}

// commit runs a batch in one transaction. A rule that refuses answers its own item; a commit that fails answers all.
func (q *queue) commit(batch []*item) {
	answers, err := q.transact(batch)
	if err == nil {
		for i, it := range batch {
			if answers[i] == nil {
				for _, e := range it.events {
					q.publisher.Publish(e)
				}
			}
		}
	}
	for i, it := range batch {
		if err != nil {
			it.answer <- err
			continue
		}
		it.answer <- answers[i]
	}
}

func (q *queue) transact(batch []*item) ([]error, error) {
	ctx := context.Background() // a batch belongs to many requests: none may cancel the others
	sqlTx, err := q.db.writer.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("begin: %w: %w", chat.ErrBusy, err) // another process holds the database
	}
	answers := make([]error, len(batch))
	for i, it := range batch {
		if answers[i], err = q.apply(ctx, sqlTx, it); err != nil {
			return nil, errors.Join(err, sqlTx.Rollback())
		}
	}
	if err := sqlTx.Commit(); err != nil {
		return nil, errors.Join(fmt.Errorf("commit: %w", err), rollback(sqlTx))
	}
	return answers, nil
}

// rollback ends a transaction whose commit failed; that it has ended already is no news.
func rollback(sqlTx *sql.Tx) error {
	if err := sqlTx.Rollback(); !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}

// apply runs one item. The first error is the item's own answer; the second ends the whole batch.
func (q *queue) apply(ctx context.Context, sqlTx *sql.Tx, it *item) (answer, fatal error) {
	if err := it.ctx.Err(); err != nil {
		return fmt.Errorf("gave up waiting: %w", err), nil // whoever asked has gone
	}
	t := &tx{ctx: ctx, db: q.db, sql: sqlTx}
	answer = runRule(it.fn, t)
	if answer == nil {
		it.events = t.events
	}
	if brokeDown(answer) {
		return nil, answer
	}
	return answer, t.end(answer)
}

// brokeDown says whether the database itself failed, not a rule. SQLite may have undone the whole transaction by then,
// and what follows would be committed alone.
func brokeDown(answer error) bool {
	var driver sqlite3.Error
	return errors.As(answer, &driver) && driver.Code != sqlite3.ErrConstraint
}

// runRule keeps a mistake in one rule from ending the others.
func runRule(fn func(chat.Tx) error, t *tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("rule panicked: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(t)
}
