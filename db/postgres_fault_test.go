//go:build postgres

package db_test

import (
	"database/sql"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// What each of PostgreSQL's errors comes to.
func TestFaults(t *testing.T) {
	t.Parallel()
	conn, err := dbtest.Beside(t, dbtest.Place(t)).Conn(t.Context())
	must(t, err)
	t.Cleanup(func() { must(t, conn.Close()) })
	// What becomes of the transaction after an item's error.
	const (
		goesOn = "goes on"
		again  = "is run again"
		ends   = "ends"
	)
	errs := map[string]error{"away": db.ErrAway, "again": db.ErrAgain, "busy": chat.ErrBusy, "no space": chat.ErrNoSpace}
	for name, c := range map[string]struct {
		code, transaction, failure string
		busy                       bool // so a read is answered
	}{
		"connection_failure":                  {"08006", ends, "away", true},
		"foreign_key_violation":               {"23503", goesOn, "", false},
		"unique_violation":                    {"23505", again, "", false},
		"check_violation":                     {"23514", goesOn, "", false},
		"read_only_sql_transaction":           {"25006", ends, "away", false},
		"idle_in_transaction_session_timeout": {"25P03", ends, "away", true},
		"serialization_failure":               {"40001", ends, "again", false},
		"deadlock_detected":                   {"40P01", ends, "again", false},
		"syntax_error":                        {"42601", ends, "", false},
		"disk_full":                           {"53100", ends, "no space", false},
		"too_many_connections":                {"53300", ends, "away", true},
		"lock_not_available":                  {"55P03", ends, "busy", true},
		"query_canceled":                      {"57014", ends, "busy", true},
		"admin_shutdown":                      {"57P01", ends, "away", true},
		"crash_shutdown":                      {"57P02", ends, "away", true},
		"cannot_connect_now":                  {"57P03", ends, "away", true},
	} {
		t.Run(name, func(t *testing.T) {
			err := raised(t, conn, c.code)
			transaction := ends
			switch broke := db.Broke(conn, err); {
			case broke == nil:
				transaction = goesOn
			case errors.Is(broke, db.ErrAgain):
				transaction = again
			}
			if transaction != c.transaction {
				t.Errorf("its transaction %s, want: %s", transaction, c.transaction)
			}
			failure := db.Failure(err)
			for word, meaning := range errs {
				if errors.Is(failure, meaning) != (word == c.failure) {
					t.Errorf("as a failure it is %v, want %q", failure, c.failure)
				}
			}
			found := db.Found(err, "read")
			if !errors.Is(found, err) || errors.Is(found, chat.ErrBusy) != c.busy {
				t.Errorf("a read is answered with %v", found)
			}
		})
	}
}

// raised has PostgreSQL give an error.
func raised(t *testing.T, conn *sql.Conn, code string) error {
	t.Helper()
	_, err := conn.ExecContext(t.Context(), `DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '`+code+`'; END $$`)
	var fault *pgconn.PgError
	if !errors.As(err, &fault) || fault.Code != code {
		t.Fatalf("raised %s and got %v", code, err)
	}
	return err
}
