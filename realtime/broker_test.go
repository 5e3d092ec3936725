package realtime_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chinwag/realtime"
	"chinwag/realtime/natstest"
)

// nodes are two of a broker's nodes, which are the same if it knows only one.
type nodes struct {
	here, there realtime.Broker
	carried     func() int // how many hints came to a node from another
}

// alone is a node that no other is joined to.
func alone(node realtime.Broker) nodes { return nodes{node, node, func() int { return 0 }} }

// TestBrokers holds every broker to the promises of the interface.
func TestBrokers(t *testing.T) {
	brokers := map[string]func(t *testing.T) nodes{
		"memory": func(*testing.T) nodes { return alone(realtime.NewMemory()) },
		"NATS": func(t *testing.T) nodes {
			server := natstest.Start(t)
			return nodes{joins(t, server, "test"), joins(t, server, "test"), server.Sent}
		},
		"NATS that is away": func(t *testing.T) nodes { return alone(joins(t, natstest.Away(t), "test")) },
	}
	promises := map[string]func(*testing.T, nodes){
		"publishing never waits":                          neverWaits,
		"a hint reaches every node unchanged":             reachesEveryNode,
		"a node gets its own hints at once, in order":     tellsItsOwnAtOnce,
		"a hint of another topic does not come":           keepsTopicsApart,
		"what nobody follows does not reach a node":       carriesOnlyWhatIsFollowed,
		"no call follows cancel":                          endsWithCancel,
		"a subscriber may publish, subscribe and cancel":  allowsCallsFromInside,
		"a subscription that was cancelled leaves others": cancelsOnlyOne,
		"all of it at the same time":                      allowsAllAtOnce,
	}
	for broker, open := range brokers {
		for promise, holds := range promises {
			t.Run(broker+"/"+promise, func(t *testing.T) {
				t.Parallel()
				holds(t, open(t))
			})
		}
	}
}

// publishUntil repeats a hint until the subscriber saw it, since a broker may lose one.
func publishUntil(t *testing.T, broker realtime.Broker, hint realtime.Hint, seen <-chan realtime.Hint) {
	t.Helper()
	for late := time.After(20 * time.Second); ; {
		broker.Publish(hint)
		select {
		case got := <-seen:
			if got == hint {
				return
			}
		case <-time.After(time.Millisecond):
		case <-late:
			t.Fatalf("%+v did not arrive", hint)
		}
	}
}

// subscribe puts hints into a channel and forgets what does not fit.
func subscribe(broker realtime.Broker, topic string) (seen <-chan realtime.Hint, cancel func()) {
	hints := make(chan realtime.Hint, 1)
	cancel = broker.Subscribe(topic, func(hint realtime.Hint) {
		select {
		case hints <- hint:
		default:
		}
	})
	return hints, cancel
}

// soon waits for what takes a try or two to connect.
func soon(t *testing.T, holds func() bool) {
	t.Helper()
	const patience = 20 * time.Second
	late := time.After(patience)
	for !holds() {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-late:
			t.Fatalf("it did not happen within %v", patience)
		}
	}
}

// holdsUpNobody holds that a node goes on at once, whatever others do.
func holdsUpNobody(t *testing.T, node realtime.Broker) {
	t.Helper()
	begin := time.Now()
	for rev := range int64(50_000) {
		node.Publish(realtime.Hint{Topic: "room/12", Rev: rev})
	}
	for i := range 100 {
		node.Subscribe(fmt.Sprint("room/", i), func(realtime.Hint) {})()
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

// holdUp has one node tell another something that it does not come back from, until it is let go.
func holdUp(t *testing.T, here, there realtime.Broker) (letGo func()) {
	t.Helper()
	entered, leave := make(chan realtime.Hint, 1), make(chan struct{})
	there.Subscribe("room/12", func(hint realtime.Hint) {
		select {
		case entered <- hint:
		default:
		}
		<-leave
	})
	publishUntil(t, here, posted, entered)
	return func() { close(leave) }
}

// book keeps what a subscriber is called with.
type book struct {
	mu    sync.Mutex
	hints []realtime.Hint
}

func (b *book) note(hint realtime.Hint) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hints = append(b.hints, hint)
}

func (b *book) list() []realtime.Hint {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.hints)
}

func neverWaits(t *testing.T, n nodes) {
	if n.there != n.here {
		defer holdUp(t, n.here, n.there)()
	}
	holdsUpNobody(t, n.here)
}

func reachesEveryNode(t *testing.T, n nodes) {
	for _, hint := range []realtime.Hint{
		{Topic: "room/12", Rev: 345, Kind: "message.posted"},
		{Topic: "people", Who: 1 << 62, Kind: "session.ended"},
		{Topic: "empty"},
	} {
		for _, node := range []realtime.Broker{n.here, n.there} {
			seen, cancel := subscribe(node, hint.Topic)
			publishUntil(t, n.here, hint, seen)
			cancel()
		}
	}
}

func tellsItsOwnAtOnce(t *testing.T, n nodes) {
	var first, second book
	defer n.here.Subscribe("room/12", first.note)()
	defer n.here.Subscribe("room/12", second.note)()
	var want []realtime.Hint
	for rev := range int64(10_000) {
		hint := realtime.Hint{Topic: "room/12", Rev: rev}
		want = append(want, hint)
		n.here.Publish(hint)
	}
	for _, b := range []*book{&first, &second} {
		if diff := cmp.Diff(want, b.list()); diff != "" {
			t.Error(diff)
		}
	}
}

func keepsTopicsApart(t *testing.T, n nodes) {
	n.here.Publish(realtime.Hint{Topic: "room/12", Rev: 1}) // nobody is there at all
	var all book
	for _, node := range []realtime.Broker{n.here, n.there} {
		defer node.Subscribe("room/1", all.note)()
	}
	seen, cancel := subscribe(n.there, "room/12")
	defer cancel()
	for _, topic := range []string{"room", "room/12", "room/1/2", "people", "1", ""} {
		n.here.Publish(realtime.Hint{Topic: topic, Rev: 1})
	}
	publishUntil(t, n.here, realtime.Hint{Topic: "room/12", Rev: 2}, seen)
	if got := all.list(); len(got) > 0 {
		t.Errorf("came as well: %+v", got)
	}
}

func carriesOnlyWhatIsFollowed(t *testing.T, n nodes) {
	seen, cancel := subscribe(n.there, "room/12")
	defer cancel()
	left, cancelLeft := subscribe(n.there, "room/13")
	publishUntil(t, n.here, realtime.Hint{Topic: "room/13", Rev: 1}, left)
	cancelLeft()
	const idle = 2000
	last := realtime.Hint{Topic: "room/12"}
	for _, topic := range []string{"room/13", "room/14"} {
		soon(t, func() bool { // leaving is noticed a moment later
			before := n.carried()
			for rev := range int64(idle) {
				n.here.Publish(realtime.Hint{Topic: topic, Rev: rev})
			}
			last.Rev++
			publishUntil(t, n.here, last, seen)
			return n.carried()-before < idle/2
		})
	}
}

func endsWithCancel(t *testing.T, n nodes) {
	for _, node := range []realtime.Broker{n.here, n.there} {
		var ended book
		cancelFirst := node.Subscribe("room/12", ended.note)
		seen, cancel := subscribe(node, "room/12")
		publishUntil(t, n.here, realtime.Hint{Topic: "room/12", Rev: 1}, seen)
		cancelFirst()
		cancelFirst()
		before := len(ended.list())
		for rev := range int64(10) {
			publishUntil(t, n.here, realtime.Hint{Topic: "room/12", Rev: 2 + rev}, seen)
		}
		cancel()
		// From another node one may have been under way.
		if got := len(ended.list()); before == 0 || got != before && node == n.here {
			t.Errorf("%d calls, and %d when it was cancelled", got, before)
		}
	}
}

func allowsCallsFromInside(t *testing.T, n nodes) {
	var once sync.Once
	itself, inner := make(chan func(), 1), make(chan func(), 1)
	answers := make(chan realtime.Hint, 1)
	itself <- n.there.Subscribe("question", func(realtime.Hint) {
		once.Do(func() {
			inner <- n.there.Subscribe("answer", func(hint realtime.Hint) { answers <- hint })
			n.there.Publish(realtime.Hint{Topic: "answer", Rev: 1})
			(<-itself)()
		})
	})
	seen, cancel := subscribe(n.there, "question")
	defer cancel()
	publishUntil(t, n.here, realtime.Hint{Topic: "question", Rev: 1}, seen)
	<-answers
	(<-inner)()
}

func cancelsOnlyOne(t *testing.T, n nodes) {
	_, cancelFirst := subscribe(n.there, "room/12")
	seen, cancel := subscribe(n.there, "room/12")
	_, cancelLast := subscribe(n.there, "room/12")
	defer cancel()
	cancelFirst()
	cancelLast()
	publishUntil(t, n.here, realtime.Hint{Topic: "room/12", Rev: 1}, seen)
}

func allowsAllAtOnce(t *testing.T, n nodes) {
	var running sync.WaitGroup
	for i := range 8 {
		node := []realtime.Broker{n.here, n.there}[i%2]
		running.Go(func() {
			for rev := range int64(300) {
				topic := fmt.Sprint("room/", rev%3)
				var own book
				cancel := node.Subscribe(topic, own.note)
				hint := realtime.Hint{Topic: topic, Rev: rev, Who: int64(i)}
				node.Publish(hint)
				cancel()
				if !slices.Contains(own.list(), hint) {
					t.Errorf("%+v did not arrive", hint)
				}
			}
		})
	}
	running.Wait()
	seen, cancel := subscribe(n.there, "room/1") // which nobody did lately
	defer cancel()
	publishUntil(t, n.here, realtime.Hint{Topic: "room/1", Rev: 1000}, seen)
}
