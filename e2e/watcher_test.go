package e2e

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/fasthttp/websocket"

	"chinwag/views/viewstest"
)

// watcher is an open page without a browser: it follows the room over its socket, and comes back from where it was when the
// socket ends, as our script does, only quicker.
type watcher struct {
	*client
	room     string
	record   *record
	random   *rand.Rand
	restless bool // drops its line at random
	dial     func(ctx context.Context, network, address string) (net.Conn, error)

	mu     sync.Mutex
	conn   *websocket.Conn
	screen *viewstest.Screen
	loads  int         // how often it loaded the page
	closes map[int]int // how often its socket was closed with which code; -1 is a line that broke
}

func newWatcher(c *client, room string, r *record, n uint64) *watcher {
	return &watcher{client: c, room: room, record: r, random: rand.New(rand.NewPCG(r.seed, n)), closes: map[int]int{}, dial: (&net.Dialer{}).DialContext}
}

// watches until it is told to stop.
func (w *watcher) watches(stop context.Context) {
	for stop.Err() == nil {
		err := w.loadsOnce(stop)
		if err == nil {
			err = w.follows(stop)
		}
		if err != nil {
			pause(stop, time.Duration(10+w.random.IntN(40))*time.Millisecond)
		}
	}
}

// loadsOnce gets the page if there is none yet, or if it was told to.
func (w *watcher) loadsOnce(stop context.Context) error {
	w.mu.Lock()
	there := w.screen != nil
	w.mu.Unlock()
	if there {
		return nil
	}
	a, err := w.try(stop, http.MethodGet, w.room, nil)
	if err != nil {
		return err
	}
	if a.Status != http.StatusOK {
		return errors.New(http.StatusText(a.Status))
	}
	screen, err := viewstest.Open(a.Body)
	if err != nil {
		w.record.wrong(w.name, "%v", err)
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.screen = screen
	w.loads++
	return nil
}

// follows takes what comes down until the socket ends or the page has to be loaded again.
func (w *watcher) follows(stop context.Context) error {
	w.mu.Lock()
	address := w.screen.Socket()
	w.mu.Unlock()
	conn, err := w.connects(stop, address, w.dial)
	if err != nil {
		return err
	}
	defer conn.Close()
	w.has(conn)
	defer w.has(nil)
	left := context.AfterFunc(stop, func() { _ = conn.Close() }) // ends the read
	defer left()
	for frames := w.random.IntN(40); !w.restless || frames > 0; frames-- {
		_, frame, err := conn.ReadMessage()
		if err != nil {
			w.ended(stop, err)
			return err
		}
		if !w.takes(string(frame)) {
			return nil
		}
	}
	return nil // the line drops
}

// has notes the page's connection; nil is none.
func (w *watcher) has(conn *websocket.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conn = conn
}

func (w *watcher) isLive() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.conn != nil
}

// hangsUp ends the connection that there is, and the page opens another.
func (w *watcher) hangsUp() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn != nil {
		_ = w.conn.NetConn().Close() // ends the read
		w.conn = nil
	}
}

// connects opens a socket as a page of ours does.
func (c *client) connects(
	ctx context.Context, address string, dial func(context.Context, string, string) (net.Conn, error),
) (*websocket.Conn, error) {
	header := http.Header{"Origin": {c.site.URL}}
	req := &http.Request{Header: http.Header{}}
	for _, cookie := range c.cookies() {
		req.AddCookie(cookie)
	}
	header.Set("Cookie", req.Header.Get("Cookie"))
	dialer := websocket.Dialer{HandshakeTimeout: patience, NetDialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return dial(ctx, "tcp", c.site.addr)
	}}
	conn, _, err := dialer.DialContext(ctx, strings.Replace(c.site.URL, "http", "ws", 1)+address, header)
	return conn, err
}

// takes puts a frame onto the screen and says whether that goes on.
func (w *watcher) takes(frame string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.screen.Take(frame); err != nil {
		w.record.wrong(w.name, "%v in %s", err, frame)
		return false
	}
	w.record.receives(w.name, int64(len(w.screen.Rows)), w.screen.Rev)
	for i := 1; i < len(w.screen.Rows); i++ {
		if w.screen.Rows[i].Seq() != w.screen.Rows[i-1].Seq()+1 {
			w.record.wrong(w.name, "%s follows %s on the screen", w.screen.Rows[i].ID, w.screen.Rows[i-1].ID)
			return false
		}
	}
	if w.screen.Lost {
		w.record.wrong(w.name, "the room was taken away")
	}
	if w.screen.Away {
		w.screen = nil // and is loaded again
		return false
	}
	return true
}

func (w *watcher) ended(stop context.Context, err error) {
	if stop.Err() != nil {
		return
	}
	code := -1
	if closed := (*websocket.CloseError)(nil); errors.As(err, &closed) {
		code = closed.Code
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closes[code]++
	if code == websocket.ClosePolicyViolation {
		w.record.wrong(w.name, "the session has ended: %v", err)
	}
}

// differs says how the screen differs from the room, or that there is none.
func (w *watcher) differs(room []viewstest.Row) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.screen == nil {
		return "no page yet"
	}
	return w.screen.Differs(room)
}
