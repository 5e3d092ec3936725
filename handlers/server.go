// Package handlers is the only place that knows Fiber: one route table, one noun a file, one error handler. A handler
// reads what was sent, asks a rule or a read, and draws the answer; it holds no rule and no SQL.
package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/deliver"
	"chinwag/realtime"
	"chinwag/static"
	"chinwag/views"
)

// Config is what a server is told by its settings.
type Config struct {
	PublicURL      *url.URL       // the one true origin: links, cookies, Origin checks
	TrustedProxies []netip.Prefix // whose forwarding headers are believed
	Limits         bool           // off is for load tests on a loopback address
	SetupToken     string         // opens set-up, until somebody has used it
}

// Parts are what a server works with; the caller built them and closes them after [Server.Shutdown].
type Parts struct {
	DB        *db.DB
	Community *chat.Community
	Blobs     fiber.Storage // what may be lost: a sentence for the next page, counts of tries
	Broker    realtime.Broker
	Mail      Mailer // nil: mail is off
	Words     *views.Words
	Assets    *static.Assets
	Log       *slog.Logger
}

// Server answers HTTP and keeps the live channel.
type Server struct {
	Parts
	drain    time.Duration // see drainFor
	answer   time.Duration // see answerWithin
	config   Config
	app      *fiber.App
	limits   *limits
	live     *live
	runner   *deliver.Runner
	unfollow func() // ends that hints wake the runner
	log      *slog.Logger
	draining atomic.Bool
	trying   sync.Mutex // held while tries to sign in are counted
	pages    sync.Pool  // of *bytes.Buffer, to draw in
	streams  streams
	touching sync.Map // the sessions, by hash, of which it is being noted that they are in use
}

// Times and sizes of a connection. Fiber's own defaults wait for ever.
const (
	readTimeout  = 30 * time.Second
	writeTimeout = 30 * time.Second
	idleTimeout  = 60 * time.Second
	bodyLimit    = 256 << 10 // bytes; each route has its own below it
)

// New builds a server, begins to follow the hints and to do what waits; Shutdown ends that. Its error names the route that says
// too little about itself.
func New(config Config, parts Parts) (*Server, error) {
	s := &Server{Parts: parts, drain: drainFor, answer: answerWithin, config: config, log: parts.Log}
	s.streams.to = map[chat.UserID]int{}
	s.limits = newLimits(s)
	s.live = newLive(s)
	s.app = fiber.New(fiber.Config{
		AppName:                 "Chinwag",
		DisableStartupMessage:   true,
		Immutable:               true, // Fiber's strings change after the request; ours go to queues and goroutines
		EnableTrustedProxyCheck: true, // believe no forwarding header of anyone: address() has its own list
		ReduceMemoryUsage:       true,
		StrictRouting:           false,
		CaseSensitive:           true,
		ReadTimeout:             readTimeout,
		WriteTimeout:            writeTimeout,
		IdleTimeout:             idleTimeout,
		BodyLimit:               bodyLimit,
		ErrorHandler:            func(fc *fiber.Ctx, err error) error { return s.fail(callOf(fc), err) },
	})
	s.app.Server().KeepHijackedConns = true // a socket's handler owns and closes it
	s.app.Server().NoDefaultServerHeader = true
	s.app.Use(s.record, s.secure)
	if err := s.mount(s.app); err != nil {
		return nil, err
	}
	s.live.start()
	s.startJobs()
	return s, nil
}

// Serve answers requests until Shutdown.
func (s *Server) Serve(listener net.Listener) error {
	if err := s.app.Listener(listener); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// drainFor is how long a load balancer that asks often gets to see that a node is going. Others find its port closed.
const drainFor = 300 * time.Millisecond

// Shutdown lets requests finish within the time given, tells every socket to come back elsewhere and stops.
func (s *Server) Shutdown(within time.Duration) error {
	s.draining.Store(true)
	time.Sleep(s.drain)
	s.unfollow()
	s.runner.Stop()
	s.live.stop()
	end := time.Now().Add(within)
	err := s.app.ShutdownWithTimeout(within)
	if errors.Is(err, context.DeadlineExceeded) { // somebody never finished a request: that is no fault of ours
		s.log.Info("some requests were cut off")
		err = nil
	}
	s.runner.Wait(max(time.Until(end), time.Second))
	return errors.Join(err, s.live.wait(max(time.Until(end), time.Second)))
}
