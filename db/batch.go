package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"runtime/debug"

	"chinwag/chat"
)

// batch is a transaction that several items share. It talks to its connection itself: a [sql.Tx] would start a
// goroutine for every row it reads.
type batch struct {
	ctx context.Context
	db  *DB
	sql *sql.Conn

	savepoint *sql.Stmt // begins an item
	release   *sql.Stmt // ends it

	alone    bool // it has one item: the transaction itself is what undoes it
	settings bool // the community's settings were changed
}

// transact runs items in one transaction, each in its own savepoint. With an error nothing of any of them was written,
// or, if the disk failed to sync, nobody knows.
func (q *queue) transact(items []*item) (answers []error, err error) {
	ctx := context.Background() // a batch belongs to many requests: none may cancel the others
	conn, err := q.db.writer.Conn(ctx)
	if err != nil {
		return nil, failure("open the database", err)
	}
	defer func() { _ = conn.Close() }() // it goes back to its pool
	b := &batch{ctx: ctx, db: q.db, sql: conn, alone: len(items) == 1}
	defer b.close()
	if _, err := conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
		b.end()
		return nil, failure("begin", err)
	}
	answers = make([]error, len(items))
	for i, it := range items {
		if answers[i], err = b.apply(it); err != nil {
			b.end()
			return nil, failure("write", err)
		}
	}
	if b.alone && answers[0] != nil {
		b.end()
		return answers, nil
	}
	if _, err := conn.ExecContext(ctx, `COMMIT`); err != nil {
		b.end()
		return nil, syncFailure("commit", err)
	}
	if b.settings {
		q.db.settings.drop()
	}
	return answers, nil
}

// end undoes a transaction that failed. SQLite may have undone it already, and says so; if it does neither, the
// connection is given up, and the next batch opens another.
func (b *batch) end() {
	if _, err := b.sql.ExecContext(b.ctx, `ROLLBACK`); err == nil {
		return
	}
	_ = b.sql.Raw(func(conn any) error {
		if c, ok := conn.(interface{ AutoCommit() bool }); ok && c.AutoCommit() {
			return nil
		}
		return driver.ErrBadConn
	})
}

// prepare gets the savepoint's statements ready, for all items at once.
func (b *batch) prepare() (err error) {
	if b.release != nil {
		return nil
	}
	if b.savepoint, err = b.sql.PrepareContext(b.ctx, `SAVEPOINT item`); err != nil {
		return err
	}
	b.release, err = b.sql.PrepareContext(b.ctx, `RELEASE item`)
	return err
}

func (b *batch) close() {
	for _, s := range []*sql.Stmt{b.savepoint, b.release} {
		if s != nil {
			_ = s.Close() // nothing hangs on it
		}
	}
}

// apply runs one item. The first error is the item's own answer; the second ends the whole batch.
func (b *batch) apply(it *item) (answer, fatal error) {
	if err := it.ctx.Err(); err != nil {
		return fmt.Errorf("gave up waiting: %w", err), nil // whoever asked has gone
	}
	t := &tx{batch: b}
	answer = runRule(it.fn, t)
	if brokeDown(answer) {
		return nil, answer
	}
	if answer == nil {
		it.events = t.events
	}
	return answer, t.end(answer)
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
