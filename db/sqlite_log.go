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
func (s *sqlite) tidy(ctx context.Context, idle bool) error {
	length, moved, err := s.checkpoint(ctx, "NOOP")
	if err != nil {
		return err
	}
	if length < s.tidied {
		s.tidied = 0 // it was begun anew
	}
	if length-max(moved, s.tidied) < logDue {
		return nil
	}
	s.tidied = length
	if idle && length > logLong {
		return s.cutLog(ctx)
	}
	_, _, err = s.checkpoint(ctx, "PASSIVE")
	return err
}

// close moves the log a last time.
func (s *sqlite) close(ctx context.Context) error {
	_, _, err := s.checkpoint(ctx, "PASSIVE")
	return err
}

// cutLog moves all of the log and empties its file, if the readers let it within a moment.
func (s *sqlite) cutLog(ctx context.Context) error {
	if err := s.waitFor(ctx, logWait); err != nil {
		return err
	}
	_, _, err := s.checkpoint(ctx, "TRUNCATE")
	return errors.Join(err, s.waitFor(ctx, busyTimeout))
}

// checkpoint moves the log and says how long it is and how much of it was moved. It may fail for want of room or because
// somebody stands in the way, and is tried again later. That is no error; a disk that fails is.
func (s *sqlite) checkpoint(ctx context.Context, mode string) (length, moved int, err error) {
	var inTheWay bool
	err = s.writer.QueryRowContext(ctx, `PRAGMA wal_checkpoint(`+mode+`)`).Scan(&inTheWay, &length, &moved)
	if err != nil {
		if err = syncFailure("checkpoint", err); !errors.Is(err, errLost) {
			err = nil
		}
	}
	return length, moved, err
}

// waitFor says how long the writer waits for somebody who holds the database.
func (s *sqlite) waitFor(ctx context.Context, patience time.Duration) error {
	_, err := s.writer.ExecContext(ctx, fmt.Sprintf(`PRAGMA busy_timeout = %d`, patience.Milliseconds()))
	return err
}
