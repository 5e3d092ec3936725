package handlers

import (
	"log/slog"

	"github.com/gofiber/fiber/v2"
)

// health says that the program runs.
func (s *Server) health(c *call) error { return c.SendString("ok") }

// ready says that the program takes requests: it is not on its way out, and the database answers.
func (s *Server) ready(c *call) error {
	if s.draining.Load() {
		return c.Status(fiber.StatusServiceUnavailable).SendString("draining")
	}
	if err := s.DB.Ready(c.ctx()); err != nil {
		s.log.LogAttrs(c.ctx(), slog.LevelError, "not ready", slog.String("id", c.id), slog.Any("error", err))
		return c.Status(fiber.StatusServiceUnavailable).SendString("no database")
	}
	return c.SendString("ok")
}

// HealthPath answers as soon as the program runs.
const HealthPath = "/healthz"
