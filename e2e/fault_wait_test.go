//go:build faults

package e2e

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"chinwag/db/dbtest"
)

// databaseLocked lets somebody else hold the database for longer than the program waits for it.
func databaseLocked(t *testing.T, all *tally) {
	site := openSite(t)
	site.hurt = true
	c := site.crowd(8, 3)
	c.begins()
	c.waits(time.Second, 2*time.Second)
	letGo := dbtest.HoldWrites(t, dbtest.Beside(t, site.place))
	c.record.happened("locked")
	began := time.Now()
	c.readsAndKeepsTexts()
	pause(context.Background(), 12*time.Second-time.Since(began))
	letGo()
	c.heals()
	c.waits(time.Second, 2*time.Second)
	all.takes(c, c.ends())
	site.stops()
	site.isSound()
}

// stoppedInTime stops the program for 20 s under load, as a machine that sleeps does. Meanwhile eve's session ends by another
// hand: when the program goes on, her page gets nothing more.
func stoppedInTime(t *testing.T, all *tally) {
	site := openSite(t)
	site.hurt = true
	c := site.crowd(8, 3)
	eve := newWatcher(site.member("eve"), c.room, newRecord(t, 1), 1)
	watching, leave := context.WithCancel(context.Background())
	t.Cleanup(leave)
	c.begins()
	c.watching.Go(func() { eve.watches(watching) })
	c.waits(time.Second, 2*time.Second)
	eventually(t, "eve sees the others", func() bool { return eve.shown() > 0 })

	for stopped := false; !stopped; { // not while it holds what is to be written
		must(t, site.run.Process.Signal(syscall.SIGSTOP))
		if stopped = site.signsOut("eve") == nil; !stopped {
			must(t, site.run.Process.Signal(syscall.SIGCONT))
			c.waits(5*time.Millisecond, 50*time.Millisecond)
		}
	}
	c.record.happened("stopped")
	pause(context.Background(), 20*time.Second)
	shown := eve.shown()
	must(t, site.run.Process.Signal(syscall.SIGCONT))
	c.heals()
	eventually(t, "eve's socket is closed", func() bool {
		eve.mu.Lock()
		defer eve.mu.Unlock()
		return eve.closes[websocket.ClosePolicyViolation] > 0
	})
	if now := eve.shown(); now > shown {
		t.Errorf("eve saw %d messages after her session had ended", now-shown)
	}
	leave()
	all.takes(c, c.ends())
	site.stops()
	site.isSound()
}

// signsOut ends all sessions of somebody, past the program.
func (s *site) signsOut(name string) error {
	s.t.Helper()
	ctx, enough := context.WithTimeout(context.Background(), 2*time.Second)
	defer enough()
	tx, err := dbtest.Beside(s.t, s.place).BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	_, deleted := tx.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = (SELECT id FROM users WHERE username = $1)`, name)
	_, moved := tx.ExecContext(ctx, `UPDATE community SET security_rev = security_rev + 1`)
	if err := errors.Join(deleted, moved); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// shown is how many messages a page shows.
func (w *watcher) shown() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.screen == nil {
		return 0
	}
	return len(w.screen.Rows)
}
