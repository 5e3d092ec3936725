//go:build faults

package e2e

import (
	"context"
	"database/sql"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

// databaseLocked lets somebody else hold the database for longer than the program waits for it.
func databaseLocked(t *testing.T, all *tally) {
	site := openSite(t)
	site.hurt = true
	c := site.crowd(8, 3)
	c.begins()
	c.waits(time.Second, 2*time.Second)
	base := site.database("exclusive")
	tx, err := base.Begin()
	needs(t, "BEGIN EXCLUSIVE", err)
	c.record.happened("locked")
	began := time.Now()
	c.readsAndKeepsTexts()
	pause(context.Background(), 12*time.Second-time.Since(began))
	must(t, tx.Rollback())
	c.heals()
	c.waits(time.Second, 2*time.Second)
	all.takes(c, c.ends())
	must(t, base.Close())
	site.stops()
	site.isSound()
}

// database opens the community's beside the program.
func (s *site) database(lock string) *sql.DB {
	s.t.Helper()
	base, err := sql.Open("sqlite3", "file:"+filepath.Join(s.data, "chinwag.db")+"?_busy_timeout=2000&_txlock="+lock)
	must(s.t, err)
	s.t.Cleanup(func() { _ = base.Close() }) // it may be closed already
	return base
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

	base := site.database("immediate")
	for stopped := false; !stopped; { // not while it holds the database itself
		must(t, site.run.Process.Signal(syscall.SIGSTOP))
		_, err := base.Exec(`BEGIN IMMEDIATE; DELETE FROM sessions WHERE user_id = (SELECT id FROM users WHERE username = 'eve');
			UPDATE community SET security_rev = security_rev + 1; COMMIT`)
		if stopped = err == nil; !stopped {
			must(t, site.run.Process.Signal(syscall.SIGCONT))
			c.waits(5*time.Millisecond, 50*time.Millisecond)
		}
	}
	must(t, base.Close())
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

// shown is how many messages a page shows.
func (w *watcher) shown() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.screen == nil {
		return 0
	}
	return len(w.screen.Rows)
}
