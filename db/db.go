// Package db keeps a community, in SQLite or in PostgreSQL. It holds the only SQL of the program: one text, written for
// PostgreSQL, beside the function that runs it. What differs between the two stands behind one interface, [dialect].
//
// Writes go through a queue that commits what waits together ([DB.Write]). Reads go to a pool of read-only connections
// and always name the viewer: what they may see is part of the query.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"chinwag/chat"
)

// DB is an open community. It is safe for concurrent use.
type DB struct {
	dialect  dialect
	texts    texts
	writer   *sql.DB // used by the queue alone
	reader   *sql.DB
	queue    *queue
	settings keptSettings
}

// Open opens the community at a place and brings its schema up to date. The place is an address of PostgreSQL,
// postgres://user@host/database, or a directory for SQLite, which is made when missing. Every committed event is handed
// to publisher.
func Open(ctx context.Context, place string, publisher chat.Publisher) (*DB, error) {
	if Shared(place) {
		return openPostgres(ctx, place, publisher)
	}
	return openSQLite(ctx, place, publisher)
}

// Shared says whether a place is one that several servers may use at once.
func Shared(place string) bool {
	return strings.HasPrefix(place, "postgres://") || strings.HasPrefix(place, "postgresql://")
}

// Close waits for the writes that were taken on, then closes the database. It is called once. After a failure of the disk
// the writer stays open until the process ends, because closing it would write.
func (d *DB) Close() error {
	d.queue.stop()
	if d.queue.broken.Load() {
		return errors.Join(errLost, d.reader.Close())
	}
	return errors.Join(d.dialect.close(context.Background()), d.reader.Close(), d.writer.Close())
}

// Failed gives one error when the disk failed to keep what was written. From then on every write is refused, and the
// process must end: only a new start reads what is really on the disk.
func (d *DB) Failed() <-chan error { return d.queue.failed }

// Ready says whether the database answers.
func (d *DB) Ready(ctx context.Context) error {
	var one int
	if err := d.reader.QueryRowContext(ctx, `SELECT 1 FROM community`).Scan(&one); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return nil
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// found turns the absence of a row into the rules' word for it and says what was tried of any other error. The drivers'
// errors have types of their own, so it need not know which of them is at work.
func found(err error, what string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return chat.ErrNotFound
	case away(err) || timedOut(err) || says(err, codeStalePlan) || held(err):
		return fmt.Errorf("%s: %w: %w", what, chat.ErrBusy, err)
	default:
		return fmt.Errorf("%s: %w", what, err)
	}
}
