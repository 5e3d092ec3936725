package handlers

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
	"golang.org/x/time/rate"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/realtime"
)

// Codes a socket is closed with (RFC 6455, section 7.4.1, and IANA's registry). A page comes back after all but the last.
const (
	closeRestart = websocket.CloseServiceRestart
	closeCrowded = websocket.CloseTryAgainLater
	closeInside  = websocket.CloseInternalServerErr
	closeEnded   = websocket.ClosePolicyViolation // the session has ended: stop
)

// Times and sizes of a socket. Proxies cut a silent line after 60 to 100 seconds.
const (
	pingEvery      = 30 * time.Second
	deadAfter      = 75 * time.Second
	writeWithin    = 45 * time.Second // for a frame; whoever takes none in that time is gone
	slowAfter      = 15 * time.Second // whoever takes so long for a frame is told to come back when the line is better
	farewellWithin = time.Second
	frameMax       = 32 << 10 // bytes, upwards
	kernelBuffer   = 64 << 10 // bytes the system keeps of what was written to one socket
	socketsMax     = 20       // for one person
	retryCrowded   = 30 * time.Second
)

// How many frames a page may send, pings and pongs among them (OWASP ASVS 5.0, 2.4.1).
const (
	framesPerSecond = 20
	framesAtOnce    = 40
)

var errNoisy = errors.New("too many frames")

// socket is one open page. Nothing touches its connection after its handler has returned, for it could be somebody else's
// by then: exit takes it out of live, and closing the screen waits for its writer. The handler reads; what waits for the
// screen is written by whoever sends, or by a goroutine that lives while the line is full.
type socket struct {
	live    *live
	conn    *websocket.Conn // read from by the handler
	line    *line           // written to by whoever has something to say
	screen  *realtime.Screen
	viewer  chat.UserID
	session chat.SessionHash
	room    chat.RoomID // 0: the page shows none
	since   chat.Seq    // what came up to this message is not the viewer's to see
	after   chat.Rev    // what the page has of the room, by its own word
	fresh   bool        // it has not been brought up to date yet; the writer's alone
	turn    int         // in which second of every pingEvery it is pinged
	ended   atomic.Bool // a close frame was written or came: nothing more is to be said
	id      string      // of the request, for the log
}

func (k *socket) access() db.Access { return db.Access{Session: k.session, Room: k.room} }

func (k *socket) topic() string { return roomTopic(k.room, k.since) }

// sees says whether the page may show what it shows.
func (k *socket) sees(g db.Granted) bool { return k.room == 0 || g.Room && g.SinceSeq == k.since }

// connect upgrades a page's request to its socket. GET /live?room=12&after=345
func (s *Server) connect(c *call) error {
	if !websocket.IsWebSocketUpgrade(c.Ctx) {
		return fiber.ErrUpgradeRequired
	}
	if s.draining.Load() {
		return chat.ErrBusy
	}
	if c.session == nil {
		return s.turnAway(c)
	}
	if s.live.crowded(c.viewer()) {
		return tooMany{retryCrowded}
	}
	k := &socket{live: s.live, viewer: c.viewer(), session: c.session.Hash, fresh: true, id: c.id}
	rev, err := s.readCursor(c, k)
	if err != nil {
		return err
	}
	return s.upgrade(c, func(conn *websocket.Conn) {
		k.conn, k.line = conn, newLine(conn)
		k.serve(rev)
	})
}

// turnAway tells the page of a session that has ended so through its socket, whether it is to come back.
func (s *Server) turnAway(c *call) error {
	page := db.Access{Session: c.sid.Hash()}
	granted, err := s.DB.Granted(c.ctx(), []db.Access{page})
	if err != nil {
		return err
	}
	g, there := granted[page]
	code := s.live.ending(g, there)
	if code == 0 {
		code = closeRestart // it was there again, or for the first time, only now
	}
	return s.upgrade(c, func(conn *websocket.Conn) { _ = newLine(conn).close(code) }) // it is leaving anyway
}

// readCursor reads which room a page shows and what it has of it. It gives the revision the room has come to by now.
func (s *Server) readCursor(c *call, k *socket) (chat.Rev, error) {
	if c.Query("room") == "" {
		return 0, nil
	}
	room, err := strconv.ParseInt(c.Query("room"), 10, 64)
	if err != nil {
		return 0, chat.ErrNotFound
	}
	seen, err := s.DB.Room(c.ctx(), c.viewer(), chat.RoomID(room))
	if err != nil {
		return 0, err
	}
	k.room, k.since, k.after = seen.ID, seen.SinceSeq(), seen.Rev
	if text := c.Query("after"); text != "" {
		after, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			after = -1 // below every floor: the room is loaded again
		}
		k.after = chat.Rev(after)
	}
	return seen.Rev, nil
}

// upgrade makes a socket of a request and lets serve have it. An open socket keeps nothing of the request, which would
// be most of the memory it takes: ten thousand of them are idle at a time.
func (s *Server) upgrade(c *call, serve func(*websocket.Conn)) error {
	id, request := c.id, c.Context()
	s.address(c) // for the log, before its header goes
	c.shed()
	return websocket.New(func(conn *websocket.Conn) {
		defer conn.Close() // nobody is left to tell
		request.Request, request.Response = fasthttp.Request{}, fasthttp.Response{}
		serve(conn)
	}, websocket.Config{
		Origins: []string{s.origin()}, ReadBufferSize: 256, WriteBufferSize: 256, // a handshake is written past it, and we write by ourselves
		RecoverHandler: func(conn *websocket.Conn) {
			if p := recover(); p != nil {
				s.log.Error("socket panicked", slog.String("id", id), slog.Any("error", panicked(p)))
				_ = newLine(conn).close(closeInside) // it may be what broke
			}
		},
	})(c.Ctx)
}

// shed drops what the handshake does not need of a request.
func (c *call) shed() {
	c.Context().RemoveUserValue(callKey)
	header := &c.Request().Header
	var drop []string
	for key := range header.All() {
		name := string(key)
		if !strings.HasPrefix(name, "Sec-Websocket") && !slices.Contains(handshakeHeaders, name) {
			drop = append(drop, name)
		}
	}
	for _, name := range drop {
		header.Del(name)
	}
	header.DelAllCookies()
}

var handshakeHeaders = []string{fiber.HeaderHost, fiber.HeaderOrigin, fiber.HeaderConnection, fiber.HeaderUpgrade} // a constant in all but name

// serve keeps a page until it goes, or the session or the node ends.
func (k *socket) serve(rev chat.Rev) {
	l := k.live
	topics := []string{userTopic(k.viewer), sessionTopic(k.session)}
	if k.room != 0 {
		topics = append(topics, k.topic())
	}
	k.screen = l.hub.Open(topics...)
	defer k.screen.Close()
	defer k.conn.Close() // first, for a writer may hang at it
	if !l.enter(k, rev) {
		_ = k.line.close(closeCrowded) // if it is gone already, all the better
		return
	}
	defer l.exit(k)
	k.screen.Start(k)
	k.read()
	k.ended.Store(true) // whatever the writer cannot write now is no news
}

// read takes what comes up: answers to pings, and the end. Nothing else is spoken yet, so anything else ends the socket.
func (k *socket) read() {
	k.conn.SetReadLimit(frameMax)
	spoken := rate.NewLimiter(framesPerSecond, framesAtOnce)
	k.conn.SetPongHandler(func(string) error {
		if !spoken.Allow() {
			return errNoisy
		}
		return k.hearUntil(deadAfter)
	})
	k.conn.SetPingHandler(func(data string) error {
		if !spoken.Allow() {
			return errNoisy
		}
		k.answer(pong(data))
		return nil
	})
	k.conn.SetCloseHandler(func(code int, _ string) error {
		if code == websocket.CloseNoStatusReceived { // which is never sent
			code = websocket.CloseNormalClosure
		}
		if !k.ended.Swap(true) {
			k.answer(farewell(code))
		}
		return nil
	})
	if err := k.hearUntil(deadAfter); err != nil {
		return
	}
	if _, _, err := k.conn.NextReader(); err == nil || errors.Is(err, errNoisy) {
		k.answer(farewell(closeEnded)) // whoever speaks otherwise is not our page
	}
}

// answer writes a control frame from the reader. What of it does not go out at once is left to the writer.
func (k *socket) answer(frame []byte) {
	if !k.line.answer(frame) {
		k.screen.Ping()
	}
}

// hearUntil gives the peer time for its next sign of life; less if there is only its farewell to wait for.
func (k *socket) hearUntil(within time.Duration) error {
	err := k.conn.SetReadDeadline(time.Now().Add(within))
	if err == nil && k.ended.Load() {
		err = k.conn.SetReadDeadline(time.Now().Add(farewellWithin))
	}
	if err != nil {
		return fmt.Errorf("read deadline: %w", err)
	}
	return nil
}
