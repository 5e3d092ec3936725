package handlers_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"chinwag/handlers"
)

func TestDrainingSaysSoAndServesOn(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	s.server.Drain(2 * time.Second)
	bob := s.newcomer(general)
	screen := bob.watches(general, 0)
	send := bob.postRequest(sendToGeneral, "body", "just in time", "key", "k1")
	bob.get("/readyz").is(http.StatusOK)
	var stopped sync.WaitGroup
	stopped.Go(s.stop)
	s.stop = stopped.Wait
	eventually(t, func() bool { return bob.get("/readyz").Status == http.StatusServiceUnavailable })
	bob.get(handlers.HealthPath).is(http.StatusOK)
	bob.do(send).is(http.StatusSeeOther)
	screen.shows("just in time")
	if _, res, err := bob.shakesHands("?room=1&after=0", nil); err == nil || res == nil || res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
		t.Errorf("a new socket while draining: %v, %v", res, err)
	}
	screen.closesWith(websocket.CloseServiceRestart)
}
