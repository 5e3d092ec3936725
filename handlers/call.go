package handlers

import (
	"context"
	"log/slog"
	"net/netip"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"chinwag/chat"
)

// call is one request on its way through the program.
type call struct {
	*fiber.Ctx
	id       string // in the log line and on an error page
	started  time.Time
	route    route
	sid      chat.SessionID // what the cookie says; a session only if session is set
	session  *chat.Session  // nil: signed out
	kept     []byte         // key of the forms' tokens that lives on under another session id
	settings chat.Settings
	nonce    string
	address  netip.Addr // the client's, once it was asked for
	quiet    bool       // it gets no log line of its own
	counted  bool       // against what its caller may do
}

const (
	callKey         = "call"
	requestIDHeader = "X-Request-Id"
)

func callOf(fc *fiber.Ctx) *call {
	if c, ok := fc.Locals(callKey).(*call); ok {
		return c
	}
	c := &call{Ctx: fc, id: chat.NewToken(9), started: time.Now()}
	fc.Locals(callKey, c)
	return c
}

// ctx is the request's context for rules and reads.
func (c *call) ctx() context.Context { return c.UserContext() }

// viewer is the one who looks. Only routes for signed-in people ask.
func (c *call) viewer() chat.UserID { return c.session.User.ID }

// htmx says whether our script asks, rather than the browser itself.
func (c *call) htmx() bool { return c.Get("HX-Request") == "true" }

// looks says whether the request only looks: HEAD answers as GET does.
func (c *call) looks() bool { return c.Method() == get || c.Method() == fiber.MethodHead }

// number reads a number of the address: 1, 2, 3… Anything else does not exist.
func (c *call) number(name string) (int64, error) {
	text := c.Params(name)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != text {
		return 0, chat.ErrNotFound
	}
	return n, nil
}

func (c *call) room() (chat.RoomID, error) {
	n, err := c.number("room")
	return chat.RoomID(n), err
}

// visit says where the request came from.
func (s *Server) visit(c *call) chat.Visit {
	return chat.Visit{Address: s.address(c).String(), Browser: c.Get(fiber.HeaderUserAgent)}
}

// answerWithin is how long a request may wait for its turn: at the database, or to hash a password.
const answerWithin = 20 * time.Second

// record is the first thing every request meets: it gives it an id, catches a panic, and writes its one log line. The
// line never holds a body, a token, a cookie or an address's query.
func (s *Server) record(fc *fiber.Ctx) (err error) {
	c := callOf(fc)
	ctx, cancel := context.WithTimeout(c.ctx(), s.answer)
	defer cancel()
	c.SetUserContext(ctx)
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
		if err != nil {
			err = s.fail(c, err)
		}
		if !c.quiet {
			s.logRequest(c)
		}
	}()
	return fc.Next()
}

func (s *Server) logRequest(c *call) {
	path := c.route.path
	if path == "" {
		path = "(none)"
	}
	level := slog.LevelInfo
	if c.route.who == byMachine {
		level = slog.LevelDebug
	}
	attributes := []slog.Attr{
		slog.String("id", c.id), slog.String("method", c.Method()), slog.String("route", path),
		slog.Int("status", c.Response().StatusCode()), slog.Int("bytes", bodySize(c.Response())),
		slog.Duration("took", time.Since(c.started)), slog.String("address", s.address(c).String()),
	}
	if c.session != nil {
		attributes = append(attributes, slog.Int64("user", int64(c.session.User.ID)))
	}
	s.log.LogAttrs(c.ctx(), level, "request", attributes...)
}

// bodySize is how many bytes an answer has; 0 for one that is not there yet but read on its way out.
func bodySize(res *fasthttp.Response) int {
	if res.IsBodyStream() {
		return 0 // to ask for its body is to read all of it into memory
	}
	return len(res.Body())
}
