package handlers

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"

	"chinwag/realtime"
)

// lines is a line and what the peer reads of it.
func lines(t *testing.T) (*line, net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }() // nobody comes any more
	peer, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close() // one of them may be closed already
		_ = peer.Close()
	})
	return lineOn(conn), peer
}

// longFrame is more than a line takes at once.
func longFrame() []byte { return realtime.Frame(bytes.Repeat([]byte("x"), 16<<20)) }

// A peer that asks while a frame is being written gets its answer after the frame, never within it.
func TestAnswersStandBetweenFrames(t *testing.T) {
	t.Parallel()
	l, peer := lines(t)
	frame := longFrame()
	if l.tryWrite(frame) {
		t.Fatal("the line took everything at once")
	}
	if l.answer(pong("?")) {
		t.Error("the answer went out before the rest of the frame")
	}
	want := append(bytes.Clone(frame), pong("?")...)
	want = append(want, ping()...)
	wrote := make(chan error, 1)
	go func() {
		_, err := l.write(ping())
		wrote <- err
	}()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(peer, got); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the peer read something else: %v", err)
	}
	if err := <-wrote; err != nil {
		t.Error(err)
	}
}

// After a write that failed nothing is written any more: the peer would take it for the rest of the frame it was told of.
func TestABrokenLineSaysNothingMore(t *testing.T) {
	t.Parallel()
	l, peer := lines(t)
	frame := longFrame()
	l.endWithin(50 * time.Millisecond)
	if _, err := l.write(frame); err == nil {
		t.Fatal("a peer that does not read took everything")
	}
	got := make(chan []byte, 1)
	go func() { // now it reads after all
		all, err := io.ReadAll(peer)
		if err != nil {
			t.Error(err)
		}
		got <- all
	}()
	if err := l.close(closeRestart); err == nil {
		t.Error("a last word followed half a frame")
	}
	l.tryWrite(ping())
	if err := l.conn.Close(); err != nil {
		t.Error(err)
	}
	if all := <-got; !bytes.HasPrefix(frame, all) {
		t.Errorf("the peer read %d bytes, not all of the frame", len(all))
	}
}
