package loadtest

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6455 asks for it: it proves that the peer speaks WebSocket, nothing else
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// What a frame can be: RFC 6455, section 5.2. Our server sends no fragments and no binary frames.
const (
	opText  = 1
	opClose = 8
	opPing  = 9
	opPong  = 10
)

// socket is the client's half of a WebSocket: ten thousand of them have to be cheap. One goroutine reads it.
type socket struct {
	conn   net.Conn
	buffer []byte // what was read and not taken yet is buffer[from:to]
	from   int
	to     int
}

// refused is an answer to a handshake that is no socket.
type refused struct {
	status int
	retry  time.Duration
}

func (r refused) Error() string { return fmt.Sprintf("the handshake was answered with %d", r.status) }

// closed is how the server ended a socket.
type closed struct{ code int }

func (c closed) Error() string { return fmt.Sprintf("closed with %d", c.code) }

const (
	smallBuffer      = 1 << 10 // as most frames are smaller
	largestFrame     = 1 << 22
	handshakeWithin  = 30 * time.Second
	websocketKeySize = 16
)

// dialSocket opens a socket. An answer that is none comes back as refused.
func dialSocket(ctx context.Context, source net.Addr, t target, path, cookie string) (*socket, error) {
	conn, err := (&net.Dialer{LocalAddr: source, Timeout: handshakeWithin}).DialContext(ctx, "tcp", t.host)
	if err != nil {
		return nil, err
	}
	s, err := handshake(conn, t, path, cookie)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return s, nil
}

func handshake(conn net.Conn, t target, path, cookie string) (*socket, error) {
	nonce := make([]byte, websocketKeySize)
	_, _ = rand.Read(nonce) // never fails
	key := base64.StdEncoding.EncodeToString(nonce)
	if err := conn.SetDeadline(time.Now().Add(handshakeWithin)); err != nil {
		return nil, err
	}
	_, err := io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: "+t.host+"\r\n"+browserHeaders+
		"Accept-Encoding: gzip, deflate, br, zstd\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: "+t.origin+
		"\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\nSec-WebSocket-Key: "+key+
		"\r\nCookie: sid="+cookie+"\r\n\r\n")
	if err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(conn, smallBuffer)
	response, err := http.ReadResponse(r, nil)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != statusSwitching {
		return nil, refused{response.StatusCode, retryAfter(response)}
	}
	if response.Header.Get("Sec-WebSocket-Accept") != acceptOf(key) || response.Header.Get("Sec-WebSocket-Extensions") != "" {
		return nil, errors.New("the peer does not speak our WebSocket")
	}
	s := &socket{conn: conn, buffer: make([]byte, smallBuffer)}
	s.to, err = io.ReadFull(r, s.buffer[:r.Buffered()]) // what came with the answer
	return s, errors.Join(err, conn.SetDeadline(time.Time{}))
}

// acceptOf is what a server answers to a key: RFC 6455, section 4.2.2.
func acceptOf(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // see above
	return base64.StdEncoding.EncodeToString(sum[:])
}

// next gives the next text frame; pings are answered meanwhile. The bytes are good until the following call.
func (s *socket) next() ([]byte, error) {
	for {
		op, payload, err := s.frame()
		if err != nil {
			return nil, err
		}
		switch op {
		case opText:
			return payload, nil
		case opPing:
			if err := s.send(opPong, payload); err != nil {
				return nil, err
			}
		case opPong:
		case opClose:
			code := 1005 // none was given: section 7.1.5
			if len(payload) >= 2 {
				code = int(binary.BigEndian.Uint16(payload))
			}
			return nil, closed{code}
		default:
			return nil, fmt.Errorf("a frame of kind %d", op)
		}
	}
}

// frame reads one frame, which has to be whole and, as a server's, unmasked.
func (s *socket) frame() (op byte, payload []byte, err error) {
	if err := s.fill(2); err != nil {
		return 0, nil, err
	}
	first, second := s.buffer[s.from], s.buffer[s.from+1]
	if first&0xf0 != 0x80 || second&0x80 != 0 {
		return 0, nil, fmt.Errorf("a frame that begins with %#x %#x", first, second)
	}
	head, size := 2, int(second)
	switch second {
	case 126:
		head = 4
		if err := s.fill(head); err != nil {
			return 0, nil, err
		}
		size = int(binary.BigEndian.Uint16(s.buffer[s.from+2:]))
	case 127:
		head = 10
		if err := s.fill(head); err != nil {
			return 0, nil, err
		}
		size = int(min(binary.BigEndian.Uint64(s.buffer[s.from+2:]), largestFrame+1))
	}
	if size > largestFrame {
		return 0, nil, errors.New("a frame that is too large")
	}
	if err := s.fill(head + size); err != nil {
		return 0, nil, err
	}
	payload = s.buffer[s.from+head : s.from+head+size]
	s.from += head + size
	return first & 0x0f, payload, nil
}

// fill reads until n bytes wait.
func (s *socket) fill(n int) error {
	if s.to-s.from >= n {
		return nil
	}
	if s.from == s.to {
		s.from, s.to = 0, 0
	}
	if s.from+n > len(s.buffer) {
		buffer := s.buffer
		if n > len(buffer) {
			buffer = make([]byte, 2*n)
		}
		s.to = copy(buffer, s.buffer[s.from:s.to])
		s.from, s.buffer = 0, buffer
	}
	for s.to-s.from < n {
		got, err := s.conn.Read(s.buffer[s.to:])
		s.to += got
		if err != nil && s.to-s.from < n {
			return err
		}
	}
	return nil
}

// send writes a short frame, masked as a client's must be. With a mask of zeros the bytes stay as they are.
func (s *socket) send(op byte, payload []byte) error {
	if len(payload) > 125 {
		return errors.New("a control frame is too long") // section 5.5
	}
	frame := append([]byte{0x80 | op, 0x80 | byte(len(payload)), 0, 0, 0, 0}, payload...)
	_, err := s.conn.Write(frame)
	return err
}

func (s *socket) close() { _ = s.conn.Close() }
