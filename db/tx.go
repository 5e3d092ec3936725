package db

import (
	"database/sql"
	"fmt"

	"chinwag/chat"
)

// tx is one item's part of a batch. Its savepoint is set before its first write, so that a rule which refuses before
// it wrote anything costs none.
type tx struct {
	batch         *batch
	wrote         bool
	movesSecurity bool // see MoveSecurity
	savesSettings bool // see SaveSettings
	endsSessions  bool // see DeleteSession and DeleteSessions
	movesFaces    bool // see MoveFaces
	events        []chat.Event
	entries       []chat.Entry // see CreateEntry
}

var _ chat.Tx = (*tx)(nil)

// Publish keeps an event until the commit.
func (t *tx) Publish(e chat.Event) { t.events = append(t.events, e) }

// undo takes back what the item wrote. Its error means that the transaction itself is lost.
func (t *tx) undo() error {
	if !t.wrote || t.batch.alone {
		return nil
	}
	if _, err := t.batch.conn.ExecContext(t.batch.ctx, `ROLLBACK TO item`); err != nil {
		return fmt.Errorf("undo a write: %w", err)
	}
	return nil
}

// save sets the item's savepoint, in place of the last item's.
func (t *tx) save() error {
	if t.wrote || t.batch.alone {
		return nil
	}
	text := `SAVEPOINT item`
	if t.batch.marked {
		text = `RELEASE item; SAVEPOINT item`
	}
	if _, err := t.batch.conn.ExecContext(t.batch.ctx, text); err != nil {
		return fmt.Errorf("begin a write: %w", err)
	}
	t.wrote, t.batch.marked = true, true
	return nil
}

func (t *tx) exec(text string, args ...any) error {
	if err := t.save(); err != nil {
		return err
	}
	_, err := t.batch.conn.ExecContext(t.batch.ctx, t.batch.db.sql(text), args...)
	return err
}

// change runs a statement that gives back what it wrote (RETURNING).
func (t *tx) change(text string, args ...any) row {
	if err := t.save(); err != nil {
		return failed{err}
	}
	return t.batch.conn.QueryRowContext(t.batch.ctx, t.batch.db.sql(text), args...)
}

func (t *tx) row(text string, args ...any) row {
	return t.batch.conn.QueryRowContext(t.batch.ctx, t.batch.db.sql(text), args...)
}

func (t *tx) each(scan func(*sql.Rows) error, text string, args ...any) error {
	return t.batch.db.each(t.batch.ctx, t.batch.conn, scan, text, args...)
}

// row is what one line of a result is read from.
type row interface{ Scan(dest ...any) error }

// failed is the row of a statement that could not be run.
type failed struct{ err error }

func (f failed) Scan(...any) error { return f.err }

// Next takes the next number of a noun. See [chat.Tx].
func (t *tx) Next(noun string) (int64, error) {
	var n int64
	err := t.change(`
		INSERT INTO counters (noun, value) VALUES ($1, 1)
		ON CONFLICT (noun) DO UPDATE SET value = counters.value + 1
		RETURNING value`, noun).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("next %s number: %w", noun, err)
	}
	return n, nil
}

// MoveSecurity has security_rev rise with the batch. See [chat.Tx].
func (t *tx) MoveSecurity() error {
	t.movesSecurity = true
	return nil
}

// mayWait is asked before the transaction may have to wait for rooms' own. They wait for one that ends sessions or changes the
// settings, so what an earlier item did of that is committed first: else both would wait until PostgreSQL sees it, after a second.
func (t *tx) mayWait() error {
	rooms := t.batch.db.dialect.lane(1) != t.batch.db.dialect.lane(0)
	if rooms && (t.batch.ended || t.batch.settings) {
		return errApart
	}
	return nil
}

// MoveFaces has faces_rev rise with the batch. See [chat.AccountTx].
func (t *tx) MoveFaces() { t.movesFaces = true }
