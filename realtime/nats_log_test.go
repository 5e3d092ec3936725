package realtime_test

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"chinwag/realtime"
	"chinwag/realtime/natstest"
)

// syncBuffer may be written to by several.
type syncBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func TestNATSIsLoggedWhenItGoesAndComes(t *testing.T) {
	t.Parallel()
	server := natstest.Away(t)
	log := &syncBuffer{}
	joinsAt(t, strings.Replace(server.URL, "nats://", "nats://ann:s3cret@", 1), "test", log)
	for n := range 3 {
		soon(t, func() bool { return strings.Count(log.String(), "NATS is away") == n+1 })
		server.Start()
		soon(t, func() bool { return strings.Count(log.String(), "NATS is there") == n+1 })
		server.Stop()
	}
	soon(t, func() bool { return strings.Count(log.String(), "NATS is away") == 4 })
	if text := log.String(); strings.Count(text, "\n") != 7 || strings.Contains(text, "s3cret") {
		t.Errorf("logged:\n%s", text)
	}
}

func TestATryThatFailsIsNoNews(t *testing.T) {
	t.Parallel()
	away, log := natstest.Away(t), &syncBuffer{}
	joinsAt(t, away.URL, "test", log)
	var tries atomic.Int32
	beside, err := nats.Connect(
		away.URL, nats.RetryOnFailedConnect(true), nats.ReconnectWait(time.Second),
		nats.ReconnectErrHandler(func(*nats.Conn, error) { tries.Add(1) }),
	)
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	soon(t, func() bool { return tries.Load() > 3 })
	if text := log.String(); strings.Count(text, "\n") != 1 {
		t.Errorf("logged:\n%s", text)
	}
}

func TestWhatNATSForbidsIsLoggedOnce(t *testing.T) {
	t.Parallel()
	server, log := natstest.Away(t), &syncBuffer{}
	server.Wants("ann", "s3cret", "test.room.1")
	server.Start()
	url := strings.Replace(server.URL, "nats://", "nats://ann:s3cret@", 1)
	here, there := joinsAt(t, url, "test", log), joinsAt(t, url, "test", io.Discard)
	for range 1000 {
		here.Publish(realtime.Hint{Topic: "room/1"})
	}
	soon(t, func() bool { return strings.Contains(log.String(), "refuses") })
	seen, cancel := subscribe(there, "room/12")
	defer cancel()
	publishUntil(t, here, posted, seen)
	if text := log.String(); strings.Count(text, "refuses") != 1 || strings.Contains(text, "s3cret") {
		t.Errorf("logged:\n%s", text)
	}
}

// A password that was wrong for a while, here or there, is tried for ever.
func TestCredentialsInTheAddress(t *testing.T) {
	t.Parallel()
	server := natstest.Away(t)
	server.Wants("ann", "another")
	server.Start()
	url := strings.Replace(server.URL, "nats://", "nats://ann:s3cret@", 1)
	here, there := joinsAt(t, url, "test", io.Discard), joinsAt(t, url, "test", io.Discard)
	soon(t, func() bool { return server.Connections() > 8 })
	server.Stop()
	server.Wants("ann", "s3cret")
	server.Start()
	seen, cancel := subscribe(there, "room/12")
	defer cancel()
	publishUntil(t, here, posted, seen)
}

func TestAnAddressThatCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"nats://ann:s3cret@host:port", "nats://ann:s3#cret@host", "nats://[::s3cret", "nats://host\x7f/s3cret", "nats://a:1,ws://s3cret:2"} {
		_, err := realtime.ConnectNATS(url, "test", slog.New(slog.DiscardHandler))
		if err == nil || strings.Contains(err.Error(), "cret") {
			t.Errorf("%q: %v", url, err)
		}
	}
}
