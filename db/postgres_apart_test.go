//go:build postgres

package db_test

import (
	"testing"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

// A transaction that ends sessions, or changes the settings, does not wait for a room: those who write there may be waiting for
// it. So what comes after it in the queue, and waits for a room or for another session that is in use, is not part of it.
func TestWhatRoomsWaitForIsCommittedFirst(t *testing.T) {
	t.Parallel()
	newcomer := func(room chat.RoomID, user chat.UserID) func(chat.Tx) error {
		return func(tx chat.Tx) error {
			return tx.CreateMembership(chat.Membership{Room: room, User: user, Role: chat.MemberPlain})
		}
	}
	const held = `SELECT 1 FROM rooms FOR NO KEY UPDATE`
	for name, c := range map[string]struct {
		ends  func(chat.Tx, chat.UserID, chat.SessionHash) error
		waits func(chat.RoomID, chat.UserID) func(chat.Tx) error
		held  string
	}{
		"all sessions, a newcomer": {
			func(tx chat.Tx, ann chat.UserID, _ chat.SessionHash) error { return tx.DeleteSessions(ann, "") }, newcomer, held,
		},
		"a session, a newcomer": {
			func(tx chat.Tx, _ chat.UserID, anns chat.SessionHash) error {
				_, err := tx.DeleteSession(anns)
				return err
			}, newcomer, held,
		},
		"all sessions, another's": {
			func(tx chat.Tx, ann chat.UserID, _ chat.SessionHash) error { return tx.DeleteSessions(ann, "") },
			func(_ chat.RoomID, bob chat.UserID) func(chat.Tx) error {
				return func(tx chat.Tx) error { return tx.DeleteSessions(bob, "") }
			}, `SELECT 1 FROM sessions WHERE user_id = 2 FOR KEY SHARE`,
		},
		"the settings, a newcomer": {
			func(tx chat.Tx, ann chat.UserID, _ chat.SessionHash) error {
				if err := tx.SaveSettings(chat.Settings{Name: "Ours", Zone: "UTC"}); err != nil {
					return err
				}
				return tx.DeleteSessions(ann, "") // by which it is seen
			}, newcomer, held,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			ann, bob := d.NewPerson(t, "ann"), d.NewPerson(t, "bob")
			room := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
			anns := signIn(t, d, ann)
			signIn(t, d, bob)
			busy, err := dbtest.Beside(t, d.Place).BeginTx(t.Context(), nil)
			must(t, err)
			_, err = busy.ExecContext(t.Context(), c.held)
			must(t, err)

			first, release := make(chan struct{}), make(chan struct{})
			answers := make(chan error, 3)
			write := func(fn func(chat.Tx) error) { answers <- d.Write(t.Context(), 0, fn) }
			go write(func(chat.Tx) error {
				close(first)
				<-release
				return nil
			})
			<-first // what comes now waits together
			go write(func(tx chat.Tx) error { return c.ends(tx, ann, anns) })
			eventually(t, func() bool { return d.Waiting() == 1 })
			go write(c.waits(room, bob))
			eventually(t, func() bool { return d.Waiting() == 2 })
			close(release)
			eventually(t, func() bool {
				return dbtest.One[int](t, d, `SELECT COUNT(*) FROM sessions WHERE user_id = $1`, ann) == 0
			})
			must(t, busy.Rollback())
			for range cap(answers) {
				must(t, <-answers)
			}
			checkWhole(t, d)
		})
	}
}
