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

// TestBrokers holds every broker to the promises of the interface. A broker
// gives two of its nodes; they may be the same if it knows only one.
func TestBrokers(t *testing.T) {
	brokers := map[string]func(t *testing.T) (here, there realtime.Broker){
		"memory": func(*testing.T) (here, there realtime.Broker) {
			broker := realtime.NewMemory()
			return broker, broker
		},
		"NATS": func(t *testing.T) (here, there realtime.Broker) {
			server := natstest.Start(t)
			return joins(t, server, "test"), joins(t, server, "test")
		},
		"NATS that is away": func(t *testing.T) (here, there realtime.Broker) {
			broker := joins(t, natstest.Away(t), "test")
			return broker, broker
		},
	}
	promises := map[string]func(t *testing.T, here, there realtime.Broker){
		"a hint reaches every node unchanged":             reachesEveryNode,
		"a node gets its own hints at once, in order":     tellsItsOwnAtOnce,
		"a hint of another topic does not come":           keepsTopicsApart,
		"publishing to nobody is harmless":                publishesToNobody,
		"no call follows cancel":                          endsWithCancel,
		"a subscriber may publish, subscribe and cancel":  allowsCallsFromInside,
		"a subscription that was cancelled leaves others": cancelsOnlyOne,
		"all of it at the same time":                      allowsAllAtOnce,
	}
	for broker, open := range brokers {
		for promise, check := range promises {
			t.Run(broker+"/"+promise, func(t *testing.T) {
				t.Parallel()
				here, there := open(t)
				check(t, here, there)
			})
		}
	}
}

// publishUntil repeats a hint until the subscriber saw it, since a broker may
// lose one.
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

func reachesEveryNode(t *testing.T, here, there realtime.Broker) {
	for _, hint := range []realtime.Hint{
		{Topic: "room/12", Rev: 345, Kind: "message.posted"},
		{Topic: "people", Who: 1 << 62, Kind: "session.ended"},
		{Topic: "empty"},
	} {
		for _, node := range []realtime.Broker{here, there} {
			seen, cancel := subscribe(node, hint.Topic)
			publishUntil(t, here, hint, seen)
			cancel()
		}
	}
}

func tellsItsOwnAtOnce(t *testing.T, here, _ realtime.Broker) {
	var first, second book
	defer here.Subscribe("room/12", first.note)()
	defer here.Subscribe("room/12", second.note)()
	var want []realtime.Hint
	for rev := range int64(10_000) {
		hint := realtime.Hint{Topic: "room/12", Rev: rev}
		want = append(want, hint)
		here.Publish(hint)
	}
	for _, b := range []*book{&first, &second} {
		if diff := cmp.Diff(want, b.list()); diff != "" {
			t.Error(diff)
		}
	}
}

func keepsTopicsApart(t *testing.T, here, there realtime.Broker) {
	var all book
	for _, node := range []realtime.Broker{here, there} {
		defer node.Subscribe("room/1", all.note)()
	}
	seen, cancel := subscribe(there, "room/12")
	defer cancel()
	for _, topic := range []string{"room", "room/12", "room/1/2", "people", "1", ""} {
		here.Publish(realtime.Hint{Topic: topic, Rev: 1})
	}
	publishUntil(t, here, realtime.Hint{Topic: "room/12", Rev: 2}, seen)
	if got := all.list(); len(got) > 0 {
		t.Errorf("came as well: %+v", got)
	}
}

func publishesToNobody(_ *testing.T, here, _ realtime.Broker) {
	here.Publish(realtime.Hint{Topic: "room/12", Rev: 1})
}

func endsWithCancel(t *testing.T, here, there realtime.Broker) {
	for _, node := range []realtime.Broker{here, there} {
		var ended book
		cancelFirst := node.Subscribe("room/12", ended.note)
		seen, cancel := subscribe(node, "room/12")
		publishUntil(t, here, realtime.Hint{Topic: "room/12", Rev: 1}, seen)
		cancelFirst()
		cancelFirst()
		before := len(ended.list())
		for rev := range int64(10) {
			publishUntil(t, here, realtime.Hint{Topic: "room/12", Rev: 2 + rev}, seen)
		}
		cancel()
		// From another node one may have been under way.
		if got := len(ended.list()); before == 0 || got != before && node == here {
			t.Errorf("%d calls, and %d when it was cancelled", got, before)
		}
	}
}

func allowsCallsFromInside(t *testing.T, here, there realtime.Broker) {
	var once sync.Once
	itself, inner := make(chan func(), 1), make(chan func(), 1)
	answers := make(chan realtime.Hint, 1)
	itself <- there.Subscribe("question", func(realtime.Hint) {
		once.Do(func() {
			inner <- there.Subscribe("answer", func(hint realtime.Hint) { answers <- hint })
			there.Publish(realtime.Hint{Topic: "answer", Rev: 1})
			(<-itself)()
		})
	})
	seen, cancel := subscribe(there, "question")
	defer cancel()
	publishUntil(t, here, realtime.Hint{Topic: "question", Rev: 1}, seen)
	<-answers
	(<-inner)()
}

func cancelsOnlyOne(t *testing.T, here, there realtime.Broker) {
	_, cancelFirst := subscribe(there, "room/12")
	seen, cancel := subscribe(there, "room/12")
	_, cancelLast := subscribe(there, "room/12")
	defer cancel()
	cancelFirst()
	cancelLast()
	publishUntil(t, here, realtime.Hint{Topic: "room/12", Rev: 1}, seen)
}

func allowsAllAtOnce(t *testing.T, here, there realtime.Broker) {
	var running sync.WaitGroup
	for i := range 8 {
		node := []realtime.Broker{here, there}[i%2]
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
	seen, cancel := subscribe(there, "room/1") // which nobody did lately
	defer cancel()
	publishUntil(t, here, realtime.Hint{Topic: "room/1", Rev: 1000}, seen)
}
