package static_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/fasthttp/websocket"

	"chinwag/static"
)

// policy is as strict as the one that the program sends.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-x'; connect-src 'self'; " +
	"img-src 'self' data:; form-action 'self'; base-uri 'none'"

// room is a server with one room, whose every word the test says.
type room struct {
	t       *testing.T
	url     string
	sockets chan *socket
	posts   chan *post
	closed  atomic.Bool  // handshakes are refused
	loads   atomic.Int64 // how often the page was fetched
	slow    atomic.Bool  // who asks for older messages waits for the test
}

// socket is the server's end of a WebSocket; after is what its handshake asked for.
type socket struct {
	t     *testing.T
	conn  *websocket.Conn
	after string
}

// post is a form on its way, or a request for one; who sent it waits until it is answered.
type post struct {
	path   string
	form   url.Values
	prefer string // how much of an answer the page wants
	answer chan answer
}

type answer struct {
	status int
	body   string
}

func startRoom(t *testing.T) *room {
	t.Helper()
	assets, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	r := &room{t: t, sockets: make(chan *socket, 8), posts: make(chan *post, 8)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /static/{name}", func(w http.ResponseWriter, q *http.Request) { serveAsset(w, q, assets) })
	mux.HandleFunc("GET /history", func(w http.ResponseWriter, _ *http.Request) {
		html(w, 200, roomPage(assets, false))
	})
	mux.HandleFunc("GET /elsewhere", func(w http.ResponseWriter, _ *http.Request) {
		html(w, 200, `<link rel="icon" href="data:,"><p id="else">Elsewhere`)
	})
	mux.HandleFunc("GET /live", r.connect)
	mux.HandleFunc("GET /rooms/12/{seq}", func(w http.ResponseWriter, _ *http.Request) {
		html(w, 200, roomPage(assets, false))
	})
	take := func(w http.ResponseWriter, q *http.Request) {
		p := &post{
			path: q.URL.Path, form: url.Values{"body": {q.FormValue("body")}, "key": {q.FormValue("key")}},
			prefer: q.Header.Get("Prefer"), answer: make(chan answer),
		}
		r.posts <- p
		select {
		case a := <-p.answer:
			if a.status == http.StatusForbidden { // refused before the composer is known
				w.Header().Set("HX-Retarget", "#body-error")
				w.Header().Set("HX-Reswap", "innerHTML")
			}
			html(w, a.status, a.body)
		case <-q.Context().Done():
		}
	}
	mux.HandleFunc("GET /rooms/12", func(w http.ResponseWriter, q *http.Request) {
		if before := q.FormValue("before"); before != "" {
			if r.slow.Load() {
				take(w, q)
				return
			}
			html(w, 200, olderPage(before))
			return
		}
		r.loads.Add(1)
		html(w, 200, roomPage(assets, true))
	})
	mux.HandleFunc("POST /rooms/12/messages", take)
	mux.HandleFunc("GET /rooms/12/{seq}/edit", take)
	mux.HandleFunc("POST /rooms/12/{seq}/edit", take)
	mux.HandleFunc("POST /rooms/12/{seq}/delete", take)
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.CloseClientConnections() // nobody waits for an answer that a failed test owes
		server.Close()
	})
	r.url = server.URL
	return r
}

func (r *room) connect(w http.ResponseWriter, q *http.Request) {
	if r.closed.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	var upgrader websocket.Upgrader
	conn, err := upgrader.Upgrade(w, q, nil)
	if err != nil {
		return // the page has gone meanwhile; whoever waits for this handshake will say so
	}
	defer conn.Close()
	r.sockets <- &socket{t: r.t, conn: conn, after: q.FormValue("after")}
	for err == nil { // reading is what notices the other side's close
		_, _, err = conn.ReadMessage()
	}
}

// open goes to the room's page and puts the cursor into the composer.
func (r *room) open(p *tab) *socket {
	p.t.Helper()
	p.do(chromedp.Navigate(r.url + "/rooms/12"))
	s := r.accept(340)
	p.run(`document.getElementById('body').focus()`)
	return s
}

// accept waits for the next handshake and checks which revision it asks for.
func (r *room) accept(after int) *socket {
	r.t.Helper()
	select {
	case s := <-r.sockets:
		if s.after != strconv.Itoa(after) {
			r.t.Fatalf("the handshake asks after %s, want %d", s.after, after)
		}
		return s
	case <-time.After(patience):
		r.t.Fatal("no handshake came")
		return nil
	}
}

// received waits for the next message that somebody sends.
func (r *room) received() *post {
	r.t.Helper()
	select {
	case p := <-r.posts:
		return p
	case <-time.After(patience):
		r.t.Fatal("no message came")
		return nil
	}
}

func (s *socket) send(frame string) {
	s.t.Helper()
	if err := s.conn.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *socket) close(code int) {
	s.t.Helper()
	message := websocket.FormatCloseMessage(code, "")
	if err := s.conn.WriteControl(websocket.CloseMessage, message, time.Now().Add(patience)); err != nil {
		s.t.Fatal(err)
	}
}

// row is a message's row whose revision is its number and 300.
func row(seq int) string {
	return fmt.Sprintf(`<li class="m" id="m%d" data-by="7" data-rev="%d"><a class="at" href="/rooms/12/%d">`+
		`<time datetime="2026-11-22T14:05Z">14:05</time></a><div class="text"><p>message %d</p></div></li>`, seq, seq+300, seq, seq)
}

// gone is the frame that deletes a row, under this revision.
func gone(row string, rev int) string {
	return regexp.MustCompile(`class="m"(.*) data-rev="\d+">(.*)<p>.*</p>`).
		ReplaceAllString(row, fmt.Sprintf(`class="m gone"$1 data-rev="%d" hx-swap-oob="true">${2}deleted`, rev))
}

func rows(from, to int) string {
	var all strings.Builder
	for seq := from; seq <= to; seq++ {
		all.WriteString(row(seq))
	}
	return all.String()
}

// arrive is a frame that brings rows.
func arrive(rows ...string) string {
	return `<hx-upsert hx-target="#tail">` + strings.Join(rows, "") + `</hx-upsert>`
}

func composer(key, body, sentence string) string {
	return `<form id="composer" method="post" action="/rooms/12/messages" hx-post="/rooms/12/messages" hx-target="#composer" hx-swap="outerMorph" data-me="7" data-pen="Edit" data-edit="/rooms/12/%d/edit">` +
		`<input type="hidden" name="csrf" value="c"><input type="hidden" id="key" name="key" value="` + key + `">` +
		`<label for="body">Message General</label><textarea id="body" name="body" rows="1" data-failed="Not sent." data-busy="Busy.">` + body +
		`</textarea><p id="body-error" role="alert">` + sentence + `</p><button>Send</button></form>`
}

func roomPage(assets *static.Assets, live bool) string {
	id := ""
	if live {
		id = ` id="tail"`
	}
	return `<!doctype html><html lang="en"><head><title>General</title>` +
		`<link rel="icon" href="data:,"><script defer src="` + assets.Path("app.js") + `"></script><style nonce="x">` +
		`#scroll{height:200px;overflow-y:auto;display:flex;flex-direction:column-reverse}#scroll>div{flex:none}.m{height:50px;position:relative}` +
		`.pen{position:absolute;top:0;right:0}` +
		`#older{display:contents}#older-link{overflow-anchor:none}` +
		`</style></head><body><div id="app" hx-ws:connect="/live?room=12&amp;after=340" hx-swap="none">` +
		`<main id="pane"><p id="line" role="status" hidden data-lost="Connection lost." data-ended="You are signed out."></p>` +
		`<div id="scroll" tabindex="0"><div><div id="older"><a id="older-link" href="/rooms/12?before=1" hx-get="/rooms/12?before=1" ` +
		`hx-trigger="click" hx-target="this" hx-swap="outerHTML">Older messages</a></div><div id="log" role="log" data-room="12" ` +
		`data-rev="340"><ol` + id + `>` + rows(1, 40) + `</ol></div></div></div><a id="newest" href="/rooms/12" data-one="%d new message" ` +
		`data-many="%d new messages">Jump to newest</a>` + composer("first", "", "") + `</main></div></body></html>`
}

// olderPage is what comes above: ten rows without numbers of their own to follow, and the row that stood first, drawn again.
func olderPage(before string) string {
	return `<ol>` + strings.ReplaceAll(rows(101, 110), `id="m`, `id="older`) + `</ol>` +
		strings.Replace(row(1), `<li class="m"`, `<li class="m c" title="`+before+`" hx-swap-oob="true"`, 1)
}

func html(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", policy)
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

func serveAsset(w http.ResponseWriter, q *http.Request, assets *static.Assets) {
	file, ok := assets.File(q.PathValue("name"))
	if !ok {
		http.NotFound(w, q)
		return
	}
	w.Header().Set("Content-Type", file.Type)
	w.Header().Set("Content-Encoding", "gzip")
	_, _ = w.Write(file.Gzip)
}
