package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"

	"chinwag/chat"
)

// batch is a transaction that several items share. It talks to its connection itself: a [sql.Tx] would start a
// goroutine for every row it reads.
type batch struct {
	ctx  context.Context
	db   *DB
	conn *sql.Conn

	alone    bool         // it has one item: the transaction itself is what undoes it
	last     bool         // it is not run again: what stands in an item's way answers the item
	marked   bool         // a savepoint stands, of an item that is done
	security bool         // rights or sessions ended
	ended    bool         // sessions did
	faces    bool         // somebody's name was changed
	settings bool         // the community's settings were changed
	entries  []chat.Entry // for the log
}

// transact runs items in one transaction, each in its own savepoint. With an error nothing of any of them was written,
// or, if the answer to the commit was lost or the disk failed to sync, nobody knows; then the answers are there as well.
func (q *queue) transact(lane laneID, items []*item, last bool) (answers []error, err error) {
	ctx := context.Background() // a batch belongs to many requests: none may cancel the others
	conn, err := q.connection(ctx)
	if err != nil {
		return nil, q.db.dialect.failure("open the database", err)
	}
	defer func() { _ = conn.Close() }() // it goes back to its pool
	b := &batch{ctx: ctx, db: q.db, conn: conn, alone: len(items) == 1, last: last}
	answers, err = b.run(lane, items)
	if err != nil || b.alone && answers[0] != nil {
		q.db.dialect.undo(ctx, conn)
		return answers, err
	}
	if err := q.db.dialect.commit(ctx, conn); err != nil {
		if !errors.Is(err, errUnknown) {
			q.db.dialect.undo(ctx, conn)
		}
		return answers, err
	}
	if b.settings || b.faces {
		q.db.settings.drop()
	}
	return answers, nil
}

// connection waits its turn for one, but not for ever: a database that says nothing at all may keep all of them.
func (q *queue) connection(ctx context.Context) (*sql.Conn, error) {
	soon, enough := context.WithTimeout(ctx, awayMost)
	defer enough()
	conn, err := q.db.writer.Conn(soon)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("%w: %w", chat.ErrBusy, err)
	}
	return conn, err
}

// run runs all items, up to the commit.
func (b *batch) run(lane laneID, items []*item) (answers []error, err error) {
	if err := b.db.dialect.begin(b.ctx, b.conn, lane); err != nil {
		return nil, b.db.dialect.failure("begin", err)
	}
	answers = make([]error, len(items))
	for i, it := range items {
		if answers[i], err = b.apply(it); err != nil {
			return nil, b.db.dialect.failure("write", err)
		}
	}
	if err := b.writeLog(); err != nil { // after every room's row, in all transactions
		return nil, b.db.dialect.failure("write the log", err)
	}
	if b.faces {
		if _, err := b.conn.ExecContext(b.ctx, b.db.sql(`UPDATE community SET faces_rev = faces_rev + 1`)); err != nil {
			return nil, b.db.dialect.failure("move faces_rev", err)
		}
	}
	if b.security { // last of all: every room's transactions write this row
		if _, err := b.conn.ExecContext(b.ctx, b.db.sql(`UPDATE community SET security_rev = security_rev + 1`)); err != nil {
			return nil, b.db.dialect.failure("move security_rev", err)
		}
	}
	return answers, nil
}

// apply runs one item. The first error is the item's own answer; the second ends the whole batch.
func (b *batch) apply(it *item) (answer, fatal error) {
	if err := it.ctx.Err(); err != nil {
		return fmt.Errorf("gave up waiting: %w", err), nil // whoever asked has gone
	}
	t := &tx{batch: b}
	answer = runRule(it.fn, t)
	if answer == nil {
		it.events = t.events
		b.security = b.security || t.movesSecurity
		b.ended = b.ended || t.endsSessions
		b.faces = b.faces || t.movesFaces
		b.settings = b.settings || t.savesSettings
		b.entries = append(b.entries, t.entries...)
		return nil, nil
	}
	if errors.Is(answer, errApart) {
		return nil, answer
	}
	err := b.db.dialect.broke(b.conn, answer)
	if err == nil || b.last && errors.Is(err, errAgain) {
		return answer, t.undo()
	}
	return nil, err
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
