package db_test

import (
	"context"
	"strings"
	"testing"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// open gives a test its database.
func open(tb testing.TB) *dbtest.DB {
	tb.Helper()
	return dbtest.Open(tb)
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func TestReadersCannotWrite(t *testing.T) {
	t.Parallel()
	d := open(t)
	if _, err := d.Reader().ExecContext(t.Context(), `UPDATE community SET name = 'x'`); err == nil {
		t.Error("a reader wrote")
	}
}

func TestForeignKeysHold(t *testing.T) {
	t.Parallel()
	d := open(t)
	err := d.Write(t.Context(), 0, func(tx chat.Tx) error {
		return tx.CreateMembership(chat.Membership{Room: 404, User: 404, Role: chat.MemberPlain})
	})
	if err == nil || !strings.Contains(strings.ToLower(err.Error()), "foreign key") {
		t.Errorf("a membership of nobody in nothing: %v", err)
	}
}

func TestReadyTellsAClosedDatabase(t *testing.T) {
	t.Parallel()
	d, err := db.Open(t.Context(), dbtest.Place(t), &dbtest.Events{})
	must(t, err)
	must(t, d.Ready(t.Context()))
	must(t, d.Close())
	if err := d.Ready(context.Background()); err == nil {
		t.Error("ready after Close")
	}
}
