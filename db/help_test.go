package db_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// same says where two things differ.
func same[T any](tb testing.TB, got, want T) {
	tb.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Errorf("-want +got\n%s", diff)
	}
}

// eventually waits until something holds.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(10 * time.Second); !holds(); <-tick.C {
		if time.Now().After(end) {
			t.Fatal("it did not happen")
		}
	}
}

// page reads a page that must be there.
func page(tb testing.TB, d *dbtest.DB, viewer chat.UserID, room chat.RoomID, which db.Page) db.History {
	tb.Helper()
	h, err := d.History(tb.Context(), viewer, room, which)
	must(tb, err)
	return h
}

// seqs are the numbers of messages.
func seqs(list []chat.Message) []chat.Seq {
	numbers := make([]chat.Seq, len(list))
	for i, m := range list {
		numbers[i] = m.Seq
	}
	return numbers
}

// upTo is from, from+1, … to.
func upTo(from, to chat.Seq) []chat.Seq {
	numbers := []chat.Seq{}
	for n := from; n <= to; n++ {
		numbers = append(numbers, n)
	}
	return numbers
}

// checkWhole looks at whether counters, rows and revisions agree.
func checkWhole(t *testing.T, d *dbtest.DB) {
	t.Helper()
	for _, wrong := range dbtest.All[string](t, d, `
		SELECT r.name || ': ' || r.last_seq || ', ' || r.rev || ', ' || COUNT(m.seq) FROM rooms r LEFT JOIN messages m ON m.room_id = r.id
		GROUP BY r.id HAVING r.last_seq <> COUNT(m.seq) OR r.rev <> COALESCE(MAX(m.rev), 0) OR r.last_seq <> COALESCE(MAX(m.seq), 0)
			OR COUNT(m.seq) <> COUNT(DISTINCT m.rev) OR r.members <> (SELECT COUNT(*) FROM memberships p WHERE p.room_id = r.id)`) {
		t.Errorf("last number, revision and counts of room %s disagree", wrong)
	}
	for _, damage := range dbtest.Damage(t, dbtest.Beside(t, d.Place)) {
		t.Error(damage)
	}
}
