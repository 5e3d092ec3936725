package realtime_test

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"chinwag/realtime"
)

// storm is one busy room with a real writer per screen, so that the race detector sees everything that may happen at
// the same time. The database is a counter: the room has all revs up to it.
type storm struct {
	hub       *realtime.Hub
	committed atomic.Int64
}

const (
	stormRoom = "room/1"
	stormRevs = 3000
)

// catchUp reads what the room has beyond what the reader has shown.
func (s *storm) catchUp(screen *realtime.Screen, shown []int64) []int64 {
	last := int64(0)
	if len(shown) > 0 {
		last = shown[len(shown)-1]
	}
	now := s.committed.Load()
	for rev := last + 1; rev <= now; rev++ {
		shown = append(shown, rev)
	}
	screen.Skip(stormRoom, now)
	return shown
}

// reader is the writer of a screen, and keeps what it wrote until it has seen enough. Its line is full every now and
// then.
type reader struct {
	*storm
	screen *realtime.Screen
	until  func(shown []int64) bool
	shown  []int64
	tries  int
	kept   []byte
	done   bool
	enough chan struct{}
}

func (r *reader) TryWrite(frame []byte) bool {
	if r.tries++; r.tries%3 == 0 {
		r.kept = frame
		return false
	}
	r.takes(realtime.Batch{Frame: frame})
	return true
}

func (r *reader) Write() {
	r.takes(realtime.Batch{Frame: r.kept})
	r.kept = nil
	for batch, ok := r.screen.Take(); ok; batch, ok = r.screen.Take() {
		if r.takes(batch); r.done {
			return
		}
	}
}

func (r *reader) takes(batch realtime.Batch) {
	if batch.Behind {
		r.shown = r.catchUp(r.screen, r.shown)
	}
	for _, rev := range strings.Fields(realtime.TextOf(batch.Frame)) {
		n, _ := strconv.ParseInt(rev, 10, 64)
		r.shown = append(r.shown, n)
	}
	if !r.done && (batch.End != 0 || r.until(r.shown)) {
		r.done = true
		close(r.enough)
	}
}

// write lets a screen have a writer such as a socket's, until the screen ends or until has seen enough, and closes it.
func (s *storm) write(screen *realtime.Screen, until func(shown []int64) bool) (shown []int64) {
	r := &reader{storm: s, screen: screen, until: until, enough: make(chan struct{})}
	screen.Start(r)
	<-r.enough
	screen.Close()
	return r.shown
}

// post commits and sends the next rev. Only one goroutine posts.
func (s *storm) post() {
	rev := s.committed.Load() + 1
	s.committed.Store(rev)
	send(s.hub, stormRoom, rev, fmt.Appendf(nil, "%d ", rev))
}

func wholeUpTo(t *testing.T, shown []int64, least int64) {
	t.Helper()
	for i, rev := range shown {
		if rev != int64(i+1) {
			t.Errorf("place %d shows rev %d", i+1, rev)
			return
		}
	}
	if int64(len(shown)) < least {
		t.Errorf("only %d revs of %d are shown", len(shown), least)
	}
}

// TestStorm posts into a room whose screens come, go, fall behind, are evicted and are ended, all at once.
func TestStorm(t *testing.T) {
	for _, frames := range []int{6, 60} {
		t.Run(fmt.Sprint("frames that fit=", frames), func(t *testing.T) {
			storming(t, frames*realtime.Cost(len("3000 ")))
		})
	}
}

func storming(t *testing.T, bound int) {
	s := &storm{hub: realtime.NewHub(bound)}
	var running sync.WaitGroup
	toTheEnd := func(shown []int64) bool { return len(shown) >= stormRevs }

	// These stay, and must show all in the end.
	for range 8 {
		screen := s.hub.Open(stormRoom, "user/ada")
		running.Go(func() {
			wholeUpTo(t, s.write(screen, toTheEnd), stormRevs)
		})
	}
	// These reload again and again.
	for range 4 {
		running.Go(func() {
			for s.committed.Load() < stormRevs {
				least := s.committed.Load() + 5
				screen := s.hub.Open(stormRoom, "user/bob")
				shown := s.write(screen, func(shown []int64) bool {
					return int64(len(shown)) >= min(least, stormRevs)
				})
				wholeUpTo(t, shown, 0)
			}
		})
	}
	// These lose their session, or the room, and come back.
	for _, who := range []string{"session/eve", "user/eve"} {
		running.Go(func() {
			for s.committed.Load() < stormRevs {
				s.hiddenFrom(t, who)
			}
		})
	}
	for range stormRevs {
		s.post()
	}
	running.Wait()
	if n := s.hub.Count(stormRoom); n != 0 {
		t.Errorf("%d screens are left", n)
	}
}

func (s *storm) waitForPosts(n int64) {
	for until := s.committed.Load() + n; s.committed.Load() < min(until, stormRevs); {
		runtime.Gosched()
	}
}

// hiddenFrom opens a screen, ends or evicts it while the room goes on, and looks that no Take that began afterwards
// gives anything of the room.
func (s *storm) hiddenFrom(t *testing.T, who string) {
	screen := s.hub.Open(stormRoom, who)
	var gone atomic.Bool
	screen.Start(&victim{t, screen, who, &gone})
	s.waitForPosts(5)
	if strings.HasPrefix(who, "session/") {
		s.hub.End(who, 1008)
	} else {
		s.hub.Evict(stormRoom, who, nil)
	}
	gone.Store(true)
	s.waitForPosts(5)
	screen.Close()
}

// victim is the writer of a screen that loses a room.
type victim struct {
	t      *testing.T
	screen *realtime.Screen
	who    string
	gone   *atomic.Bool
}

// TryWrite takes nothing: what it was given was taken before.
func (v *victim) TryWrite([]byte) bool { return false }

func (v *victim) Write() {
	for ok := true; ok; {
		var batch realtime.Batch
		after := v.gone.Load()
		batch, ok = v.screen.Take()
		if after && batch.Frame != nil {
			v.t.Errorf("%q was given to %s, who had lost the room", batch.Frame, v.who)
		}
	}
}
