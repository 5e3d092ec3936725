//go:build postgres

package db

import "database/sql"

// What tests of PostgreSQL see of the inside.

// ErrAgain and ErrAway are how a transaction can fail and be run again.
var (
	ErrAgain = errAgain
	ErrAway  = errAway
)

// Away says whether an error means that PostgreSQL cannot be reached.
var Away = away

// Broke is what an item's error does to its transaction, and Failure what such an error means.
func Broke(conn *sql.Conn, answer error) error { return postgres{}.broke(conn, answer) }
func Failure(err error) error                  { return postgres{}.failure("write", err) }
