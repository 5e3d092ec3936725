package handlers_test

import (
	"bufio"
	"net/http"
	"runtime"
	"testing"
	"time"
)

// An idle socket has the goroutine that reads, and no other: there are thousands of them. The clients are bare lines here,
// which have none, so that all that are more are the server's. Nothing else may run meanwhile: this test is not parallel.
func TestIdleSocketsHaveOneGoroutineEach(t *testing.T) {
	const (
		sockets = 50
		workers = 5 // that the HTTP server keeps for some seconds after a request
	)
	s := openSite(t, withoutLimits)
	people := []*browser{s.newcomer(general), s.newcomer(general), s.newcomer(general)} // one may have few
	before := runtime.NumGoroutine()
	idle := func() bool {
		return s.server.OpenSockets() == sockets && runtime.NumGoroutine()-before <= sockets+workers
	}
	lines := make([]*wire, sockets)
	for i := range lines {
		lines[i] = s.wire().sends(people[i%len(people)].handshake())
		if res := lines[i].answer(); res.StatusCode != http.StatusSwitchingProtocols {
			t.Fatalf("socket %d: answered %d", i, res.StatusCode)
		}
	}
	within(t, 30*time.Second, idle)
	s.seedMessages(general, "root", 1) // nor does what is written to them leave one behind
	for _, line := range lines {
		must(t, line.conn.SetReadDeadline(time.Now().Add(20*time.Second)))
		if _, err := bufio.NewReader(line.conn).ReadByte(); err != nil {
			t.Fatal(err)
		}
	}
	within(t, 30*time.Second, idle)
}
