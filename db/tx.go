package db

import (
	"fmt"

	"chinwag/chat"
)

// tx is one item's part of a batch. Its savepoint is set before its first write, so that a rule which refuses before
// it wrote anything costs none.
type tx struct {
	*batch
	wrote  bool
	events []chat.Event
}

var _ chat.Tx = (*tx)(nil)

// Publish keeps an event until the commit.
func (t *tx) Publish(e chat.Event) { t.events = append(t.events, e) }

// end keeps or undoes what the item wrote. Its error means that the transaction itself is lost.
func (t *tx) end(answer error) error {
	if !t.wrote || t.alone {
		return nil
	}
	if answer != nil { // a rule that refuses after it wrote is rare
		if _, err := t.sql.ExecContext(t.ctx, `ROLLBACK TO item`); err != nil {
			return fmt.Errorf("undo a write: %w", err)
		}
	}
	if _, err := t.release.ExecContext(t.ctx); err != nil {
		return fmt.Errorf("end a write: %w", err)
	}
	return nil
}

func (t *tx) save() error {
	if t.wrote || t.alone {
		return nil
	}
	if err := t.prepare(); err != nil {
		return fmt.Errorf("begin a write: %w", err)
	}
	if _, err := t.savepoint.ExecContext(t.ctx); err != nil {
		return fmt.Errorf("begin a write: %w", err)
	}
	t.wrote = true
	return nil
}

func (t *tx) exec(text string, args ...any) error {
	if err := t.save(); err != nil {
		return err
	}
	_, err := t.sql.ExecContext(t.ctx, t.db.sql(text), args...)
	return err
}

// change runs a statement that gives back what it wrote (RETURNING).
func (t *tx) change(text string, args ...any) row {
	if err := t.save(); err != nil {
		return failed{err}
	}
	return t.sql.QueryRowContext(t.ctx, t.db.sql(text), args...)
}

func (t *tx) row(text string, args ...any) row {
	return t.sql.QueryRowContext(t.ctx, t.db.sql(text), args...)
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

// MoveSecurity raises security_rev. See [chat.Tx].
func (t *tx) MoveSecurity() error {
	if err := t.exec(`UPDATE community SET security_rev = security_rev + 1`); err != nil {
		return fmt.Errorf("move security_rev: %w", err)
	}
	return nil
}
