package handlers

import (
	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/views"
)

// postMessage stores what was written. A browser goes back to the room; our script gets the drawn message and a
// composer with a fresh key.
func (s *Server) postMessage(c *call) error {
	room, err := c.room()
	if err != nil {
		return err
	}
	seq, err := s.Community.Post(c.ctx(), c.viewer(), room, c.field("body"), c.field("key"))
	if err != nil {
		return err
	}
	if !c.htmx() {
		return c.go303(views.RoomPath(room))
	}
	if c.Get("Prefer") == "return=minimal" { // RFC 7240, section 4.2: its socket brings the message
		return s.draw(c, fiber.StatusOK, views.Accepted(seq, chat.NewToken(16)))
	}
	message, err := s.DB.Message(c.ctx(), c.viewer(), room, seq)
	if err != nil {
		return err
	}
	seen, err := s.DB.Room(c.ctx(), c.viewer(), room)
	if err != nil {
		return err
	}
	return s.draw(c, fiber.StatusOK, views.Posted(s.frame(c), views.RoomProps{
		Room: seen, Messages: []chat.Message{message}, Key: chat.NewToken(16),
	}))
}

// refuseMessage shows a refusal beside the composer, with the text still in it. The key stays, so that sending again is
// the same send; only a key that is no key, or was spent on another text, is replaced.
func (s *Server) refuseMessage(c *call, f failure) error {
	problem := *f.told
	problem.Field = "body"
	key := c.field("key")
	if f.status == fiber.StatusConflict || problem.Sentence == "message.key" {
		key = ""
	}
	return s.drawTyped(c, f.status, key, &problem)
}

// drawTyped shows the composer with what was typed in it; for a browser, with the room around it.
func (s *Server) drawTyped(c *call, status int, key string, problem *chat.Invalid) error {
	room, err := c.room()
	if err != nil {
		return err
	}
	history, err := s.DB.History(c.ctx(), c.viewer(), room, db.Page{})
	if err != nil {
		return err
	}
	props := roomProps(history, db.Page{})
	props.Form = views.Form{Values: c.typed(), Problem: problem}
	if key != "" {
		props.Key = key
	}
	if c.htmx() {
		return s.draw(c, status, views.Composer(s.frame(c), props))
	}
	frame, err := s.page(c, room)
	if err != nil {
		return err
	}
	return s.draw(c, status, views.RoomPage(frame, props))
}
