package handlers_test

import (
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/andybalholm/brotli"

	"chinwag/chat"
)

// What a message costs on its way to a thousand screens is measured where that is done: BenchmarkDeliver in realtime.

// BenchmarkPost sends messages end to end: over a line that stays open, with session, form, token and key, to a commit that
// is on disk, and back. Nobody watches the room. CPU is what the whole process used, so it holds the clients too: each of
// their requests and answers is written and read by Go's own client.
func BenchmarkPost(b *testing.B) {
	s := openBenchSite(b)
	room := s.NewRoom(b, chat.RoomPublic, "Hall", s.NewPerson(b, "owner"))
	var guests []*guest
	for i := range 64 {
		guests = append(guests, s.enters(b, fmt.Sprint("guest ", i), room))
	}
	for _, writers := range []int{1, 64} {
		b.Run(fmt.Sprint("writers=", writers), func(b *testing.B) {
			keys := make([]string, writers)
			for i := range keys {
				keys[i] = s.Community.NewKey(guests[i].id)
			}
			var left atomic.Int64
			left.Store(int64(b.N))
			used := processorTime(b)
			b.ResetTimer()
			together(writers, func(i int) {
				for left.Add(-1) >= 0 {
					next, err := guests[i].posts(room, talk, keys[i])
					if err != nil {
						b.Error(err)
						return
					}
					keys[i] = next
				}
			})
			b.StopTimer()
			b.ReportMetric(float64((processorTime(b)-used).Microseconds())/float64(b.N), "cpu-µs/post")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
		})
	}
}

// BenchmarkRoomPage loads a page of 50 messages with 20 rooms in the sidebar. What it costs may not depend on how much was
// ever said. The newest page is at hand after the first look; one in the middle is read each time.
func BenchmarkRoomPage(b *testing.B) {
	for _, messages := range []int{1_000, 1_000_000} {
		s := openBenchSite(b)
		owner := s.NewPerson(b, "owner")
		var rooms []chat.RoomID
		for i := range 20 {
			rooms = append(rooms, s.NewRoom(b, chat.RoomPublic, fmt.Sprint("Room ", i), owner))
		}
		s.fill(b, rooms[0], messages)
		ada := s.enters(b, "ada", rooms...)
		for _, page := range []struct {
			name, query string
			last        int
		}{
			{"newest", "", messages}, {"middle", fmt.Sprint("?before=", messages/2+1), messages / 2},
		} {
			for _, packed := range []string{"identity", "br"} {
				b.Run(fmt.Sprintf("page=%s/messages=%d/packed=%s", page.name, messages, packed), func(b *testing.B) {
					path := roomPath(rooms[0]) + page.query
					first, err := ada.gets(path, packed)
					mustBench(b, err)
					b.ReportAllocs()
					for b.Loop() {
						if _, err := ada.gets(path, packed); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(len(first)), "B/page")
					holdsPage(b, first, packed, page.last)
				})
			}
		}
	}
}

// holdsPage holds that a page has the 50 messages up to one.
func holdsPage(b *testing.B, text, packed string, last int) {
	b.Helper()
	if packed == "br" {
		plain, err := io.ReadAll(brotli.NewReader(strings.NewReader(text)))
		mustBench(b, err)
		text = string(plain)
	}
	for seq, want := range map[int]bool{last - 50: false, last - 49: true, last: true, last + 1: false} {
		if strings.Contains(text, fmt.Sprintf(`id="m%d"`, seq)) != want {
			b.Fatalf("message %d is there: %v", seq, !want)
		}
	}
}

// BenchmarkCatchUp opens the socket of a page that was away, until it has what it missed, and closes it: from what is kept
// in memory, and read and drawn again. It holds the client, its handshake and its new line.
func BenchmarkCatchUp(b *testing.B) {
	const messages = 1000
	s := openBenchSite(b)
	room := s.NewRoom(b, chat.RoomPublic, "Hall", s.NewPerson(b, "owner"))
	s.fill(b, room, messages)
	var guests []*guest // one after the other: a socket ends a moment after its page has gone, and one person may have few
	for i := range 20 {
		guests = append(guests, s.enters(b, fmt.Sprint("guest ", i), room))
	}
	for _, missed := range []int{0, 50, 200} {
		for _, from := range []string{"memory", "database"} {
			if missed == 0 && from == "database" {
				continue // there is nothing to read
			}
			b.Run(fmt.Sprintf("missed=%d/from=%s", missed, from), func(b *testing.B) {
				asked, i := s.Queries(), 0
				b.ReportAllocs()
				for b.Loop() {
					if from == "database" {
						s.server.ForgetRooms()
					}
					frame, err := guests[i%len(guests)].returns(room, chat.Rev(messages-missed), missed > 0)
					i++
					if err != nil || strings.Count(frame, "data-rev=") != missed {
						b.Fatalf("%d messages, %v: %.300s", strings.Count(frame, "data-rev="), err, frame)
					}
				}
				b.ReportMetric(float64(s.Queries()-asked)/float64(b.N), "queries/op")
			})
		}
	}
}
