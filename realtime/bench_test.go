package realtime_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"chinwag/realtime"
	"chinwag/realtime/natstest"
)

// message260 has the size of a grouped message on the wire.
var message260 = make([]byte, 260)

const room = "room/1"

func openScreens(hub *realtime.Hub, room string, n int) []*realtime.Screen {
	screens := make([]*realtime.Screen, n)
	for i := range screens {
		screens[i] = hub.Open(room, fmt.Sprint("user/", i))
	}
	return screens
}

func takeAll(screens []*realtime.Screen) {
	for _, screen := range screens {
		for _, ok := screen.Take(); ok; _, ok = screen.Take() {
			continue
		}
	}
}

// burst is how many frames wait before a screen is emptied.
const burst = 16

// warm lets the queues grow to what a burst needs. A queue has two turns.
func warm(hub *realtime.Hub, room string, screens []*realtime.Screen) {
	for range 2 {
		for range burst {
			send(hub, room, 0, message260)
		}
		takeAll(screens)
	}
}

// A Send costs two allocations, the frame and its bytes, however many screens it reaches.
func TestSendAllocatesNothingPerScreen(t *testing.T) {
	hub := realtime.NewHub(realtime.DefaultBound)
	screens := openScreens(hub, room, 1000)
	warm(hub, room, screens)
	rev := int64(0)
	allocs := testing.AllocsPerRun(burst-1, func() {
		rev++
		send(hub, room, rev, message260)
	})
	if allocs > 2 {
		t.Errorf("a Send to 1,000 screens took %v allocations, want 2", allocs)
	}
}

// BenchmarkSend fills queues that nobody waits on; ns/delivery is what a message costs for each screen. Small rooms
// come in numbers, so that the clock need not be stopped all the time to empty them.
func BenchmarkSend(b *testing.B) {
	for _, n := range []int{1, 100, 1000, 5000} {
		b.Run(fmt.Sprint("screens=", n), func(b *testing.B) {
			hub := realtime.NewHub(realtime.DefaultBound)
			var screens []*realtime.Screen
			rooms := make([]string, max(1, 1000/n))
			for i := range rooms {
				rooms[i] = fmt.Sprint("room/", i)
				members := openScreens(hub, rooms[i], n)
				warm(hub, rooms[i], members)
				screens = append(screens, members...)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); {
				send(hub, rooms[i%len(rooms)], int64(i+1), message260)
				if i++; i%(burst*len(rooms)) == 0 {
					b.StopTimer()
					takeAll(screens)
					b.StartTimer()
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/delivery")
		})
	}
}

// BenchmarkTake empties a queue of one frame, which is shared, and of a burst, which is copied into one.
func BenchmarkTake(b *testing.B) {
	for _, n := range []int{1, burst} {
		b.Run(fmt.Sprint("frames=", n), func(b *testing.B) {
			hub := realtime.NewHub(realtime.DefaultBound)
			screens := openScreens(hub, room, 1000)
			warm(hub, room, screens)
			b.ReportAllocs()
			for i := 0; b.Loop(); i = (i + 1) % len(screens) {
				if i == 0 {
					b.StopTimer()
					takeAll(screens)
					for range n {
						send(hub, room, 0, message260)
					}
					b.StartTimer()
				}
				screens[i].Take()
			}
		})
	}
}

// counter is a writer whose line takes everything at once.
type counter struct {
	screen *realtime.Screen
	taken  *sync.WaitGroup
}

func (c *counter) TryWrite([]byte) bool {
	c.taken.Done()
	return true
}

func (c *counter) Write() {
	for _, ok := c.screen.Take(); ok; _, ok = c.screen.Take() {
		c.taken.Done()
	}
}

// BenchmarkDeliver has a writer asleep on every screen, as in life: a round is over when all of them took the frame and
// sleep again.
func BenchmarkDeliver(b *testing.B) {
	for _, n := range []int{100, 1000, 5000} {
		b.Run(fmt.Sprint("screens=", n), func(b *testing.B) {
			hub := realtime.NewHub(realtime.DefaultBound)
			screens := openScreens(hub, room, n)
			var taken sync.WaitGroup
			taken.Add(n) // all are told once that they are behind
			for _, screen := range screens {
				screen.Start(&counter{screen, &taken})
			}
			taken.Wait()
			b.ReportAllocs()
			rev := int64(0)
			for b.Loop() {
				rev++
				taken.Add(n)
				send(hub, room, rev, message260)
				taken.Wait()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/delivery")
			for _, screen := range screens {
				screen.Close()
			}
		})
	}
}

// BenchmarkPublish takes a hint to a subscriber: of the same node by a call, and of another one over NATS, one hint at
// a time.
func BenchmarkPublish(b *testing.B) {
	hint := realtime.Hint{Topic: "room/12", Kind: "message.posted"}
	b.Run("local", func(b *testing.B) {
		broker := realtime.NewMemory()
		var rev int64
		defer broker.Subscribe(hint.Topic, func(h realtime.Hint) { rev = h.Rev })()
		b.ReportAllocs()
		for b.Loop() {
			hint.Rev++
			broker.Publish(hint)
		}
		if rev != hint.Rev {
			b.Errorf("the last was %d, not %d", rev, hint.Rev)
		}
	})
	b.Run("NATS", func(b *testing.B) {
		server := natstest.Start(b)
		here, there := joins(b, server, "bench"), joins(b, server, "bench")
		arrived := make(chan realtime.Hint, 1)
		defer there.Subscribe(hint.Topic, func(h realtime.Hint) { arrived <- h })()
		for arrives := false; !arrives; { // once it follows
			here.Publish(hint)
			select {
			case <-arrived:
				arrives = true
			case <-time.After(10 * time.Millisecond):
			}
		}
		b.ReportAllocs()
		for b.Loop() {
			hint.Rev++
			here.Publish(hint)
			for got := range arrived {
				if got.Rev == hint.Rev {
					break
				}
			}
		}
	})
}
