package db

import (
	"database/sql"
	"errors"
	"fmt"
	"syscall"

	"github.com/mattn/go-sqlite3"

	"chinwag/chat"
)

// broke finds out whether the database itself failed, not a rule. SQLite may have undone the whole transaction by then,
// and what follows would be committed alone.
func (*sqlite) broke(_ *sql.Conn, answer error) error {
	var fault sqlite3.Error
	if errors.As(answer, &fault) && fault.Code != sqlite3.ErrConstraint {
		return answer
	}
	return nil
}

func (*sqlite) failure(what string, err error) error {
	meaning := error(nil)
	switch {
	case notSynced(err):
		meaning = errLost
	case full(err):
		meaning = chat.ErrNoSpace
	case held(err):
		meaning = chat.ErrBusy
	default:
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%s: %w: %w", what, meaning, err)
}

// syncFailure is the failure of a commit or of moving the log. Of these, any error of the disk leaves it unknown what is
// there.
func syncFailure(what string, err error) error {
	var fault sqlite3.Error
	if errors.As(err, &fault) && fault.Code == sqlite3.ErrIoErr && !full(err) {
		return fmt.Errorf("%s: %w: %w", what, errLost, err)
	}
	return (*sqlite)(nil).failure(what, err)
}

// held says whether another process held the database for as long as we wait for it.
func held(err error) bool {
	var fault sqlite3.Error
	return errors.As(err, &fault) && (fault.Code == sqlite3.ErrBusy || fault.Code == sqlite3.ErrLocked)
}

// full says whether there is no room on the disk. SQLite has a word for it where it writes a file, but not where it maps
// one into memory.
func full(err error) bool {
	var fault sqlite3.Error
	if !errors.As(err, &fault) || notSynced(err) {
		return false
	}
	return fault.Code == sqlite3.ErrFull ||
		fault.Code == sqlite3.ErrIoErr && (fault.SystemErrno == syscall.ENOSPC || fault.SystemErrno == syscall.EDQUOT)
}

func notSynced(err error) bool {
	var fault sqlite3.Error
	return errors.As(err, &fault) && (fault.ExtendedCode == sqlite3.ErrIoErrFsync || fault.ExtendedCode == sqlite3.ErrIoErrDirFsync)
}
