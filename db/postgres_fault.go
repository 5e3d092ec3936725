package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"chinwag/chat"
)

// What PostgreSQL's errors are about: https://www.postgresql.org/docs/current/errcodes-appendix.html.
const (
	classConnection  = "08"
	classConstraint  = "23"
	classCancelled   = "57P"   // by an administrator, a crash or a start; 57014 is a statement that took too long
	codeStalePlan    = "0A000" // a statement was prepared before a migration changed what it gives
	codeDuplicate    = "23505"
	codeReadOnly     = "25006" // we reached a standby
	codeIdle         = "25P03" // we were stopped in the middle of a transaction
	codeSerialize    = "40001"
	codeDeadlock     = "40P01"
	codeDiskFull     = "53100"
	codeConnections  = "53300"
	codeTimeout      = "57014"
	codeNotAvailable = "55P03"
)

// broke finds out what an item's error did to the transaction. A duplicate was written by another node after our rule had
// looked: run again, the rule finds it.
func (p postgres) broke(conn *sql.Conn, answer error) error {
	var fault *pgconn.PgError
	switch {
	case away(answer) || closed(conn):
		return answer
	case !errors.As(answer, &fault):
		return nil
	case fault.Code == codeDuplicate:
		return fmt.Errorf("%w: %w", errAgain, answer)
	case strings.HasPrefix(fault.Code, classConstraint):
		return nil
	default:
		return answer
	}
}

// closed says whether a connection is of no use any more.
func closed(conn *sql.Conn) (is bool) {
	err := conn.Raw(func(c any) error {
		is = c.(*stdlib.Conn).Conn().IsClosed()
		return nil
	})
	return is || err != nil
}

func (postgres) failure(what string, err error) error {
	var fault *pgconn.PgError
	code := ""
	if errors.As(err, &fault) {
		code = fault.Code
	}
	meaning := error(nil)
	switch {
	case errors.Is(err, errAgain):
		return err
	case code == codeSerialize || code == codeDeadlock || code == codeStalePlan:
		meaning = errAgain
	case code == codeDiskFull:
		meaning = chat.ErrNoSpace
	case timedOut(err):
		meaning = chat.ErrBusy
	case away(err) || code == codeReadOnly:
		meaning = errAway
	default:
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%s: %w: %w", what, meaning, err)
}

// timedOut says whether PostgreSQL ended a statement that took too long or waited too long for others.
func timedOut(err error) bool { return says(err, codeTimeout) || says(err, codeNotAvailable) }

// says tells whether PostgreSQL's error has a code.
func says(err error, code string) bool {
	var fault *pgconn.PgError
	return errors.As(err, &fault) && fault.Code == code
}

// away says whether PostgreSQL cannot be reached, or ended the connection.
func away(err error) bool {
	var fault *pgconn.PgError
	if errors.As(err, &fault) {
		return strings.HasPrefix(fault.Code, classCancelled) || strings.HasPrefix(fault.Code, classConnection) || fault.Code == codeConnections ||
			fault.Code == codeIdle
	}
	var refused *pgconn.ConnectError
	var broken net.Error
	return errors.As(err, &refused) || errors.As(err, &broken) && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err)
}
