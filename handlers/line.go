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

// line is the way down to a page. Nothing comes between the parts of a frame, whoever writes what. The library under it
// only reads; it would write a frame by copying it, under a timer of its own.
type line struct {
	conn net.Conn
	raw  syscall.RawConn // nil: it has none
	try  func(fd uintptr) bool

	mu     sync.Mutex
	rest   []byte // of a frame that was written in part: it goes out before anything else
	broken error  // a write failed, perhaps in the middle of a frame: whatever followed would be taken for the rest of it

	answering sync.Mutex // held for a moment only
	answers   []byte     // the reader's, while something else is being written

	born  time.Time    // what since counts from: clocks are set, and this is not
	since atomic.Int64 // when the write that is under way began, in nanoseconds; 0: none is
}

func newLine(conn *websocket.Conn) *line {
	if hijacked, ok := conn.NetConn().(interface{ UnsafeConn() net.Conn }); ok {
		return lineOn(hijacked.UnsafeConn())
	}
	return lineOn(conn.NetConn())
}

func lineOn(conn net.Conn) *line {
	l := &line{conn: conn, born: time.Now()}
	if tcp, ok := l.conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(kernelBuffer) // without, a peer that reads nothing takes megabytes
		if raw, err := tcp.SyscallConn(); err == nil {
			l.raw, l.try = raw, l.once
		}
	}
	return l
}

// tryWrite writes as much of a frame as the system takes at once, and says whether that was all. The line keeps the rest.
// Only who claimed the screen may call it, so that it waits for no more than an answer.
func (l *line) tryWrite(frame []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tryLocked(frame)
}

// answersMost is how many bytes of answers are kept for a peer that asks and does not read.
const answersMost = 1 << 10

// answer is tryWrite for the reader, who waits for nothing: while something is being written the line keeps the answer.
func (l *line) answer(frame []byte) bool {
	if l.mu.TryLock() {
		defer l.mu.Unlock()
		return l.tryLocked(frame)
	}
	l.answering.Lock()
	defer l.answering.Unlock()
	if len(l.answers) < answersMost {
		l.answers = append(l.answers, frame...)
	}
	return false
}

// takeAnswers gives what the reader had to say.
func (l *line) takeAnswers() []byte {
	l.answering.Lock()
	defer l.answering.Unlock()
	answers := l.answers
	l.answers = nil
	return answers
}

func (l *line) tryLocked(frame []byte) bool {
	if l.broken != nil {
		return false
	}
	if len(l.rest) > 0 || l.raw == nil {
		l.rest = append(l.rest[:len(l.rest):len(l.rest)], frame...)
		return false
	}
	l.rest = frame
	_ = l.raw.Write(l.try) // what is wrong with the line shows when the rest is written
	if len(l.rest) > 0 {
		return false
	}
	l.rest = nil // an idle line holds no frame
	return true
}

// once writes to a socket that does not block, and never asks to be called again.
func (l *line) once(fd uintptr) bool {
	if n, err := syscall.Write(int(fd), l.rest); err == nil {
		l.rest = l.rest[n:]
	}
	return true
}

// write writes what the line kept and a frame, and says how long the peer took to make room for them.
func (l *line) write(frame []byte) (took time.Duration, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return 0, l.broken
	}
	begin := time.Now()
	l.since.Store(int64(begin.Sub(l.born)) + 1)
	defer l.since.Store(0)
	for _, part := range [][]byte{l.rest, l.takeAnswers(), frame} {
		if len(part) == 0 {
			continue
		}
		if _, err := l.conn.Write(part); err != nil {
			l.broken = fmt.Errorf("write frame: %w", err)
			return 0, l.broken
		}
	}
	l.rest = nil
	return time.Since(begin), nil
}

// stuck says whether a write has been waiting for longer than that.
func (l *line) stuck(within time.Duration) bool {
	since := l.since.Load()
	return since != 0 && time.Since(l.born)-time.Duration(since) > within
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

func ping() []byte { return []byte{pingFrame, 0} }

// pong answers a ping. Its data is no longer than a control frame may be: the reader saw to that.
func pong(data string) []byte { return append([]byte{pongFrame, byte(len(data))}, data...) }

// farewell says why a line ends.
func farewell(code int) []byte {
	return binary.BigEndian.AppendUint16([]byte{closeFrame, 2}, uint16(code))
}

// close says why the line ends; nothing may be written after it.
func (l *line) close(code int) error {
	l.endWithin(farewellWithin)
	_, err := l.write(farewell(code))
	return err
}
