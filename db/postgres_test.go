//go:build postgres

package db_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// An address may name several servers, of which the driver looks for the one that takes writes.
func TestAddressThatAsksForWhoTakesWrites(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenIn(t, dbtest.Place(t)+"&target_session_attrs=read-write")
	must(t, d.Ready(t.Context()))
	d.NewPerson(t, "ann")
	_, err := d.Reader().ExecContext(t.Context(), `UPDATE community SET name = 'changed'`)
	var fault *pgconn.PgError
	if !errors.As(err, &fault) || fault.Code != "25006" {
		t.Errorf("a reader that writes is answered %v", err)
	}
	note, err := db.Examine(t.Context(), d.Place)
	must(t, err)
	if note != "" {
		t.Errorf("it is noted: %s", note)
	}
}

// A migration may take longer than a server's statements.
func TestMigrationTakesItsTime(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.Exec(t, `DELETE FROM goose_db_version WHERE version_id > 5`)
	d.Exec(t, `ALTER TABLE sessions DROP COLUMN proved_at, DROP COLUMN replaced`)
	beside := dbtest.Beside(t, d.Place)
	hold, err := beside.BeginTx(t.Context(), nil)
	must(t, err)
	_, err = hold.ExecContext(t.Context(), `LOCK TABLE goose_db_version IN EXCLUSIVE MODE`)
	must(t, err)
	opened := make(chan error, 1)
	go func() {
		other, err := db.Open(t.Context(), d.Place+"&statement_timeout=1000", &dbtest.Events{})
		if err == nil {
			err = other.Close()
		}
		opened <- err
	}()
	eventually(t, func() bool {
		select {
		case err := <-opened:
			t.Fatalf("it did not wait: %v", err)
		default:
		}
		return dbtest.One[int](t, d, `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()
			AND wait_event_type = 'Lock' AND now() - query_start > interval '1.2 seconds'`) > 0
	})
	must(t, hold.Rollback())
	must(t, <-opened)
}

// Who cannot read because somebody holds a table, or because it takes too long, may come again.
func TestReadsThatAreHeldUp(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]string{"a lock": "&lock_timeout=100", "a statement": "&statement_timeout=2000"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			ann := d.NewPerson(t, "ann")
			room := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
			far := dbtest.OpenIn(t, d.Place+limit)
			hold, err := dbtest.Beside(t, d.Place).BeginTx(t.Context(), nil)
			must(t, err)
			_, err = hold.ExecContext(t.Context(), `LOCK TABLE rooms, messages IN ACCESS EXCLUSIVE MODE`)
			must(t, err)
			if _, err := far.Room(t.Context(), ann, room); !errors.Is(err, chat.ErrBusy) {
				t.Errorf("a room is answered with %v", err)
			}
			if _, err := far.CatchUp(t.Context(), room, 0); !errors.Is(err, chat.ErrBusy) {
				t.Errorf("a catch-up is answered with %v", err)
			}
			must(t, hold.Rollback())
			_, err = far.Room(t.Context(), ann, room)
			must(t, err)
		})
	}
}

// The secret is made like anything else that is written: in turn, and by the first who comes.
func TestSecret(t *testing.T) {
	t.Parallel()
	on := nodes(t, 3)
	made := make(chan []byte, len(on))
	for _, d := range on {
		go func() {
			secret, err := d.Secret(t.Context())
			if err != nil || len(secret) != 32 {
				t.Errorf("%d bytes, %v", len(secret), err)
			}
			made <- secret
		}()
	}
	first := <-made
	for range on[1:] {
		same(t, <-made, first)
	}
	far := dbtest.OpenIn(t, on[0].Place+"&lock_timeout=100")
	letGo := dbtest.HoldWrites(t, dbtest.Beside(t, on[0].Place))
	if _, err := far.Secret(t.Context()); !errors.Is(err, chat.ErrBusy) {
		t.Errorf("while others write, it is answered with %v", err)
	}
	letGo()
	again, err := far.Secret(t.Context())
	must(t, err)
	same(t, again, first)
}
