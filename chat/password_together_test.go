package chat_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

// A link, the password it is to replace and the one who signs in with that meet on two nodes: the link is followed once, what is
// written down is what was done, and who is signed in afterwards has proved the password that counts by then.
func TestS06_ResetsMeetEverythingElse(t *testing.T) {
	t.Parallel()
	d := open(t)
	other := dbtest.OpenIn(t, d.Place)
	ann := member(t, d, "ann")
	for round := range 2 {
		current := goodPassword
		if round > 0 {
			current = "password of round 0"
		}
		token, err := d.Community.MakeResetLink(t.Context(), chat.Actor{}, ann.ID)
		must(t, err)
		s := signsInWith(t, d, "ann", current)
		lines := func(action chat.AuditAction) int {
			return dbtest.One[int](t, d, `SELECT COUNT(*) FROM audit WHERE action = $1`, string(action))
		}
		resets, changes := lines(chat.PasswordReset), lines(chat.PasswordChanged)

		var mu sync.Mutex
		done := map[string]int{}
		var all sync.WaitGroup
		does := func(what string, act func(c *chat.Community) error) {
			for _, node := range []*dbtest.DB{d, other} {
				all.Go(func() {
					err := act(node.Community)
					if err != nil && !isRefusal(err) {
						t.Errorf("%s: %v", what, err)
					}
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						done[what]++
					}
				})
			}
		}
		does("reset", func(c *chat.Community) error {
			return c.Reset(t.Context(), chat.Visit{}, token, fmt.Sprint("password of round ", round))
		})
		does("change", func(c *chat.Community) error {
			_, err := c.ChangePassword(chat.WithSession(t.Context(), s.Hash), s, chat.Visit{}, current, "changed to another one")
			return err
		})
		does("prove", func(c *chat.Community) error {
			_, err := c.Prove(chat.WithSession(t.Context(), s.Hash), s, chat.Visit{}, current)
			return err
		})
		does("sign in", func(c *chat.Community) error {
			_, _, err := c.SignIn(t.Context(), chat.Visit{}, "ann", current)
			return err
		})
		all.Wait()
		if done["reset"] > 1 || done["change"] > 1 || done["prove"] > 1 || done["reset"]+done["change"] == 0 {
			t.Errorf("done: %v", done)
		}
		if r, c := lines(chat.PasswordReset)-resets, lines(chat.PasswordChanged)-changes; r != done["reset"] || c != done["change"] {
			t.Errorf("%d resets and %d changes are written down, of %v", r, c, done)
		}
		if done["change"] > 0 && done["reset"] > 0 {
			t.Error("a link was followed that the change had made void, or the change proved what the reset had replaced")
		}
		left := dbtest.One[int](t, d, `SELECT COUNT(*) FROM sessions WHERE NOT replaced`)
		if left != done["change"] {
			t.Errorf("%d sessions go on after %v", left, done)
		}
		if done["change"] > 0 {
			token, err := d.Community.MakeResetLink(t.Context(), chat.Actor{}, ann.ID)
			must(t, err)
			must(t, d.Community.Reset(t.Context(), chat.Visit{}, token, fmt.Sprint("password of round ", round)))
		}
		if _, err := d.Community.ResetTarget(t.Context(), token); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("the link leads on: %v", err)
		}
	}
}

// signsInWith signs somebody in who has another password than everybody's.
func signsInWith(t *testing.T, d *dbtest.DB, name, password string) chat.Session {
	t.Helper()
	id, _, err := d.Community.SignIn(t.Context(), chat.Visit{}, name, password)
	must(t, err)
	return sessionOf(t, d, id.Hash())
}
