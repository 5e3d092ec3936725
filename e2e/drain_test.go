package e2e

import (
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

// TestDeploy tells the program to go while people write and many pages look on, and starts the next one at once, as a deploy
// does: no send fails that is tried again, every page is told to come back and does, and the program ends well, in time.
func TestDeploy(t *testing.T) {
	t.Parallel()
	const endsWithin = 30 * time.Second
	site := openSite(t)
	c := site.crowd(6, 40)
	c.begins()
	for range 2 {
		c.waits(300*time.Millisecond, 600*time.Millisecond)
		c.areWatching()
		began := time.Now()
		must(t, site.run.Process.Signal(syscall.SIGTERM))
		c.record.happened("told to go")
		ready := 0
		eventually(t, "it is not ready", func() bool { ready = site.answers("/readyz"); return ready != http.StatusOK })
		if ready != http.StatusServiceUnavailable {
			t.Errorf("on its way out it says %d", ready)
		}
		if err := site.ended(); err != nil {
			t.Errorf("it did not end well: %v", err)
		}
		if took := time.Since(began); took > endsWithin {
			t.Errorf("it ended after %v", took)
		}
		site.isClean()
		site.starts()
		c.record.happened("started")
	}
	c.areWatching()
	c.ends()
	for _, w := range c.watchers {
		if w.restless {
			continue // its line may have dropped just then
		}
		if w.closes[websocket.CloseServiceRestart] != 2 || len(w.closes) != 1 {
			t.Errorf("%s was closed with %v, not twice with %d", w.name, w.closes, websocket.CloseServiceRestart)
		}
	}
	site.stops()
	site.isSound()
}

// areWatching waits until every page has its socket.
func (c *crowd) areWatching() {
	c.t.Helper()
	for _, w := range c.watchers {
		eventually(c.t, w.name+" is live", func() bool { return w.restless || w.isLive() })
	}
}
