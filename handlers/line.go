package handlers

import (
	"encoding/binary"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gofiber/contrib/websocket"
)

// line is the way down to a page: whole frames, each in one write. The library under it reads; it would write a frame by
// copying it, under a timer of its own.
type line struct {
	conn net.Conn
	raw  syscall.RawConn // nil: it has none

	mu    sync.Mutex
	since atomic.Int64 // when the write that is under way began, in nanoseconds since 1970; 0: none is
	frame []byte       // what once is to write; mu guards it
	try   func(fd uintptr) bool
}

func newLine(conn *websocket.Conn) *line {
	l := &line{conn: conn.NetConn()}
	if hijacked, ok := l.conn.(interface{ UnsafeConn() net.Conn }); ok {
		l.conn = hijacked.UnsafeConn()
	}
	if tcp, ok := l.conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(kernelBuffer) // without, a peer that reads nothing takes megabytes
		if raw, err := tcp.SyscallConn(); err == nil {
			l.raw, l.try = raw, l.once
		}
	}
	return l
}

// tryWrite writes as much of a frame as the system takes at once, and gives back the rest.
func (l *line) tryWrite(frame []byte) (rest []byte) {
	if l.raw == nil || !l.mu.TryLock() {
		return frame
	}
	defer l.mu.Unlock()
	l.frame = frame
	_ = l.raw.Write(l.try) // what is wrong with the line shows when the rest is written
	rest, l.frame = l.frame, nil
	return rest
}

// once writes to a socket that does not block, and never asks to be called again.
func (l *line) once(fd uintptr) bool {
	if n, err := syscall.Write(int(fd), l.frame); err == nil {
		l.frame = l.frame[n:]
	}
	return true
}

// write writes a frame, and says how long the peer took to make room for it.
func (l *line) write(frame []byte) (took time.Duration, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	begin := time.Now()
	l.since.Store(begin.UnixNano())
	_, err = l.conn.Write(frame)
	l.since.Store(0)
	if err != nil {
		return 0, fmt.Errorf("write frame: %w", err)
	}
	return time.Since(begin), nil
}

// stuck says whether a write has been waiting for longer than that.
func (l *line) stuck(within time.Duration) bool {
	since := l.since.Load()
	return since != 0 && time.Since(time.Unix(0, since)) > within
}

// endWithin gives a write that waits no more than that.
func (l *line) endWithin(within time.Duration) {
	_ = l.conn.SetWriteDeadline(time.Now().Add(within)) // it may be closed already
}

// Control frames (RFC 6455, section 5.5): FIN and the opcode, and the length.
const (
	closeFrame = 0x88
	pingFrame  = 0x89
	pongFrame  = 0x8a
)

func (l *line) ping() error {
	_, err := l.write([]byte{pingFrame, 0})
	return err
}

// pong answers a ping. Its data is no longer than a control frame may be: the reader saw to that.
func (l *line) pong(data string) error {
	_, err := l.write(append([]byte{pongFrame, byte(len(data))}, data...))
	return err
}

// close says why the line ends; nothing may be written after it.
func (l *line) close(code int) error {
	l.endWithin(farewellWithin)
	_, err := l.write(binary.BigEndian.AppendUint16([]byte{closeFrame, 2}, uint16(code)))
	return err
}
