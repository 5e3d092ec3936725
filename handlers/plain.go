package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
)

// plain says whether a request came unencrypted to a site that is there by https alone: the trusted proxy that took it says so.
// Of several proxies the outermost counts, which stands first. One that lies about itself harms nobody else.
func (s *Server) plain(c *call) bool {
	if !s.https() || !s.trusted(peer(c)) {
		return false
	}
	scheme, _, _ := strings.Cut(c.Get(fiber.HeaderXForwardedProto), ",")
	scheme = strings.TrimSpace(scheme)
	return strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "ws")
}

// leavePlain sends whoever wants to look at something to the encrypted address, and refuses all else: what was sent has been
// read on the way, and must not seem to work.
func (s *Server) leavePlain(c *call) error {
	if c.looks() && c.Get(fiber.HeaderUpgrade) == "" {
		address := s.origin() + "/"
		if localPath(c.OriginalURL()) {
			address = s.origin() + c.OriginalURL()
		}
		return c.Redirect(address, fiber.StatusMovedPermanently)
	}
	return c.Status(fiber.StatusForbidden).SendString(s.Words.TError(&chat.Invalid{Sentence: "error.plain"}))
}
