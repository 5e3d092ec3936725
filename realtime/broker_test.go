package realtime_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"chinwag/realtime"
)

// TestBrokers holds every broker to the promises of the interface. A broker
// gives two of its nodes; they may be the same if it knows only one.
func TestBrokers(t *testing.T) {
	brokers := map[string]func(t *testing.T) (here, there realtime.Broker){
		"memory": func(*testing.T) (here, there realtime.Broker) {
			broker := realtime.NewMemory()
			return broker, broker
		},
	}
	promises := map[string]func(t *testing.T, here, there realtime.Broker){
		"a hint reaches every node unchanged":             reachesEveryNode,
		"publishing to nobody is harmless":                publishesToNobody,
		"a slow subscriber holds up nobody":               holdsUpNobody,
		"a subscriber is called by one goroutine":         callsOneAtATime,
		"no call follows cancel":                          endsWithCancel,
		"a subscriber may publish, subscribe and cancel":  allowsCallsFromInside,
		"a subscription that was cancelled leaves others": cancelsOnlyOne,
	}
	for broker, open := range brokers {
		for promise, check := range promises {
			t.Run(broker+"/"+promise, func(t *testing.T) {
				here, there := open(t)
				check(t, here, there)
			})
		}
	}
}

// publishUntil repeats a hint until the subscriber saw it, since a broker may
// lose one.
func publishUntil(broker realtime.Broker, hint realtime.Hint, seen <-chan realtime.Hint) realtime.Hint {
	for {
		broker.Publish(hint)
		select {
		case got := <-seen:
			return got
		default:
		}
	}
}

// subscribe puts hints into a channel and forgets what does not fit.
func subscribe(broker realtime.Broker) (seen <-chan realtime.Hint, cancel func()) {
	hints := make(chan realtime.Hint, 1)
	cancel = broker.Subscribe(func(hint realtime.Hint) {
		select {
		case hints <- hint:
		default:
		}
	})
	return hints, cancel
}

func reachesEveryNode(t *testing.T, here, there realtime.Broker) {
	for _, node := range []realtime.Broker{here, there} {
		seen, cancel := subscribe(node)
		defer cancel()
		hint := realtime.Hint{Topic: "room/12", Rev: 345, Kind: "message.posted"}
		if got := publishUntil(here, hint, seen); got != hint {
			t.Errorf("got %+v, want %+v", got, hint)
		}
	}
}

func publishesToNobody(_ *testing.T, here, _ realtime.Broker) {
	here.Publish(realtime.Hint{Topic: "room/12", Rev: 1})
}

func holdsUpNobody(t *testing.T, here, there realtime.Broker) {
	entered, leave := make(chan struct{}, 1), make(chan struct{})
	defer close(leave)
	cancelSlow := there.Subscribe(func(realtime.Hint) {
		select {
		case entered <- struct{}{}:
		default:
		}
		<-leave
	})
	defer cancelSlow()
	seen, cancel := subscribe(there)
	defer cancel()

	publishUntil(here, realtime.Hint{Topic: "room/12", Rev: 1}, seen)
	<-entered
	for rev := range int64(10_000) {
		here.Publish(realtime.Hint{Topic: "room/12", Rev: rev})
	}
	last := realtime.Hint{Topic: "room/13", Rev: 1}
	for publishUntil(here, last, seen) != last {
		// A hint from before was still under way.
		continue
	}
}

func callsOneAtATime(t *testing.T, here, there realtime.Broker) {
	var inside, calls atomic.Int32
	done := make(chan struct{}, 1)
	cancel := there.Subscribe(func(realtime.Hint) {
		if inside.Add(1) != 1 {
			t.Error("two calls at the same time")
		}
		if calls.Add(1) == 1000 {
			done <- struct{}{}
		}
		inside.Add(-1)
	})
	defer cancel()
	stop := make(chan struct{})
	stopped := make(chan struct{})
	for publisher := range 4 {
		go func() {
			for rev := int64(1); ; rev++ {
				here.Publish(realtime.Hint{Topic: fmt.Sprint("room/", publisher), Rev: rev})
				select {
				case <-stop:
					stopped <- struct{}{}
					return
				default:
				}
			}
		}()
	}
	<-done
	close(stop)
	for range 4 {
		<-stopped
	}
}

func endsWithCancel(t *testing.T, here, there realtime.Broker) {
	var calls atomic.Int32
	entered, leave := make(chan struct{}, 1), make(chan struct{})
	cancel := there.Subscribe(func(realtime.Hint) {
		calls.Add(1)
		select {
		case entered <- struct{}{}:
		default:
		}
		<-leave
	})
	for waiting := true; waiting; {
		here.Publish(realtime.Hint{Topic: "room/12", Rev: 1})
		select {
		case <-entered:
			waiting = false
		default:
		}
	}
	cancel()
	cancel()
	close(leave)

	seen, cancelOther := subscribe(there)
	defer cancelOther()
	for rev := range int64(100) {
		publishUntil(here, realtime.Hint{Topic: "room/12", Rev: rev}, seen)
	}
	if n := calls.Load(); n != 1 {
		t.Errorf("%d calls, want the one that was under way", n)
	}
}

func allowsCallsFromInside(_ *testing.T, here, there realtime.Broker) {
	var once sync.Once
	itself, inner := make(chan func(), 1), make(chan func(), 1)
	answers := make(chan realtime.Hint, 1)
	itself <- there.Subscribe(func(realtime.Hint) {
		once.Do(func() {
			inner <- there.Subscribe(func(hint realtime.Hint) {
				select {
				case answers <- hint:
				default:
				}
			})
			there.Publish(realtime.Hint{Topic: "answer", Rev: 1})
			(<-itself)()
		})
	})
	publishUntil(here, realtime.Hint{Topic: "question", Rev: 1}, answers)
	(<-inner)()
}

func cancelsOnlyOne(t *testing.T, here, there realtime.Broker) {
	_, cancelFirst := subscribe(there)
	seen, cancel := subscribe(there)
	defer cancel()
	cancelFirst()
	publishUntil(here, realtime.Hint{Topic: "room/12", Rev: 1}, seen)
}
