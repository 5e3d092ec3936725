package handlers_test

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/realtime"
)

// deaf is a peer that opens a room's socket and never reads from it.
func (s *site) deaf() {
	s.t.Helper()
	before := s.server.OpenSockets()
	wire := s.wire()
	if conn, ok := wire.conn.(*net.TCPConn); ok {
		must(s.t, conn.SetReadBuffer(4<<10))
	}
	wire.sends(s.newcomer(general).handshake(""))
	eventually(s.t, func() bool { return s.server.OpenSockets() == before+1 })
}

// Whoever does not read is not waited for: the others get at once what is said, and what waits for the deaf is bounded.
func TestS32_PeersThatNeverReadHoldNobodyUp(t *testing.T) {
	s := openSite(t, withoutLimits)
	good := s.newcomer(general).watches(general, 0)
	good.stays()
	for range 10 {
		s.deaf()
	}
	root := s.userID("root")
	before, slowest := heap(), time.Duration(0)
	for n := range 300 { // five megabytes: more than a connection takes unread
		text := fmt.Sprintf("number%d %s", n, strings.Repeat("😀", 3900))
		started := time.Now()
		_, err := s.community.Post(context.Background(), root, general, text, chat.NewToken(16))
		must(t, err)
		good.shows(strings.Fields(text)[0])
		slowest = max(slowest, time.Since(started))
		good.forgets()
	}
	if slowest > 2*time.Second {
		t.Errorf("somebody else waited %v", slowest)
	}
	runtime.GC()
	if grown := int64(heap()) - int64(before); grown > 10*2*realtime.DefaultBound+20<<20 {
		t.Errorf("memory grew by %d MiB", grown>>20)
	}
	s.restarts() // which they do not hold up either
	s.newcomer(general).watches(general, 300).stays()
}
