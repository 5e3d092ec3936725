package handlers

import (
	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
)

// showAsset answers with a file of ours, in the smallest form the browser takes. Its name holds its content's hash, so
// it is kept for ever.
func (s *Server) showAsset(c *call) error {
	file, ok := s.Assets.File(c.Params("file"))
	if !ok {
		return chat.ErrNotFound
	}
	c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	c.Set(fiber.HeaderContentType, file.Type)
	c.Vary(fiber.HeaderAcceptEncoding)
	c.Response().Header.Del(requestIDHeader)
	header := &c.Request().Header
	switch {
	case header.HasAcceptEncoding("br"):
		c.Set(fiber.HeaderContentEncoding, "br")
		return c.Send(file.Brotli)
	case header.HasAcceptEncoding("gzip"):
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(file.Gzip)
	default:
		return c.Send(file.Plain)
	}
}
