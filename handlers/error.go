package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/views"
)

// failure is what a person is told of an error: a status and a sentence. The inside of the error goes to the log.
type failure struct {
	status int
	told   *chat.Invalid // the sentence, beside a field or for the page as a whole
}

func told(status int, sentence string) failure {
	return failure{status, &chat.Invalid{Sentence: sentence}}
}

// failureOf is the one table from errors to what people see.
func failureOf(err error) failure {
	var (
		problem *chat.Invalid
		many    tooMany
		host    wrongHost
		fe      *fiber.Error
	)
	switch {
	case errors.As(err, &problem) && problem.Field == currentField:
		return failure{fiber.StatusForbidden, problem}
	case errors.As(err, &problem):
		return failure{fiber.StatusUnprocessableEntity, problem}
	case errors.As(err, &many):
		return failure{fiber.StatusTooManyRequests, &chat.Invalid{Sentence: "error.too_many", Args: map[string]any{"Seconds": many.seconds()}}}
	case errors.As(err, &host):
		return told(fiber.StatusMisdirectedRequest, "error.not_found")
	case errors.Is(err, chat.ErrNotFound):
		return told(fiber.StatusNotFound, "error.not_found")
	case errors.Is(err, chat.ErrForbidden):
		return told(fiber.StatusForbidden, "error.forbidden")
	case errors.Is(err, errCrossSite):
		return told(fiber.StatusForbidden, "error.cross_site")
	case errors.Is(err, chat.ErrSignedOut):
		return told(fiber.StatusUnauthorized, "error.signed_out")
	case errors.Is(err, chat.ErrKeyReused):
		return failure{fiber.StatusConflict, &chat.Invalid{Field: "body", Sentence: "error.conflict"}}
	case errors.Is(err, chat.ErrNoSpace):
		return told(fiber.StatusServiceUnavailable, "error.full")
	case errors.Is(err, chat.ErrBusy), errors.Is(err, context.DeadlineExceeded):
		return told(fiber.StatusServiceUnavailable, "error.busy")
	case errors.As(err, &fe):
		return failureOfFiber(fe)
	default:
		return told(fiber.StatusInternalServerError, "error.inside")
	}
}

func failureOfFiber(err *fiber.Error) failure {
	sentences := map[int]string{
		fiber.StatusNotFound:                    "error.not_found",
		fiber.StatusMethodNotAllowed:            "error.method",
		fiber.StatusRequestEntityTooLarge:       "error.too_large",
		fiber.StatusUnsupportedMediaType:        "error.type",
		fiber.StatusUnprocessableEntity:         "error.fields",
		fiber.StatusRequestHeaderFieldsTooLarge: "error.too_large",
		fiber.StatusBadRequest:                  "error.bad_request",
		fiber.StatusUpgradeRequired:             "error.upgrade",
		fiber.StatusRequestTimeout:              "error.timeout",
	}
	if sentence, ok := sentences[err.Code]; ok {
		return told(err.Code, sentence)
	}
	if err.Code >= 400 && err.Code < 500 {
		return told(err.Code, "error.bad_request")
	}
	return told(fiber.StatusInternalServerError, "error.inside")
}

// refusedWithin is how long saying what went wrong may take.
const refusedWithin = 5 * time.Second

// fail answers a request that went wrong: in place where the route can show it, else as a page or a fragment.
func (s *Server) fail(c *call, err error) error {
	f := failureOf(err)
	soon, enough := context.WithTimeout(context.WithoutCancel(c.ctx()), refusedWithin) // the request's own time may be over
	defer enough()
	c.SetUserContext(soon)
	if c.nonce == "" { // the request was refused before it reached us
		c.nonce = chat.NewToken(16)
	}
	s.setHeaders(c) // once more: a handshake that fails begins its answer anew
	if errors.Is(err, errGate) {
		return s.putOff(c, f)
	}
	s.logFailure(c, f, err)
	if seconds := retryAfter(f, err); seconds > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(seconds))
	}
	if f.status == fiber.StatusUnauthorized {
		c.session = nil // it may have ended while the request was on its way
	}
	if c.route.path == "" { // no line of the table has it
		c.route.limit = limitRead
	}
	if !c.counted { // it was refused before that, and a page costs more than a line of text
		if err := s.limits.check(c); err != nil {
			return c.Status(fiber.StatusTooManyRequests).SendString(s.Words.TError(failureOf(err).told))
		}
	}
	if c.route.refuse != nil && c.session != nil && f.status != fiber.StatusNotFound && s.sameOrigin(c) && s.authorise(c) == nil {
		refused := c.route.refuse(c, f)
		if refused == nil {
			return nil
		}
		s.log.LogAttrs(c.ctx(), slog.LevelError, "refusal not shown", slog.String("id", c.id), slog.Any("error", refused))
	}
	return s.drawFailure(c, f, err)
}

func (s *Server) drawFailure(c *call, f failure, err error) error {
	if c.settings.Name == "" && f.status < fiber.StatusInternalServerError { // refused before anybody asked who it is
		if err := s.identify(c); err != nil {
			s.log.LogAttrs(c.ctx(), slog.LevelError, "refusal without a name", slog.String("id", c.id), slog.Any("error", err))
		}
	}
	frame := s.frame(c)
	written := ""
	if s.sameOrigin(c) { // a page of ours gets back what was typed into it; words that another sent are nobody's
		written = c.field("body")
	}
	sentence := s.Words.TError(f.told)
	var host wrongHost
	switch {
	case errors.As(err, &host):
		return s.draw(c, f.status, views.MovedPage(host.address, frame))
	case written != "" && c.waits(f.status):
		return s.drawWaiting(c, f)
	case c.htmx():
		c.Set("HX-Retarget", views.ErrorTarget)
		c.Set("HX-Reswap", "innerHTML")
		return s.draw(c, f.status, views.ErrorFragment(frame, sentence, c.id))
	case f.status == fiber.StatusUnauthorized && c.looks():
		next := c.OriginalURL()
		return s.draw(c, f.status, views.LoginPage(frame, views.Form{Values: map[string]string{"next": next}}, c.settings.Registration))
	default:
		return s.draw(c, f.status, views.ErrorPage(frame, f.status, sentence, c.id, written))
	}
}

// retryAfter is in how many seconds the same request may succeed; 0: nobody can say.
func retryAfter(f failure, err error) int {
	const disk = 10 // somebody has to make room first
	var many tooMany
	switch {
	case errors.As(err, &many):
		return many.seconds()
	case errors.Is(err, chat.ErrNoSpace):
		return disk
	case f.status == fiber.StatusServiceUnavailable:
		return 1
	default:
		return 0
	}
}

// logFailure writes down what the person is not told: refusals at info, that there was too much to do at warn, our own
// faults at error.
func (s *Server) logFailure(c *call, f failure, err error) {
	level := slog.LevelInfo
	switch {
	case f.status == fiber.StatusServiceUnavailable:
		level = slog.LevelWarn
	case f.status >= fiber.StatusInternalServerError:
		level = slog.LevelError
	}
	if fe := (*fiber.Error)(nil); errors.As(err, &fe) && fe.Code == fiber.StatusBadRequest && c.route.path == "" {
		err = fiber.NewError(fe.Code) // what could not be read is quoted in it, cookies and all
	}
	s.log.LogAttrs(c.ctx(), level, "refused", slog.String("id", c.id), slog.Int("status", f.status),
		slog.String("address", s.address(c).String()), slog.Any("error", err))
}

// panicked keeps a mistake in one request from ending the others.
func panicked(p any) error { return fmt.Errorf("panic: %v\n%s", p, debug.Stack()) }
