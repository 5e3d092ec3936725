package realtime_test

import (
	"runtime"
	"strings"
	"testing"
	"weak"

	"chinwag/realtime"
)

func TestSkipDropsWhatAReadCovered(t *testing.T) {
	hub := realtime.NewHub(roomy)
	screen := hub.Open("room/1", "room/2")
	hub.Send("room/1", 4, []byte("4"))
	hub.Send("room/1", 0, []byte("typing"))
	hub.Send("room/2", 4, []byte("other"))
	screen.Skip("room/1", 5)
	hub.Send("room/1", 5, []byte("5"))
	hub.Send("room/1", 6, []byte("6"))
	screen.Skip("room/3", 9)
	wantFrame(t, screen, "typingother6")
}

func TestARevIsGivenOnce(t *testing.T) {
	hub := realtime.NewHub(roomy)
	screen := hub.Open("room/1")
	for _, rev := range []int64{1, 2, 2, 1} {
		hub.Send("room/1", rev, []byte{byte('0' + rev)})
	}
	wantFrame(t, screen, "12")
	hub.Send("room/1", 2, []byte("2"))
	hub.Send("room/1", 3, []byte("3"))
	wantFrame(t, screen, "3")
}

func TestASlowScreenIsToldBehindAndIsLiveAgain(t *testing.T) {
	hub := realtime.NewHub(1000)
	screen := hub.Open("room/1")
	hub.Send("room/1", 1, []byte("first"))
	wantFrame(t, screen, "first")
	long := []byte(strings.Repeat("x", 400))
	for rev := range int64(10) {
		hub.Send("room/1", 2+rev, long)
	}
	if batch, _ := screen.Take(); !batch.Behind || batch.Frame != nil {
		t.Fatalf("got %+v, want behind", batch)
	}
	if rev, _ := screen.Reached("room/1"); rev != 1 {
		t.Fatalf("reached %d, want the one that was given", rev)
	}
	hub.Send("room/1", 12, []byte("while reading"))
	screen.Skip("room/1", 12)
	hub.Send("room/1", 13, []byte("live"))
	wantFrame(t, screen, "live")
	if rev, _ := screen.Reached("room/1"); rev != 13 {
		t.Errorf("reached %d, want 13", rev)
	}
}

func TestReadyTellsOnceUntilNothingWaits(t *testing.T) {
	hub := realtime.NewHub(roomy)
	screen := hub.Open("room/1")
	told := func() bool {
		select {
		case <-screen.Ready():
			return true
		default:
			return false
		}
	}
	if told() {
		t.Error("told before anything was sent")
	}
	hub.Send("room/1", 1, []byte("1"))
	if !told() {
		t.Error("not told of the first frame")
	}
	wantFrame(t, screen, "1")
	hub.Send("room/1", 2, []byte("2"))
	if told() {
		t.Error("told while the writer was at work")
	}
	wantFrame(t, screen, "2")
	wantFrame(t, screen, "")
	hub.Send("room/1", 3, []byte("3"))
	if !told() {
		t.Error("not told of a frame after nothing waited")
	}
}

func TestCloseEndsTheWriter(t *testing.T) {
	hub := realtime.NewHub(roomy)
	screen := hub.Open("room/1")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range screen.Ready() {
			for _, ok := screen.Take(); ok; _, ok = screen.Take() {
				t.Error("a closed screen had something waiting")
			}
		}
	}()
	screen.Close()
	<-done
	hub.Send("room/1", 1, []byte("1"))
	wantFrame(t, screen, "")
}

func TestAnIdleScreenHoldsLittle(t *testing.T) {
	hub := realtime.NewHub(roomy)
	screen := hub.Open("room/1")
	frame := make([]byte, 200)
	held := weak.Make(&frame[0])
	for range 2 {
		for range 3 {
			hub.Send("room/1", 0, frame)
		}
		screen.Take()
	}
	frame = nil
	if runtime.GC(); held.Value() != nil {
		t.Error("a frame is kept after it was taken")
	}
	for range 2 {
		for range 100 {
			hub.Send("room/1", 0, []byte("x"))
		}
		screen.Take()
	}
	if room := screen.Spare(); room > 32 {
		t.Errorf("an empty queue keeps room for %d frames", room)
	}
	runtime.KeepAlive(screen)
}
