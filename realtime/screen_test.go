package realtime_test

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"weak"

	"chinwag/realtime"
)

func TestSkipDropsWhatAReadCovered(t *testing.T) {
	hub := realtime.NewHub(roomy)
	screen := hub.Open("room/1", "room/2")
	send(hub, "room/1", 4, []byte("4"))
	send(hub, "room/1", 0, []byte("typing"))
	send(hub, "room/2", 4, []byte("other"))
	screen.Skip("room/1", 5)
	send(hub, "room/1", 5, []byte("5"))
	send(hub, "room/1", 6, []byte("6"))
	screen.Skip("room/3", 9)
	wantFrame(t, screen, "typingother6")
}

func TestARevIsGivenOnce(t *testing.T) {
	hub := realtime.NewHub(roomy)
	screen := hub.Open("room/1")
	for _, rev := range []int64{1, 2, 2, 1} {
		send(hub, "room/1", rev, []byte{byte('0' + rev)})
	}
	wantFrame(t, screen, "12")
	send(hub, "room/1", 2, []byte("2"))
	send(hub, "room/1", 3, []byte("3"))
	wantFrame(t, screen, "3")
}

// A read may end in the middle of what the next frame holds, and a frame may be lost on its way to the hub. Either way
// the screen reads again: it shows nothing twice and leaves nothing out.
func TestFramesThatDoNotFollowAreNotGiven(t *testing.T) {
	for name, c := range map[string]struct {
		read      int64
		from, rev int64
		want      realtime.Batch
	}{
		"it follows":                {read: 4, from: 4, rev: 6, want: realtime.Batch{Frame: realtime.Frame([]byte("news"))}},
		"it was read":               {read: 6, from: 4, rev: 6},
		"it was read in part":       {read: 5, from: 4, rev: 6, want: realtime.Batch{Behind: true}},
		"something before was lost": {read: 3, from: 4, rev: 6, want: realtime.Batch{Behind: true}},
	} {
		for _, early := range []bool{true, false} { // the frame comes while the read is under way, or after it
			t.Run(fmt.Sprint(name, ", early ", early), func(t *testing.T) {
				hub := realtime.NewHub(roomy)
				screen := hub.Open("room/1")
				if early {
					hub.Send("room/1", c.from, c.rev, []byte("news"))
				}
				screen.Skip("room/1", c.read)
				if !early {
					hub.Send("room/1", c.from, c.rev, []byte("news"))
				}
				if got, _ := screen.Take(); !reflect.DeepEqual(got, c.want) {
					t.Errorf("got %+v, want %+v", got, c.want)
				}
			})
		}
	}
}

func TestChangesThatDoNotShowCountAsGiven(t *testing.T) {
	hub := realtime.NewHub(roomy)
	screen := hub.Open("room/1")
	screen.Skip("room/1", 1)
	hub.Send("room/1", 1, 5, nil)
	if rev, _ := screen.Reached("room/1"); rev != 5 {
		t.Errorf("reached %d, want 5", rev)
	}
	hub.Send("room/1", 5, 6, []byte("6"))
	wantFrame(t, screen, "6")
}

func TestASlowScreenIsToldBehindAndIsLiveAgain(t *testing.T) {
	hub := realtime.NewHub(1000)
	screen := hub.Open("room/1")
	send(hub, "room/1", 1, []byte("first"))
	wantFrame(t, screen, "first")
	long := []byte(strings.Repeat("x", 400))
	for rev := range int64(10) {
		send(hub, "room/1", 2+rev, long)
	}
	if batch, _ := screen.Take(); !batch.Behind || batch.Frame != nil {
		t.Fatalf("got %+v, want behind", batch)
	}
	if rev, _ := screen.Reached("room/1"); rev != 1 {
		t.Fatalf("reached %d, want the one that was given", rev)
	}
	send(hub, "room/1", 12, []byte("while reading"))
	screen.Skip("room/1", 12)
	send(hub, "room/1", 13, []byte("live"))
	wantFrame(t, screen, "live")
	if rev, _ := screen.Reached("room/1"); rev != 13 {
		t.Errorf("reached %d, want 13", rev)
	}
}

// writer is a screen's writer that waits for a step before each Take, and tells what it got. Its line takes so many
// bytes at once.
type writer struct {
	screen  *realtime.Screen
	steps   chan struct{}
	got     chan realtime.Batch
	takes   int
	written []byte
	kept    []byte
	running atomic.Int32
}

func startWriter(screen *realtime.Screen) *writer {
	w := &writer{screen: screen, steps: make(chan struct{}), got: make(chan realtime.Batch, 1)}
	screen.Start(w)
	return w
}

func (w *writer) TryWrite(frame []byte) bool {
	defer w.alone()()
	n := min(w.takes, len(frame))
	w.written, w.kept = append(w.written, frame[:n]...), frame[n:]
	return len(w.kept) == 0
}

func (w *writer) Write() {
	defer w.alone()()
	w.written, w.kept = append(w.written, w.kept...), nil
	for ok := true; ok; {
		<-w.steps
		var batch realtime.Batch
		batch, ok = w.screen.Take()
		w.got <- batch
	}
}

// alone panics when two write at a time.
func (w *writer) alone() (end func()) {
	if w.running.Add(1) > 1 {
		panic("two write at a time")
	}
	return func() { w.running.Add(-1) }
}

func (w *writer) step() realtime.Batch {
	w.steps <- struct{}{}
	return <-w.got
}

func TestTheWriterHasAGoroutineWhileItWaits(t *testing.T) {
	hub := realtime.NewHub(roomy)
	screen := hub.Open("room/1")
	send(hub, "room/1", 1, []byte("before the start"))
	w := startWriter(screen)
	if batch := w.step(); !batch.Behind {
		t.Errorf("the first batch is %+v, want behind", batch)
	}
	send(hub, "room/1", 2, []byte("2"))
	send(hub, "room/1", 3, []byte("3"))
	screen.Ping()
	if batch := w.step(); realtime.TextOf(batch.Frame) != "23" {
		t.Errorf("got %+v, want both frames", batch)
	}
	if batch := w.step(); !batch.Ping {
		t.Errorf("got %+v, want the ping", batch)
	}
	w.step()
	if screen.Awake() {
		t.Error("the writer is taken to run while nothing waits")
	}
	send(hub, "room/1", 4, []byte("4"))
	if w.step(); realtime.TextOf(w.written) != "4" {
		t.Errorf("%q was written after nothing waited, want the frame", w.written)
	}
	screen.Close()
}

func TestWhatALineTakesAtOnceNeedsNoGoroutine(t *testing.T) {
	hub := realtime.NewHub(roomy)
	screen := hub.Open("room/1")
	w := startWriter(screen)
	w.step()
	w.step() // nothing waits any more
	w.takes = 1 << 10
	eventually(t, func() bool { return !screen.Awake() })
	for rev := range int64(3) {
		send(hub, "room/1", 1+rev, fmt.Appendf(nil, "%d", rev))
	}
	if got := string(w.written); got != "\x81\x010\x81\x011\x81\x012" || screen.Awake() {
		t.Errorf("written is %q", got)
	}
}

// A frame that a line took only in part goes on where it was, whatever else there is to say by then.
func TestAFrameIsNeverInterrupted(t *testing.T) {
	hub := realtime.NewHub(roomy)
	screen := hub.Open("room/1")
	w := startWriter(screen)
	w.step()
	w.step()
	eventually(t, func() bool { return !screen.Awake() })
	w.takes = 3
	send(hub, "room/1", 1, []byte("hello"))
	send(hub, "room/1", 2, []byte("lost"))
	screen.End(1012)
	if batch := w.step(); batch.End != 1012 || string(w.written) != "\x81\x05hello" {
		t.Errorf("written is %q, then %+v", w.written, batch)
	}
}

func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !holds(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal("it did not happen")
		}
	}
}

func TestCloseWaitsForTheWriter(t *testing.T) {
	hub := realtime.NewHub(roomy)
	screen := hub.Open("room/1")
	w := startWriter(screen)
	w.step()
	closed := make(chan struct{})
	go func() {
		screen.Close()
		close(closed)
	}()
	select {
	case <-closed:
		t.Error("closed while the writer was at work")
	case w.steps <- struct{}{}:
	}
	<-w.got
	<-closed
	send(hub, "room/1", 1, []byte("1"))
	wantFrame(t, screen, "")
}

func TestAScreenThatHasEndedStillTellsItsWriter(t *testing.T) {
	hub := realtime.NewHub(roomy)
	screen := hub.Open("session/a")
	hub.End("session/a", 1008)
	if batch := startWriter(screen).step(); batch.End != 1008 {
		t.Errorf("got %+v, want the end", batch)
	}
}

func TestManyFramesAreGivenInPieces(t *testing.T) {
	hub := realtime.NewHub(realtime.DefaultBound)
	screen := hub.Open("room/1")
	for rev := range int64(10) {
		send(hub, "room/1", rev+1, []byte(strings.Repeat("x", 10<<10)))
	}
	for _, want := range []struct {
		size int
		rev  int64
	}{{30 << 10, 3}, {30 << 10, 6}, {30 << 10, 9}, {10 << 10, 10}} {
		if size := len(frameOf(t, screen)); size != want.size {
			t.Errorf("got %d bytes, want %d", size, want.size)
		}
		if rev, _ := screen.Reached("room/1"); rev != want.rev {
			t.Errorf("reached %d, want %d", rev, want.rev)
		}
	}
	send(hub, "room/1", 11, make([]byte, 100<<10))
	if size := len(frameOf(t, screen)); size != 100<<10 {
		t.Errorf("a long frame alone came as %d bytes", size)
	}
}

func TestAnIdleScreenHoldsLittle(t *testing.T) {
	hub := realtime.NewHub(roomy)
	screen := hub.Open("room/1")
	frame := make([]byte, 200)
	held := weak.Make(&frame[0])
	for range 2 {
		for range 3 {
			send(hub, "room/1", 0, frame)
		}
		screen.Take()
	}
	frame = nil
	if runtime.GC(); held.Value() != nil {
		t.Error("a frame is kept after it was taken")
	}
	for range 2 {
		for range 100 {
			send(hub, "room/1", 0, []byte("x"))
		}
		screen.Take()
	}
	if room := screen.Spare(); room > 32 {
		t.Errorf("an empty queue keeps room for %d frames", room)
	}
	runtime.KeepAlive(screen)
}
