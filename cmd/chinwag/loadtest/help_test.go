package loadtest

import (
	"net"
	"testing"
)

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// pair is a socket and the server's end of its line.
func pair(tb testing.TB) (*socket, net.Conn) {
	tb.Helper()
	ours, theirs := net.Pipe()
	tb.Cleanup(func() { must(tb, ours.Close()); must(tb, theirs.Close()) })
	return &socket{conn: ours, buffer: make([]byte, smallBuffer)}, theirs
}

// sends writes bytes from the server's end, some at a time, and ends the line.
func sends(conn net.Conn, bytes []byte, atATime int) {
	for len(bytes) > 0 {
		n := min(atATime, len(bytes))
		if _, err := conn.Write(bytes[:n]); err != nil {
			return // the test has seen enough
		}
		bytes = bytes[n:]
	}
	_ = conn.Close()
}
