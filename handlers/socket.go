package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"
	"golang.org/x/time/rate"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/realtime"
	"chinwag/views"
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
	writeWithin    = 10 * time.Second
	farewellWithin = time.Second
	frameMax       = 32 << 10 // bytes, upwards
	socketsMax     = 20       // for one person
	retryCrowded   = 30 * time.Second
)

// How many frames a page may send, pings and pongs among them (OWASP ASVS 5.0, 2.4.1).
const (
	framesPerSecond = 20
	framesAtOnce    = 40
)

var errNoisy = errors.New("too many frames")

// socket is one open page. Its connection is the handler's alone: used after the handler has returned, it could be
// somebody else's by then.
type socket struct {
	live    *live
	conn    *websocket.Conn
	screen  *realtime.Screen
	viewer  chat.UserID
	session chat.SessionHash
	room    chat.RoomID // 0: the page shows none
	after   chat.Rev    // what the page has of the room
	id      string      // of the request, for the log
}

func (k *socket) access() db.Access { return db.Access{Session: k.session, Room: k.room} }

// connect upgrades a page's request to its socket. GET /live?room=12&after=345
func (s *Server) connect(c *call) error {
	if !websocket.IsWebSocketUpgrade(c.Ctx) {
		return fiber.ErrUpgradeRequired
	}
	if s.draining.Load() {
		return chat.ErrBusy
	}
	if c.session == nil {
		return s.upgrade(c, func(conn *websocket.Conn) { _ = closeWith(conn, closeEnded) }) // it is leaving anyway
	}
	if s.live.crowded(c.viewer()) {
		return tooMany{retryCrowded}
	}
	k := &socket{live: s.live, viewer: c.viewer(), session: c.session.Hash, id: c.id}
	rev, err := s.readCursor(c, k)
	if err != nil {
		return err
	}
	return s.upgrade(c, func(conn *websocket.Conn) {
		k.conn = conn
		k.serve(rev)
	})
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
	k.room, k.after = seen.ID, seen.Rev
	if text := c.Query("after"); text != "" {
		after, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			after = -1 // below every floor: the room is loaded again
		}
		k.after = chat.Rev(after)
	}
	return seen.Rev, nil
}

func (s *Server) upgrade(c *call, serve func(*websocket.Conn)) error {
	return websocket.New(func(conn *websocket.Conn) {
		defer conn.Close() // nobody is left to tell
		serve(conn)
	}, websocket.Config{
		Origins: []string{s.origin()}, ReadBufferSize: 256, WriteBufferSize: 1024,
		RecoverHandler: func(conn *websocket.Conn) {
			if p := recover(); p != nil {
				s.log.Error("socket panicked", slog.String("id", c.id), slog.Any("error", panicked(p)))
				_ = closeWith(conn, closeInside) // it may be what broke
			}
		},
	})(c.Ctx)
}

// serve brings a page up to date, then writes what comes until the page, the session or the node ends.
func (k *socket) serve(rev chat.Rev) {
	l := k.live
	topics := []string{userTopic(k.viewer), sessionTopic(k.session)}
	if k.room != 0 {
		topics = append(topics, roomTopic(k.room))
	}
	k.screen = l.hub.Open(topics...)
	defer k.screen.Close()
	if !l.enter(k, rev) {
		_ = closeWith(k.conn, closeCrowded) // if it is gone already, all the better
		return
	}
	defer l.exit(k)

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	// Rights are asked for again now that the screen is registered: what ends later reaches it as an event.
	err := safely(func() error {
		alive, err := l.allow(ctx, k)
		if err == nil && alive && k.room != 0 {
			err = k.catchUp(ctx, k.after)
		}
		return err
	})
	if err == nil {
		read := make(chan struct{})
		go k.read(read)
		err = safely(func() error { return k.write(ctx, read) }) // whatever happens, the reader is waited for
		_ = k.conn.Close()                                       // ends the reader
		<-read
	} else {
		_ = closeWith(k.conn, closeInside) // it is broken already
	}
	if err != nil {
		l.server.log.Info("socket closed", slog.String("id", k.id), slog.Any("error", err))
	}
}

// catchUp writes what the page missed after a revision; what the hub has of it by now is skipped.
func (k *socket) catchUp(ctx context.Context, after chat.Rev) error {
	l := k.live
	missed, err := l.missed(ctx, k, after)
	f, frameErr := l.frame(ctx)
	switch {
	case frameErr != nil:
		return frameErr
	case errors.Is(err, chat.ErrNotFound):
		k.screen.Leave(roomTopic(k.room))
		return k.sendFragment(ctx, views.RoomLost(f))
	case err != nil:
		return err
	case missed.Reload:
		k.screen.Leave(roomTopic(k.room))
		return k.sendFragment(ctx, views.FarBehind(f, k.room))
	}
	k.screen.Skip(roomTopic(k.room), int64(missed.Room.Rev))
	if len(missed.Changed) == 0 {
		return nil
	}
	frame, err := drawChanges(ctx, f, missed.Changed, after)
	if err != nil {
		return err
	}
	if len(frame) > realtime.DefaultBound { // as much as may wait for a screen; a page loads less
		k.screen.Leave(roomTopic(k.room))
		return k.sendFragment(ctx, views.FarBehind(f, k.room))
	}
	return k.send(frame)
}

// missed reads what a page missed, when it has a place to.
func (l *live) missed(ctx context.Context, k *socket, after chat.Rev) (db.CatchUp, error) {
	l.catching <- struct{}{}
	defer func() { <-l.catching }()
	return l.server.DB.CatchUp(ctx, k.viewer, k.room, after)
}

// write sends what waits as one frame, and a ping every half minute.
func (k *socket) write(ctx context.Context, read <-chan struct{}) error {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		select {
		case <-read:
			return nil
		case <-ping.C:
			if err := k.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWithin)); err != nil {
				return fmt.Errorf("ping: %w", err)
			}
		case <-k.screen.Ready():
			for batch, ok := k.screen.Take(); ok; batch, ok = k.screen.Take() {
				if batch.End != 0 {
					return closeWith(k.conn, batch.End)
				}
				if err := k.pass(ctx, batch); err != nil {
					return err
				}
			}
		}
	}
}

func (k *socket) pass(ctx context.Context, batch realtime.Batch) error {
	if !batch.Behind {
		return k.send(batch.Frame)
	}
	rev, watching := k.screen.Reached(roomTopic(k.room))
	if !watching {
		return nil
	}
	return k.catchUp(ctx, chat.Rev(rev))
}

// read takes what comes up: answers to pings, and the end. Nothing else is spoken yet, so anything else ends the socket.
func (k *socket) read(done chan<- struct{}) {
	defer close(done)
	k.conn.SetReadLimit(frameMax)
	spoken := rate.NewLimiter(framesPerSecond, framesAtOnce)
	k.conn.SetPongHandler(func(string) error {
		if !spoken.Allow() {
			return errNoisy
		}
		return k.conn.SetReadDeadline(time.Now().Add(deadAfter))
	})
	answer := k.conn.PingHandler()
	k.conn.SetPingHandler(func(data string) error {
		if !spoken.Allow() {
			return errNoisy
		}
		return answer(data)
	})
	if err := k.conn.SetReadDeadline(time.Now().Add(deadAfter)); err != nil {
		return
	}
	if _, _, err := k.conn.NextReader(); err == nil || errors.Is(err, errNoisy) {
		_ = closeWith(k.conn, closeEnded) // whoever speaks otherwise is not our page
	}
}

func (k *socket) send(frame []byte) error {
	if err := k.conn.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return fmt.Errorf("write deadline: %w", err)
	}
	if err := k.conn.WriteMessage(websocket.TextMessage, frame); err != nil {
		return fmt.Errorf("write frame: %w", err)
	}
	return nil
}

func (k *socket) sendFragment(ctx context.Context, component templ.Component) error {
	frame, err := fragment(ctx, component)
	if err != nil {
		return err
	}
	return k.send(frame)
}

func closeWith(conn *websocket.Conn, code int) error {
	return conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(farewellWithin))
}
