package handlers

import (
	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/views"
)

// showEdit is the form that changes a message: a page, or for our script what takes the composer's place. Who only keeps
// order has nothing to write there, and gets the page.
func (s *Server) showEdit(c *call) error {
	p, err := s.editProps(c)
	if err != nil {
		return err
	}
	if c.htmx() && !p.MayEdit {
		return c.go303(views.EditPath(p.Message.Room, p.Message.Seq))
	}
	return s.drawEdit(c, fiber.StatusOK, p)
}

// editMessage gives one's own message another text. A browser goes back to the message; our script gets its row.
func (s *Server) editMessage(c *call) error {
	room, seq, err := c.message()
	if err != nil {
		return err
	}
	if err := s.Community.Edit(c.ctx(), c.viewer(), room, seq, c.field("body")); err != nil {
		return err
	}
	return s.drawChanged(c, room, seq)
}

// deleteMessage erases a message, one's own or as who keeps order in the room.
func (s *Server) deleteMessage(c *call) error {
	room, seq, err := c.message()
	if err != nil {
		return err
	}
	if err := s.Community.Delete(c.ctx(), s.actor(c), room, seq); err != nil {
		return err
	}
	return s.drawChanged(c, room, seq)
}

// drawChanged answers a change: the socket brings the same row to every screen, and may be down.
func (s *Server) drawChanged(c *call, room chat.RoomID, seq chat.Seq) error {
	if !c.htmx() {
		return c.go303(views.MessagePath(room, seq))
	}
	message, err := s.DB.Message(c.ctx(), c.viewer(), room, seq)
	if err != nil {
		return err
	}
	return s.draw(c, fiber.StatusOK, views.Changed(s.frame(c), message))
}

// refuseEdit shows a refusal beside the form, with what was typed in it. A form that nobody would be shown refuses as any
// other page does, and keeps the text too.
func (s *Server) refuseEdit(c *call, f failure) error {
	p, err := s.editProps(c)
	wrote := c.Request().PostArgs().Has("body") // the page's form that deletes has no text
	if err != nil || !p.MayEdit && (wrote || c.htmx()) {
		return s.drawFailure(c, f, nil)
	}
	problem := *f.told
	p.Form = views.Form{Problem: &problem}
	if wrote {
		problem.Field = "body"
		p.Form.Values = c.typed()
	}
	return s.drawEdit(c, f.status, p)
}

func (s *Server) drawEdit(c *call, status int, p views.EditProps) error {
	if c.htmx() {
		return s.draw(c, status, views.EditComposer(s.frame(c), p))
	}
	f, err := s.page(c, p.Room.ID)
	if err != nil {
		return err
	}
	return s.draw(c, status, views.EditPage(f, p))
}

// chosen is what the viewer may do with the message that a page of a room is opened for.
func chosen(c *call, p views.RoomProps) views.EditProps {
	for _, m := range p.Messages {
		if m.Seq == p.At && !m.Gone() {
			return choose(c, p.Room, m.Message)
		}
	}
	return views.EditProps{}
}

func choose(c *call, room chat.RoomSeen, m chat.Message) views.EditProps {
	viewer := c.session.User
	return views.EditProps{Room: room, Message: m, MayEdit: room.MayEdit(viewer, m), MayDelete: room.MayDelete(viewer, m)}
}

// editProps reads the message that the address names, for whoever may change or delete it.
func (s *Server) editProps(c *call) (views.EditProps, error) {
	id, seq, err := c.message()
	if err != nil {
		return views.EditProps{}, err
	}
	room, err := s.DB.Room(c.ctx(), c.viewer(), id)
	if err != nil {
		return views.EditProps{}, err
	}
	message, err := s.DB.Message(c.ctx(), c.viewer(), id, seq)
	if err != nil {
		return views.EditProps{}, err
	}
	if message.Gone() {
		return views.EditProps{}, chat.ErrNotFound
	}
	p := choose(c, room, message)
	if !p.MayDelete {
		return p, chat.ErrForbidden
	}
	if room.Moderates(c.session.User) {
		p.Edits, err = s.DB.Edits(c.ctx(), c.viewer(), id, seq)
	}
	return p, err
}
