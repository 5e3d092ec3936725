package db

import (
	"context"
	"database/sql"
)

// What tests see of the inside.

// QueueLength and BatchLength are how much waits and how much is committed together.
const (
	QueueLength = queueLength
	BatchLength = batchLength
)

// CheckPragmas is what every start asks the database.
var CheckPragmas = checkPragmas

// Waiting is how many writes the queue has not looked at yet.
func (d *DB) Waiting() int { return len(d.queue.items) }

// Closing says whether the queue takes nothing on any more.
func (d *DB) Closing() bool {
	d.queue.closing.RLock()
	defer d.queue.closing.RUnlock()
	return d.queue.closed
}

// Writer and Reader are the two pools.
func (d *DB) Writer() *sql.DB { return d.writer }
func (d *DB) Reader() *sql.DB { return d.reader }

// Ask reads one row with a text written for PostgreSQL.
func (d *DB) Ask(ctx context.Context, text string, args []any, dest ...any) error {
	return d.reader.QueryRowContext(ctx, d.sql(text), args...).Scan(dest...)
}

// Texts are the statements that were run so far, as SQLite got them.
func (d *DB) Texts() (list []string) {
	d.texts.Range(func(_, run any) bool {
		list = append(list, run.(string))
		return true
	})
	return list
}
