package realtime_test

import (
	"testing"

	"chinwag/realtime"
)

func TestMemoryGivesEachHintOnceInOrder(t *testing.T) {
	broker := realtime.NewMemory()
	const last = 5000
	first, second := make(chan int64, last), make(chan int64, last)
	for _, seen := range []chan int64{first, second} {
		defer broker.Subscribe(func(hint realtime.Hint) { seen <- hint.Rev })()
	}
	for rev := range int64(last) {
		broker.Publish(realtime.Hint{Topic: "room/12", Rev: rev})
	}
	for rev := range int64(last) {
		if a, b := <-first, <-second; a != rev || b != rev {
			t.Fatalf("got revs %d and %d, want %d", a, b, rev)
		}
	}
}

func TestMemoryForgetsTheOldestOfTooManyHints(t *testing.T) {
	broker := realtime.NewMemory()
	entered, leave := make(chan struct{}), make(chan struct{})
	const bound, published = 1 << 16, 1<<16 + 10
	seen := make(chan int64, published)
	defer broker.Subscribe(func(hint realtime.Hint) {
		if hint.Rev == 0 {
			close(entered)
			<-leave
			return
		}
		seen <- hint.Rev
	})()
	broker.Publish(realtime.Hint{Rev: 0})
	<-entered
	for rev := int64(1); rev <= published; rev++ {
		broker.Publish(realtime.Hint{Rev: rev})
	}
	close(leave)
	for rev := int64(published - bound + 1); rev <= published; rev++ {
		if got := <-seen; got != rev {
			t.Fatalf("got rev %d, want %d", got, rev)
		}
	}
}
