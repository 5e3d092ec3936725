package chat_test

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

// BenchmarkPost stores messages durably, through all the rules, as so many people at once.
func BenchmarkPost(b *testing.B) {
	for _, writers := range []int{1, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			d := dbtest.Open(b)
			people := []chat.UserID{}
			for i := range writers {
				people = append(people, d.NewPerson(b, fmt.Sprintf("p%d", i)))
			}
			room := d.NewRoom(b, chat.RoomPublic, "Hall", people[0], people[1:]...)
			var left atomic.Int64
			left.Store(int64(b.N))
			done := make(chan error)
			run := chat.NewToken(8)
			b.ReportAllocs()
			b.ResetTimer()
			begin, spent := time.Now(), processorTime(b)
			for _, author := range people {
				go func() {
					for n := left.Add(-1); n >= 0; n = left.Add(-1) {
						if _, err := d.Community.Post(b.Context(), author, room, "Hello, is **anybody** there?", run+strconv.FormatInt(n, 10)); err != nil {
							done <- err
							return
						}
					}
					done <- nil
				}()
			}
			for range people {
				must(b, <-done)
			}
			b.ReportMetric(float64(b.N)/time.Since(begin).Seconds(), "msgs/s")
			b.ReportMetric((processorTime(b)-spent).Seconds()*1e6/float64(b.N), "cpu-µs/op")
		})
	}
}

// processorTime is how long this process has been at work so far, on all processors, for itself and in the system.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
