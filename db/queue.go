package db

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"chinwag/chat"
)

// How much waits and how much is committed together. One sync is shared by a batch, so durability costs little.
const (
	queueLength = 4096
	batchLength = 256
)

// How often a batch is run when other transactions come in its way, and how long it waits for a database that went away.
const (
	attempts = 5
	awayMost = 5 * time.Second
)

// workersKept is how many goroutines wait for a lane that has something to do: a new one would have to grow its stack first.
const workersKept = 4

// queue is the one who writes: what waits in a lane is committed together; then the events are told in the order of commits,
// then come the answers. A lane has a worker as long as it has something to do.
type queue struct {
	db        *DB
	publisher chat.Publisher

	mu      sync.Mutex // guards what is below, and the lanes
	lanes   map[laneID]*lane
	waiting int
	closed  bool

	due     chan *lane // for a worker who has nothing to do
	kept    atomic.Int64
	working sync.WaitGroup // counts lanes
	broken  atomic.Bool    // the disk failed to keep what was written: nothing is written any more
	failed  chan error     // says so, once
}

// laneID names a lane: what is written in one lane is written one after the other.
type laneID chat.RoomID

// lane is what waits for each other.
type lane struct {
	id      laneID
	waiting []*item
}

// item is one write that waits: what to do and where the answer goes.
type item struct {
	ctx    context.Context
	fn     func(chat.Tx) error
	answer chan error
	events []chat.Event
}

func newQueue(d *DB, publisher chat.Publisher) *queue {
	return &queue{db: d, publisher: publisher, lanes: map[laneID]*lane{}, due: make(chan *lane), failed: make(chan error, 1)}
}

func (q *queue) stop() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.working.Wait()
	close(q.due)
}

// Write runs fn in the next batch of the room's lane and returns when it is on disk. See [chat.Store].
func (d *DB) Write(ctx context.Context, room chat.RoomID, fn func(chat.Tx) error) error {
	it := &item{ctx: ctx, fn: fn, answer: make(chan error, 1)}
	if err := d.queue.put(d.dialect.lane(room), it); err != nil {
		return err
	}
	// Once it is in, it may be committed at any moment: leaving early would not know whether it was.
	return <-it.answer
}

func (q *queue) put(id laneID, it *item) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || q.waiting >= queueLength {
		return chat.ErrBusy
	}
	l := q.lanes[id]
	if l == nil {
		l = &lane{id: id}
		q.lanes[id] = l
		q.working.Add(1)
		select {
		case q.due <- l:
		default:
			go q.work(l)
		}
	}
	l.waiting = append(l.waiting, it)
	q.waiting++
	return nil
}

// take adds what waits in a lane to a batch, up to a length. A lane that has nothing left is given up.
func (q *queue) take(l *lane, batch []*item, length int) []*item {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(l.waiting), length-len(batch))
	batch = append(batch, l.waiting[:n]...)
	l.waiting = slices.Delete(l.waiting, 0, n)
	q.waiting -= n
	if len(batch) == 0 {
		delete(q.lanes, l.id)
	}
	return batch
}

// idle says whether nobody waits in a lane.
func (q *queue) idle(l *lane) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(l.waiting) == 0
}

// work runs one lane after the other.
func (q *queue) work(l *lane) {
	for open := true; open; {
		q.run(l)
		q.working.Done()
		if q.kept.Add(1) > workersKept {
			q.kept.Add(-1)
			return
		}
		l, open = <-q.due
		q.kept.Add(-1)
	}
}

func (q *queue) run(l *lane) {
	var batch []*item
	for {
		batch = q.take(l, batch[:0], batchLength)
		if len(batch) == 0 {
			return
		}
		if q.broken.Load() {
			refuse(batch, chat.ErrBusy)
			continue
		}
		err := q.commit(l, batch)
		if err == nil {
			err = q.db.dialect.tidy(context.Background(), q.idle(l))
		}
		if errors.Is(err, errLost) { // after anything else the log is only longer, and the next batch tidies again
			q.fail(err)
		}
	}
}

// commit runs a batch. A rule that refuses answers its own item; a transaction that fails answers all of them. Its error
// means that the disk failed.
func (q *queue) commit(l *lane, batch []*item) error {
	answers, err := q.persist(l, batch)
	switch {
	case err == nil:
		q.tell(batch, answers)
	case errors.Is(err, errApart):
		for i := range batch {
			if err := q.commit(l, batch[i:i+1]); err != nil {
				refuse(batch[i+1:], chat.ErrBusy)
				return err
			}
		}
		return nil
	case errors.Is(err, errUnknown): // what is told is only a reason to look
		q.tell(batch, answers)
		for i := range answers {
			if answers[i] == nil {
				answers[i] = fmt.Errorf("%w: %w", chat.ErrUnknown, err)
			}
		}
	case errors.Is(err, errLost):
		refuse(batch, fmt.Errorf("%w: %w", chat.ErrUnknown, err))
		return err
	case errors.Is(err, chat.ErrBusy):
		refuse(q.take(l, batch, queueLength), err) // nobody waits for another's turn and then for their own
		return nil
	default:
		// Room for one item is room for its neighbours: they are small. So no item is tried again alone.
		refuse(batch, err)
		return nil
	}
	for i, it := range batch {
		it.answer <- answers[i]
	}
	return nil
}

// persist runs a batch until it is committed, or it is no use.
func (q *queue) persist(l *lane, batch []*item) (answers []error, err error) {
	var gone time.Time // when it was first found to be away
	for try := 1; ; try++ {
		answers, err = q.transact(l.id, batch, try == attempts)
		if errors.Is(err, errAway) && gone.IsZero() {
			gone = time.Now()
		}
		switch {
		case errors.Is(err, errAgain) && try < attempts:
			time.Sleep(rand.N(10 * time.Millisecond)) //nolint:gosec // so that two do not meet again
		case errors.Is(err, errAway) && time.Since(gone) < awayMost:
			time.Sleep(100*time.Millisecond + rand.N(100*time.Millisecond)) //nolint:gosec // as above
			try = 0
		case errors.Is(err, errAgain), errors.Is(err, errAway):
			return nil, fmt.Errorf("%w: %w", chat.ErrBusy, err)
		default:
			return answers, err
		}
	}
}

// tell hands on the events of what was written.
func (q *queue) tell(batch []*item, answers []error) {
	for i, it := range batch {
		if answers[i] != nil {
			continue
		}
		for _, e := range it.events {
			q.publisher.Publish(e)
		}
	}
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
