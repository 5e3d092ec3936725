package handlers_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
	"chinwag/handlers"
	"chinwag/realtime"
	"chinwag/static"
	"chinwag/views"
)

// benchSite is a whole server on a free port, with a community that is filled past the rules. It counts nobody's requests.
type benchSite struct {
	*dbtest.DB
	server *handlers.Server
	public *url.URL
	client *http.Client
}

func openBenchSite(b *testing.B) *benchSite {
	b.Helper()
	place, broker := dbtest.Fresh(b), realtime.NewMemory()
	opened, err := db.Open(b.Context(), place, handlers.Publisher(broker))
	mustBench(b, err)
	listener, err := (&net.ListenConfig{}).Listen(b.Context(), "tcp", "127.0.0.1:0")
	mustBench(b, err)
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 1000}
	s := &benchSite{
		DB:     dbtest.Around(b, place, opened, &dbtest.Events{}),
		public: &url.URL{Scheme: "http", Host: listener.Addr().String()},
		client: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	words, err := views.NewWords()
	mustBench(b, err)
	assets, err := static.New()
	mustBench(b, err)
	blobs := openBlobs(place)
	s.server, err = handlers.New(handlers.Config{PublicURL: s.public}, handlers.Parts{
		DB: opened, Community: s.Community, Blobs: blobs, Broker: broker, Words: words, Assets: assets,
		Log: slog.New(slog.NewJSONHandler(io.Discard, nil)),
	})
	mustBench(b, err)
	s.server.Drain(0)
	s.server.OpenGate()
	served := make(chan error, 1)
	go func() { served <- s.server.Serve(listener) }()
	b.Cleanup(func() {
		transport.CloseIdleConnections()
		mustBench(b, errors.Join(s.server.Shutdown(5*time.Second), <-served, blobs.Close(), opened.Close()))
	})
	return s
}

// fill puts n messages of some length by several people into an empty room.
func (s *benchSite) fill(b *testing.B, room chat.RoomID, n int) {
	b.Helper()
	const people = 7
	first := s.NewPerson(b, "someone 0")
	for i := range people - 1 {
		s.NewPerson(b, fmt.Sprint("someone ", i+1))
	}
	s.Exec(b, `
		WITH RECURSIVE numbers (n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < $1),
		texts (n, text) AS (SELECT n, n || ' ' || substr($2, CAST(1 + n * 7 % 60 AS INTEGER), CAST(20 + n * 37 % 120 AS INTEGER)) FROM numbers)
		INSERT INTO messages (room_id, seq, rev, born, author_id, body, html, created_at, edited_at, deleted_at, send_key, body_mac)
		SELECT $3, n, n, n, $4 + n / 3 % $5, text, '<p>' || text || '</p>', 1700000000000 + n * 60000, 0, 0, n || 'fill', ''
		FROM texts`, n, talk, room, first, people)
	s.Exec(b, `UPDATE rooms SET last_seq = $1, rev = $1 WHERE id = $2`, n, room)
}

// talk is what is said, in pieces.
const talk = "Has anybody seen the new timetable? I thought the last train leaves at ten past twelve, but the board at the station " +
	"says five to, and the one after that only runs on Sundays. Perhaps we should meet a little earlier, then."

// guest is somebody who is signed in.
type guest struct {
	site   *benchSite
	id     chat.UserID
	cookie string
	token  string // of the forms
}

// enters makes somebody who is a member of rooms.
func (s *benchSite) enters(b *testing.B, name string, rooms ...chat.RoomID) *guest {
	b.Helper()
	sid := chat.SessionID(chat.NewToken(32))
	g := &guest{site: s, id: s.NewPerson(b, name), cookie: "sid=" + string(sid), token: handlers.NewFormToken(string(sid))}
	mustBench(b, s.Write(b.Context(), 0, func(tx chat.Tx) error {
		err := tx.CreateSession(chat.SessionRow{Hash: sid.Hash(), User: g.id, SignedInAt: s.Clock.Now()})
		for _, room := range rooms {
			err = errors.Join(err, tx.CreateMembership(chat.Membership{Room: room, User: g.id, Role: chat.MemberPlain, JoinedAt: s.Clock.Now()}))
		}
		return err
	}))
	return g
}

// does sends a request and reads the answer.
func (g *guest) does(req *http.Request) (string, error) {
	req.Header.Set("Cookie", g.cookie)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := g.site.client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %d: %.500s", req.URL, res.StatusCode, body)
	}
	return string(body), err
}

// gets asks for a page, packed in a way or plain.
func (g *guest) gets(path, packed string) (string, error) {
	req, err := http.NewRequest(http.MethodGet, g.site.public.String()+path, nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("Accept-Encoding", packed)
	return g.does(req)
}

// posts says something as a page's script does whose socket brings the message, and gives the key of the next send.
func (g *guest) posts(room chat.RoomID, text, key string) (next string, err error) {
	form := url.Values{"csrf": {g.token}, "key": {key}, "body": {text}}
	req, err := http.NewRequest(http.MethodPost, g.site.public.String()+roomPath(room)+"/messages", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", g.site.public.String())
	req.Header.Set("HX-Request", "true")
	req.Header.Set("Prefer", "return=minimal")
	answer, err := g.does(req)
	_, rest, _ := strings.Cut(answer, `value="`)
	next, _, there := strings.Cut(rest, `"`)
	if err == nil && !there {
		err = fmt.Errorf("no key in %q", answer)
	}
	return next, err
}

// returns opens the socket of a room's page that has come to a revision, takes the first frame, and hangs up. Where no
// frame is to come, it says goodbye and waits for the end of the line instead.
func (g *guest) returns(room chat.RoomID, after chat.Rev, missed bool) (string, error) {
	header := http.Header{"Origin": {g.site.public.String()}, "Cookie": {g.cookie}}
	address := fmt.Sprintf("ws://%s/live?room=%d&after=%d", g.site.public.Host, room, after)
	conn, _, err := websocket.DefaultDialer.Dial(address, header)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return "", err
	}
	if !missed {
		goodbye := websocket.FormatCloseMessage(websocket.CloseGoingAway, "")
		if err := conn.WriteControl(websocket.CloseMessage, goodbye, time.Now().Add(10*time.Second)); err != nil {
			return "", err
		}
	}
	_, frame, err := conn.ReadMessage()
	if !missed && !errors.Is(err, os.ErrDeadlineExceeded) {
		err = nil
	}
	return string(frame), err
}

// processorTime is what this process has used so far.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	mustBench(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func mustBench(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
