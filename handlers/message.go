package handlers

import (
	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/views"
)

// message reads which message an address names.
func (c *call) message() (chat.RoomID, chat.Seq, error) {
	room, err := c.room()
	if err != nil {
		return 0, 0, err
	}
	seq, err := c.number("seq")
	return room, chat.Seq(seq), err
}

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
	key := s.Community.NewKey(c.viewer())
	if c.Get("Prefer") == "return=minimal" { // RFC 7240, section 4.2: its socket brings the message
		return s.draw(c, fiber.StatusOK, views.Accepted(seq, key))
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
		Room: seen, Messages: views.Undrawn([]chat.Message{message}), Key: key,
	}))
}

// refuseMessage shows a refusal beside the composer, with the text still in it.
func (s *Server) refuseMessage(c *call, f failure) error {
	room, err := c.room()
	if err != nil {
		return err
	}
	problem := *f.told
	problem.Field = "body"
	return s.drawTyped(c, room, f.status, &problem)
}

// keyAgain is the key of a send that was refused. It stays, so that sending again is the same send; only one that is no
// key, was made for somebody else or was spent on another text is replaced.
func (s *Server) keyAgain(c *call, status int, problem *chat.Invalid) string {
	key := c.field("key")
	author, ours := s.Community.KeyAuthor(key)
	if key == "" || ours && author != c.viewer() || status == fiber.StatusConflict || problem != nil && problem.Sentence == "message.key" {
		return s.Community.NewKey(c.viewer())
	}
	return key
}

// drawTyped shows the composer with what was typed in it; for a browser, with the room around it.
func (s *Server) drawTyped(c *call, room chat.RoomID, status int, problem *chat.Invalid) error {
	props, err := s.readRoom(c, room, db.Page{})
	if err != nil {
		return err
	}
	props.Form = views.Form{Values: c.typed(), Problem: problem}
	props.Key = s.keyAgain(c, status, problem)
	if c.htmx() {
		return s.draw(c, status, views.Composer(s.frame(c), props))
	}
	frame, err := s.page(c, room)
	if err != nil {
		return err
	}
	return s.draw(c, status, views.RoomPage(frame, props))
}
