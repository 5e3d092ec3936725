package realtime_test

import (
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"chinwag/realtime"
	"chinwag/realtime/natstest"
)

// joins is a node of a community, by the prefix that all its nodes have.
func joins(tb testing.TB, server *natstest.Server, prefix string) *realtime.NATS {
	tb.Helper()
	return joinsAt(tb, server.URL, prefix, io.Discard)
}

func joinsAt(tb testing.TB, url, prefix string, log io.Writer) *realtime.NATS {
	tb.Helper()
	broker, err := realtime.ConnectNATS(url, prefix, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(broker.Close)
	return broker
}

var posted = realtime.Hint{Topic: "room/12", Rev: 7, Kind: "message.posted"}

func TestNATSMayComeLaterAndGoAndComeBack(t *testing.T) {
	t.Parallel()
	server := natstest.Away(t)
	here, there := joins(t, server, "test"), joins(t, server, "test")
	var own book
	defer here.Subscribe("room/12", own.note)()
	seen, cancel := subscribe(there, "room/12")
	defer cancel()
	for range 3 {
		before := len(own.list())
		here.Publish(posted)
		if len(own.list()) != before+1 {
			t.Error("its own node was not told while NATS was away")
		}
		server.Start()
		publishUntil(t, here, posted, seen)
		server.Stop()
	}
}

// What nobody here follows does not come over the line at all.
func TestNATSSendsOnlyWhatIsFollowedHere(t *testing.T) {
	t.Parallel()
	server := natstest.Start(t)
	follows := func(want ...string) {
		t.Helper()
		soon(t, func() bool { return cmp.Equal(server.Subjects("test"), want) })
	}
	here, there := joins(t, server, "test"), joins(t, server, "test")
	cancelOne := here.Subscribe("room/1", func(realtime.Hint) {})
	follows("test.room.1")
	cancelAgain := here.Subscribe("room/1", func(realtime.Hint) {})
	cancelPeople := here.Subscribe("people", func(realtime.Hint) {})
	follows("test.people", "test.room.1")
	cancelThere := there.Subscribe("room/1", func(realtime.Hint) {})
	follows("test.people", "test.room.1", "test.room.1")
	cancelOne()
	cancelThere()
	cancelThere()
	follows("test.people", "test.room.1")
	cancelAgain()
	follows("test.people")
	server.Stop()
	cancelPeople()
	defer here.Subscribe("room/3", func(realtime.Hint) {})()
	server.Start()
	follows("test.room.3")
}

func TestCommunitiesOnOneNATSStayApart(t *testing.T) {
	t.Parallel()
	server := natstest.Start(t)
	here, there := joins(t, server, "ours"), joins(t, server, "ours.too")
	var theirs book
	for _, topic := range []string{"room/12", "12", "too/room/12"} {
		defer there.Subscribe(topic, theirs.note)()
	}
	again := joins(t, server, "ours")
	seen, cancel := subscribe(again, "room/12")
	defer cancel()
	publishUntil(t, here, posted, seen)
	if got := theirs.list(); len(got) > 0 {
		t.Errorf("another community got %+v", got)
	}
}

func TestWhateverElseIsSentIsIgnored(t *testing.T) {
	t.Parallel()
	server := natstest.Start(t)
	node := joins(t, server, "test")
	var got book
	defer node.Subscribe("room/12", got.note)()
	soon(t, func() bool { return len(server.Subjects("test")) == 1 })
	stranger, err := nats.Connect(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	for _, text := range append(nonsense, "8 0 the.last") {
		if err := stranger.Publish("test.room.12", []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	soon(t, func() bool { return len(got.list()) > 0 })
	if want := []realtime.Hint{{Topic: "room/12", Rev: 8, Kind: "the.last"}}; !cmp.Equal(want, got.list()) {
		t.Errorf("got %+v", got.list())
	}
}

// A node that is held up holds up no third.
func TestASlowNodeIsAlone(t *testing.T) {
	t.Parallel()
	server := natstest.Start(t)
	here, there := joins(t, server, "test"), joins(t, server, "test")
	defer holdUp(t, here, there)()
	third := joins(t, server, "test")
	seen, cancel := subscribe(third, "room/12")
	defer cancel()
	publishUntil(t, here, posted, seen)
}

// While the client connects to a server that says nothing, it is busy for seconds.
func TestAServerThatSaysNothingHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	tries := make(chan net.Conn, 10)
	go func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			tries <- conn
		}
	}()
	node := joinsAt(t, "nats://"+listener.Addr().String(), "test", io.Discard) // waits for the first try
	for range 2 {
		conn := <-tries
		defer conn.Close()
	}
	holdsUpNobody(t, node)
}

func TestADeadLineIsNoticed(t *testing.T) {
	t.Parallel()
	server := natstest.Start(t)
	wire := startWire(t, strings.TrimPrefix(server.URL, "nats://"))
	here, there := joins(t, server, "test"), joinsAt(t, "nats://"+wire.address, "test", io.Discard)
	seen, cancel := subscribe(there, "room/12")
	defer cancel()
	publishUntil(t, here, posted, seen)
	wire.freeze()
	holdsUpNobody(t, there)
	begin := time.Now()
	hint := realtime.Hint{Topic: "room/12", Rev: 1 << 40}
	publishUntil(t, here, hint, seen)
	if took := time.Since(begin); took > 11*time.Second { // ten to notice, one to come back
		t.Errorf("noticed after %v", took)
	}
}

// wire passes bytes on to a server until it freezes: then lines stay open and nothing moves on them. New ones work.
type wire struct {
	address string

	mu     sync.Mutex
	frozen chan struct{} // closed: so are the lines that were there
}

func startWire(t *testing.T, to string) *wire {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{address: listener.Addr().String(), frozen: make(chan struct{})}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", to)
			if err != nil {
				_ = near.Close()
				continue
			}
			w.mu.Lock()
			frozen := w.frozen
			w.mu.Unlock()
			go pass(t, frozen, near, far)
			go pass(t, frozen, far, near)
		}
	}()
	return w
}

// pass keeps a frozen line open until the test ends.
func pass(t *testing.T, frozen <-chan struct{}, from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		select {
		case <-frozen:
			<-t.Context().Done()
			return
		default:
		}
		if _, failed := to.Write(buffer[:n]); err != nil || failed != nil {
			return
		}
	}
}

func (w *wire) freeze() {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.frozen)
	w.frozen = make(chan struct{})
}

// Hints of the time when NATS was away are of no use to anybody.
func TestWhatIsPublishedWhileNATSIsAwayIsLost(t *testing.T) {
	t.Parallel()
	server := natstest.Start(t)
	here := joins(t, server, "test")
	server.Stop()
	const stale = 3000
	for range stale {
		here.Publish(posted)
	}
	server.Start()
	seen, cancel := subscribe(joins(t, server, "test"), "room/13")
	defer cancel()
	publishUntil(t, here, realtime.Hint{Topic: "room/13"}, seen)
	if came := server.Received(); came > stale/2 { // a few may be written just when the line breaks or comes back
		t.Errorf("%d stale hints came", came)
	}
}

// A node that has left still serves itself, and hears nothing more.
func TestANodeThatHasLeft(t *testing.T) {
	t.Parallel()
	server := natstest.Start(t)
	there := joins(t, server, "test")
	for _, url := range []string{server.URL, natstest.Away(t).URL} {
		here, err := realtime.ConnectNATS(url, "test", slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		var own book
		cancel := here.Subscribe("room/12", own.note)
		here.Close()
		there.Publish(posted)
		here.Publish(posted)
		if len(own.list()) != 1 {
			t.Errorf("got %+v", own.list())
		}
		cancel()
	}
	soon(t, func() bool { return len(server.Subjects("test")) == 0 })
}
