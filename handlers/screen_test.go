package handlers_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"chinwag/chat"
)

// screen is the socket of an open page: it keeps what came down and how it ended.
type screen struct {
	t     *testing.T
	conn  *websocket.Conn
	pongs chan struct{}

	mu     sync.Mutex
	frames []string
	code   int // of the close; 0 while it is open, -1 when the line just broke
}

// watches opens the socket of a room's page that has come to a revision.
func (b *browser) watches(room chat.RoomID, after chat.Rev) *screen {
	b.t.Helper()
	return b.opensSocket("?room=" + strconv.FormatInt(int64(room), 10) + "&after=" + strconv.FormatInt(int64(after), 10))
}

// opensSocket opens a socket, which must succeed.
func (b *browser) opensSocket(query string) *screen {
	b.t.Helper()
	conn, res, err := b.shakesHands(query, nil)
	if err != nil {
		b.t.Fatalf("/live%s: %v (%v)", query, err, res)
	}
	return b.screen(conn)
}

func (b *browser) screen(conn *websocket.Conn) *screen {
	s := &screen{t: b.t, conn: conn, pongs: make(chan struct{}, 1)}
	conn.SetPongHandler(func(string) error { s.pongs <- struct{}{}; return nil })
	b.t.Cleanup(func() { _ = conn.Close() }) // it may be closed already
	go s.reads()
	return s
}

// shakesHands asks for a socket with the browser's cookies and our own Origin, or as change says.
func (b *browser) shakesHands(query string, change func(http.Header)) (*websocket.Conn, *http.Response, error) {
	header := http.Header{"Origin": {b.site.origin()}}
	req := &http.Request{Header: http.Header{}}
	for _, c := range b.client.Jar.Cookies(b.site.config.PublicURL) {
		req.AddCookie(c)
	}
	if cookies := req.Header.Get("Cookie"); cookies != "" {
		header.Set("Cookie", cookies)
	}
	if change != nil {
		change(header)
	}
	dialer := websocket.Dialer{
		HandshakeTimeout: 10 * time.Second, EnableCompression: true, // to be refused
		NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return b.dialer.DialContext(ctx, network, address)
		},
	}
	return dialer.DialContext(b.t.Context(), strings.Replace(b.site.URL, "http", "ws", 1)+"/live"+query, header)
}

// reads keeps frames until the socket ends.
func (s *screen) reads() {
	for {
		_, frame, err := s.conn.ReadMessage()
		s.mu.Lock()
		if err != nil {
			var closed *websocket.CloseError
			s.code = -1
			if errors.As(err, &closed) {
				s.code = closed.Code
			}
			s.mu.Unlock()
			return
		}
		s.frames = append(s.frames, string(frame))
		s.mu.Unlock()
	}
}

// got is the frames so far.
func (s *screen) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.frames)
}

// ended is the code the socket was closed with, 0 while it is open.
func (s *screen) ended() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.code
}

// closesWith waits until the socket is closed with a code.
func (s *screen) closesWith(code int) {
	s.t.Helper()
	eventually(s.t, func() bool { return s.ended() != 0 })
	if got := s.ended(); got != code {
		s.t.Errorf("the socket was closed with %d, not %d", got, code)
	}
}

// stays holds that the server still answers on the socket.
func (s *screen) stays() {
	s.t.Helper()
	must(s.t, s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(10*time.Second)))
	select {
	case <-s.pongs:
	case <-time.After(10 * time.Second):
		s.t.Errorf("the socket does not answer; closed with %d", s.ended())
	}
}

// shows waits until a message is on the screen.
func (s *screen) shows(text string) {
	s.t.Helper()
	defer func() {
		if s.t.Failed() {
			log := s.log()
			s.t.Logf("the screen has %d rows up to revision %d; told to reload: %v, lost: %v, closed: %d", len(log.rows), log.rev, log.reload, log.lost, s.ended())
		}
	}()
	eventually(s.t, func() bool { return strings.Contains(strings.Join(s.got(), ""), text) })
}

// log is what the page shows of the room by now.
func (s *screen) log() *liveLog {
	l := &liveLog{}
	for _, frame := range s.got() {
		l.takes(frame)
	}
	return l
}

// liveLog is a room's log as the page keeps it: a row whose id is there already is replaced, any other is appended.
type liveLog struct {
	rows   []liveRow
	rev    chat.Rev // the highest data-rev seen: the cursor
	reload bool     // the page was told to load the room again
	lost   bool     // the pane was replaced: the room is not the viewer's any more
}

// liveRow is one message.
type liveRow struct {
	id   string
	rev  chat.Rev
	text string
}

// takes puts one frame onto the page.
func (l *liveLog) takes(frame string) {
	nodes, err := html.ParseFragment(strings.NewReader(frame), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		panic(err) // a strings.Reader does not fail
	}
	for _, root := range nodes {
		l.takesNode(root)
		for n := range root.Descendants() {
			l.takesNode(n)
		}
	}
}

func (l *liveLog) takesNode(n *html.Node) {
	if n.Type != html.ElementNode {
		return
	}
	switch {
	case attribute(n, "id") == "line": // it speaks only to say that the page must be loaded again
		l.reload = true
	case attribute(n, "id") == "pane":
		l.lost = true
	case n.Data == "li" && attribute(n, "data-rev") != "":
		rev, _ := strconv.ParseInt(attribute(n, "data-rev"), 10, 64)
		row := liveRow{id: attribute(n, "id"), rev: chat.Rev(rev), text: messageText(n)}
		l.rev = max(l.rev, row.rev)
		i := slices.IndexFunc(l.rows, func(r liveRow) bool { return r.id == row.id })
		if i < 0 {
			l.rows = append(l.rows, row)
			return
		}
		l.rows[i] = row
	}
}

func messageText(row *html.Node) string {
	for n := range row.Descendants() {
		if n.Type == html.ElementNode && slices.Contains(strings.Fields(attribute(n, "class")), "text") {
			return textOf(n)
		}
	}
	return ""
}

// ids are the rows in the order of the page.
func (l *liveLog) ids() []string {
	list := make([]string, 0, len(l.rows))
	for _, r := range l.rows {
		list = append(list, r.id)
	}
	return list
}

// texts are the messages in the order of the page.
func (l *liveLog) texts() []string {
	list := make([]string, 0, len(l.rows))
	for _, r := range l.rows {
		list = append(list, r.text)
	}
	return list
}

// forgets lets go of the frames so far.
func (s *screen) forgets() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frames = nil
}
