package e2e

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"testing"
)

// line is the wire between people and a site. It counts every byte, headers and framing included, and it can break.
type line struct {
	t        testing.TB
	listener net.Listener
	to       string // where the site listens

	mu    sync.Mutex
	nodes []string              // where it leads instead, if there are any: to each in turn
	cut   bool                  // lets nothing through
	old   bool                  // lets no sockets through, as proxies that know nothing of them
	kind  bool                  // lets browsers keep pages as they were left, which we forbid and some do all the same
	ends  map[net.Conn]struct{} // both ends of every connection
	spent spent
}

// spent is what passed: requests, and bytes up from people and down to them, on connections that are sockets and on others.
type spent struct{ requests, up, down, socketUp, socketDown int }

func (s spent) http() int  { return s.up + s.down }
func (s spent) total() int { return s.http() + s.socketUp + s.socketDown }

// startLine opens a line to a free port, where a site is to start.
func startLine(t testing.TB) *line {
	t.Helper()
	return startLineTo(t, freeAddress(t))
}

func startLineTo(t testing.TB, to string) *line {
	t.Helper()
	l := &line{t: t, listener: listen(t), to: to, ends: map[net.Conn]struct{}{}}
	var work sync.WaitGroup
	work.Go(l.serve)
	t.Cleanup(func() {
		_ = l.listener.Close() // ends serve
		l.breaks()
		work.Wait()
	})
	return l
}

// freeAddress is one where nobody listens now. It is none of the ports that Linux gives to connections: what restarts there
// later must find it free still.
func freeAddress(t testing.TB) string {
	t.Helper()
	for range 100 {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000)))
		if err != nil {
			continue // somebody listens
		}
		must(t, listener.Close())
		return listener.Addr().String()
	}
	t.Fatal("no port is free")
	return ""
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	return listener
}

func (l *line) port() string {
	_, port, err := net.SplitHostPort(l.listener.Addr().String())
	must(l.t, err)
	return port
}

func (l *line) serve() {
	var work sync.WaitGroup
	defer work.Wait()
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		far, err := l.reaches()
		if err != nil || !l.holds(near, far) {
			drop(near, far)
			continue
		}
		c := &connection{line: l, near: near, far: far}
		work.Go(c.carryUp)
		work.Go(c.carryDown)
	}
}

// reaches opens the far half of a connection. Where it leads to several nodes, one that is not there is passed over.
func (l *line) reaches() (far net.Conn, err error) {
	l.mu.Lock()
	list := l.nodes
	if len(list) > 0 {
		l.nodes = append(slices.Clone(list[1:]), list[0])
	} else {
		list = []string{l.to}
	}
	l.mu.Unlock()
	for _, node := range list {
		if far, err = net.Dial("tcp", node); err == nil {
			break
		}
	}
	return far, err
}

// holds notes the two ends of a new connection, unless the line is cut.
func (l *line) holds(near, far net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		return false
	}
	l.ends[near], l.ends[far] = struct{}{}, struct{}{}
	return true
}

// breaks ends every connection without a word, and lets none through until the line is mended.
func (l *line) breaks() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
	for end := range l.ends {
		drop(end)
	}
	clear(l.ends)
}

// refusesSockets ends those that are open too.
func (l *line) refusesSockets() {
	l.breaks()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut, l.old = false, true
}

// letsPagesBeKept has browsers take a page from their cache when somebody goes back to it.
func (l *line) letsPagesBeKept() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kind = true
}

func (l *line) mends() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut, l.old = false, false
}

// counts what passes while something is done.
func (l *line) counts(do func()) spent {
	before := l.sum()
	do()
	after := l.sum()
	return spent{
		after.requests - before.requests, after.up - before.up, after.down - before.down,
		after.socketUp - before.socketUp, after.socketDown - before.socketDown,
	}
}

func (l *line) sum() spent {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.spent
}

// drop closes connections as a dead line does: with a reset.
func drop(ends ...net.Conn) {
	for _, end := range ends {
		if tcp, ok := end.(*net.TCPConn); ok && tcp != nil {
			_ = tcp.SetLinger(0) // it is closed next
			_ = tcp.Close()
		}
	}
}

// connection is one of the line's. It is a socket from the request on that makes it one.
type connection struct {
	line      *line
	near, far net.Conn
	socket    bool // guarded by line.mu
}

func (c *connection) carryUp() {
	c.carry(c.near, c.far, func(chunk []byte) (passes bool) {
		if bytes.HasPrefix(chunk, []byte("GET ")) || bytes.HasPrefix(chunk, []byte("POST ")) {
			c.line.spent.requests++
		}
		c.socket = c.socket || bytes.Contains(bytes.ToLower(chunk), []byte("\r\nupgrade: websocket"))
		if c.socket {
			c.line.spent.socketUp += len(chunk)
		} else {
			c.line.spent.up += len(chunk)
		}
		return !c.socket || !c.line.old
	})
}

func (c *connection) carryDown() {
	c.carry(c.far, c.near, func(chunk []byte) (passes bool) {
		if c.line.kind {
			copy(chunk, bytes.Replace(chunk, []byte("Cache-Control: no-store"), []byte("Cache-Control: no-cache"), 1))
		}
		if c.socket {
			c.line.spent.socketDown += len(chunk)
		} else {
			c.line.spent.down += len(chunk)
		}
		return true
	})
}

// carry passes bytes on, each counted before it is seen, until an end closes or bytes may not pass; then it closes the other.
func (c *connection) carry(from, to net.Conn, count func(chunk []byte) (passes bool)) {
	defer to.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			c.line.mu.Lock()
			passes := count(buffer[:n])
			c.line.mu.Unlock()
			if !passes {
				return
			}
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
