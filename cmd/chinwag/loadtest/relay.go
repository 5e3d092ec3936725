package loadtest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
)

// Relay is the practical floor that the server is held against: it takes on sockets, and for every line on its standard
// input writes one frame, built beforehand, to each of them, one write each. It knows nobody and stores nothing. It stands
// for any plain program of Go: the system wakes it for timers as early as it does by itself, and not late as it does ours.
func Relay(ctx context.Context, in io.Reader, out io.Writer, length int) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("relay: %w", err)
	}
	defer listener.Close()
	if _, err := fmt.Fprintf(out, "Relay is at http://%s\n", listener.Addr()); err != nil {
		return err
	}
	r := &relay{}
	go r.accept(listener)
	frame := relayFrame(length)
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		r.mu.Lock()
		for _, conn := range r.conns {
			_, _ = conn.Write(frame) // whoever has gone is missed by the one who counts
		}
		r.mu.Unlock()
	}
	return lines.Err()
}

type relay struct {
	mu    sync.Mutex
	conns []net.Conn
}

func (r *relay) accept(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return // the end
		}
		go r.welcome(conn)
	}
}

func (r *relay) welcome(conn net.Conn) {
	request, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		_ = conn.Close()
		return
	}
	r.mu.Lock() // whoever has the answer gets the next frame
	defer r.mu.Unlock()
	_, err = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Accept: "+acceptOf(request.Header.Get("Sec-WebSocket-Key"))+"\r\n\r\n")
	if err != nil {
		_ = conn.Close()
		return
	}
	r.conns = append(r.conns, conn)
}

// relayFrame is a text frame whose payload has a length.
func relayFrame(length int) []byte {
	head := []byte{0x80 | opText, byte(length)}
	switch {
	case length > 0xffff:
		head = binary.BigEndian.AppendUint64([]byte{0x80 | opText, 127}, uint64(length))
	case length > 125:
		head = binary.BigEndian.AppendUint16([]byte{0x80 | opText, 126}, uint16(length))
	}
	return append(head, bytes.Repeat([]byte("x"), length)...)
}

// floor is a relay in a process of its own.
type floor struct {
	target
	command *exec.Cmd
	orders  io.WriteCloser
}

func (l *lab) startRelay(ctx context.Context, length int) (*floor, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start the relay: %w", err)
	}
	f := &floor{command: exec.CommandContext(ctx, self, "loadtest", "relay", fmt.Sprintf("--length=%d", length))} //nolint:gosec // this very program
	f.command.Stderr = l.Out
	orders, inErr := f.command.StdinPipe()
	out, outErr := f.command.StdoutPipe()
	if err := errors.Join(inErr, outErr); err != nil {
		return nil, fmt.Errorf("start the relay: %w", err)
	}
	f.orders = orders
	if err := f.command.Start(); err != nil {
		return nil, fmt.Errorf("start the relay: %w", err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	at := strings.Fields(line)
	if err != nil || len(at) == 0 {
		return nil, errors.Join(fmt.Errorf("the relay said %q", line), err, f.stop())
	}
	f.target = targetAt(at[len(at)-1], f.command.Process.Pid)
	return f, nil
}

// relay has a frame written to every socket.
func (f *floor) relay() error {
	_, err := io.WriteString(f.orders, "\n")
	return err
}

func (f *floor) stop() error {
	return errors.Join(f.orders.Close(), f.command.Wait())
}
