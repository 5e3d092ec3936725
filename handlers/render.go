package handlers

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"chinwag/chat"
	"chinwag/views"
)

// draw answers with a component.
func (s *Server) draw(c *call, status int, component templ.Component) error {
	c.Status(status).Type("html", "utf-8")
	if !c.htmx() {
		s.setDocumentHeaders(c)
	} else if status < fiber.StatusBadRequest {
		c.Response().Header.Del(requestIDHeader) // nobody looks at it, and it is sent with every message
	}
	page, _ := s.pages.Get().(*bytes.Buffer) // only buffers go in
	if page == nil {
		page = new(bytes.Buffer)
	}
	defer s.pages.Put(page)
	page.Reset()
	if err := component.Render(templ.WithNonce(c.ctx(), c.nonce), page); err != nil {
		return fmt.Errorf("draw: %w", err)
	}
	s.setBody(c, page.Bytes())
	return nil
}

// compressFrom is the size in bytes below which a smaller answer is not worth the work: it fits into one packet anyway.
const compressFrom = 1200

// brotliLevel is where a page of 20 KB takes a tenth of a millisecond; the next one takes more and gives nothing, the best
// takes forty times as long.
const brotliLevel = 5

// setBody answers with a copy of what was drawn, made smaller for the line in the best way the browser takes. There is no
// Vary to say so: no cache keeps what we draw.
func (s *Server) setBody(c *call, plain []byte) {
	accepts := c.Request().Header.HasAcceptEncoding
	switch {
	case len(plain) >= compressFrom && accepts("br"):
		c.Response().SetBodyRaw(fasthttp.AppendBrotliBytesLevel(nil, plain, brotliLevel))
		c.Set(fiber.HeaderContentEncoding, "br")
	case len(plain) >= compressFrom && accepts("gzip"):
		c.Response().SetBodyRaw(fasthttp.AppendGzipBytesLevel(nil, plain, fasthttp.CompressDefaultCompression))
		c.Set(fiber.HeaderContentEncoding, "gzip")
	default:
		c.Response().SetBodyRaw(bytes.Clone(plain))
	}
}

// frame is what every page has around its content.
func (s *Server) frame(c *call) views.Frame {
	f := views.Frame{
		Words: s.Words, Community: c.settings.Name, Zone: zone(c.settings), CSRF: s.token(c),
		Script: s.Assets.Path("app.js"), Style: s.Assets.Path("app.css"), PageStyle: s.Assets.Path("page.css"),
		Stale: s.stale(c), Mail: s.Mail != nil,
	}
	if c.session != nil {
		f.Viewer = &c.session.User
	}
	return f
}

// page is a frame with what a signed-in person's page shows beside its content.
func (s *Server) page(c *call, here chat.RoomID) (views.Frame, error) {
	f := s.frame(c)
	f.Here = here
	f.Notice = s.takeNotice(c)
	if c.session == nil {
		return f, nil
	}
	var err error
	f.Rooms, err = s.DB.RoomsOf(c.ctx(), c.viewer())
	return f, err
}

// zone is where the community counts its days. A name this machine does not know counts as UTC.
func zone(settings chat.Settings) *time.Location {
	z, err := time.LoadLocation(settings.Zone)
	if err != nil {
		return time.UTC
	}
	return z
}

// again shows a form once more, with what is wrong with it, if that is what the error says; else the error goes on.
func (s *Server) again(c *call, err error, draw func(views.Frame, views.Form) templ.Component) error {
	var problem *chat.Invalid
	if !errors.As(err, &problem) {
		return err
	}
	f, frameErr := s.page(c, 0)
	if frameErr != nil {
		return frameErr
	}
	return s.draw(c, fiber.StatusUnprocessableEntity, draw(f, views.Form{Values: c.typed(), Problem: problem}))
}

// go303 sends the browser to another page after a write. Our script is told by a header, because it would follow a
// redirect by itself and put the page where a fragment belongs.
func (c *call) go303(address string) error {
	if c.htmx() {
		c.Set("HX-Redirect", address)
		return c.SendStatus(fiber.StatusNoContent)
	}
	return c.Redirect(address, fiber.StatusSeeOther)
}
