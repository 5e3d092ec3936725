package handlers

import (
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/time/rate"

	"chinwag/chat"
)

// gate lets in so many handshakes a second. A node that comes up meets everybody at once; this leaves most of its time to
// those it took. The others are told to come back, and do so ever more slowly.
type gate struct {
	*rate.Limiter
	refused atomic.Int64 // since that was last said
}

const (
	handshakesPerSecond = 1000
	handshakesAtOnce    = 500
)

func newGate() *gate { return &gate{Limiter: rate.NewLimiter(handshakesPerSecond, handshakesAtOnce)} }

// errGate refuses a handshake for now.
var errGate = fmt.Errorf("too many handshakes: %w", chat.ErrBusy)

// putOff refuses a handshake with as little work as can be: there are thousands of them, and no one reads the answer.
func (s *Server) putOff(c *call, f failure) error {
	c.quiet = true
	s.live.gate.refused.Add(1)
	c.Set(fiber.HeaderRetryAfter, "1")
	return c.Status(f.status).SendString(s.Words.TError(f.told))
}

// report says how many were put off, if any were.
func (g *gate) report(log *slog.Logger) {
	if n := g.refused.Swap(0); n > 0 {
		log.Warn("handshakes put off", slog.Int64("count", n))
	}
}
