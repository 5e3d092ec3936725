package db

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// How long the write-ahead log gets, in pages.
const (
	logDue  = 1000                   // so many new ones are moved into the database, as SQLite would do by itself
	logLong = 64 << 20 / 4096        // a log of this length is cut, even if readers have to be waited for
	logWait = 100 * time.Millisecond // but no longer than so
)

// tidy moves what was written from the write-ahead log into the database when it is due, after the answers have gone out.
// SQLite would do it within a commit: the answer would wait for it, and nobody would hear of its errors. A log that readers
// keep from being begun anew is cut while nobody waits to write.
func (q *queue) tidy(idle bool) error {
	ctx := context.Background()
	length, moved, err := q.db.checkpoint(ctx, "NOOP")
	if err != nil {
		return err
	}
	if length < q.tidied {
		q.tidied = 0 // it was begun anew
	}
	if length-max(moved, q.tidied) < logDue {
		return nil
	}
	q.tidied = length
	if idle && length > logLong {
		return q.db.cutLog(ctx)
	}
	_, _, err = q.db.checkpoint(ctx, "PASSIVE")
	return err
}

// cutLog moves all of the log and empties its file, if the readers let it within a moment.
func (d *DB) cutLog(ctx context.Context) error {
	if err := d.waitFor(ctx, logWait); err != nil {
		return err
	}
	_, _, err := d.checkpoint(ctx, "TRUNCATE")
	return errors.Join(err, d.waitFor(ctx, busyTimeout))
}

// checkpoint moves the log and says how long it is and how much of it was moved. It may fail for want of room or because
// somebody stands in the way, and is tried again later. That is no error; a disk that fails is.
func (d *DB) checkpoint(ctx context.Context, mode string) (length, moved int, err error) {
	var inTheWay bool
	err = d.writer.QueryRowContext(ctx, `PRAGMA wal_checkpoint(`+mode+`)`).Scan(&inTheWay, &length, &moved)
	if err != nil {
		if err = syncFailure("checkpoint", err); !errors.Is(err, errLost) {
			err = nil
		}
	}
	return length, moved, err
}

// waitFor says how long the writer waits for somebody who holds the database.
func (d *DB) waitFor(ctx context.Context, patience time.Duration) error {
	_, err := d.writer.ExecContext(ctx, fmt.Sprintf(`PRAGMA busy_timeout = %d`, patience.Milliseconds()))
	return err
}
