package handlers

import (
	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/views"
)

func (s *Server) showLeaving(c *call) error {
	return s.drawLeaving(c, fiber.StatusOK, views.Form{})
}

// deleteAccount wants the username typed besides the password: it cannot be undone.
func (s *Server) deleteAccount(c *call) error {
	name, messages := c.session.User.Username, c.field("messages")
	switch {
	case messages != "keep" && messages != "erase":
		return &chat.Invalid{Field: "messages", Sentence: "leaving.missing"}
	case chat.NameKey(c.field("username")) != chat.NameKey(name):
		return &chat.Invalid{Field: "username", Sentence: "leaving.username_wrong", Args: map[string]any{"Name": name}}
	}
	if err := s.Community.DeleteAccount(c.ctx(), *c.session, s.actor(c), messages == "erase"); err != nil {
		return err
	}
	return s.leaves(c, "notice.account_deleted")
}

func (s *Server) refuseLeaving(c *call, f failure) error {
	return s.drawLeaving(c, f.status, views.Form{Values: c.typed(), Problem: f.told})
}

func (s *Server) drawLeaving(c *call, status int, form views.Form) error {
	f, err := s.page(c, 0)
	if err != nil {
		return err
	}
	return s.draw(c, status, views.LeavingPage(f, form))
}
