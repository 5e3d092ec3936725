package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/views"
)

// showRegister is where the link of an invitation leads, too. To look at it uses nothing up.
func (s *Server) showRegister(c *call) error {
	token := c.Query("invite")
	switch {
	case c.session == nil:
		return s.drawRegister(c, fiber.StatusOK, token, views.Form{})
	case token == "":
		return c.go303(views.HomePath)
	default:
		return s.showInvited(c, token)
	}
}

func (s *Server) register(c *call) error {
	in := chat.NewUser{
		Username: c.field("username"), Password: c.field("password"),
		DisplayName: c.field("display_name"), Email: c.field("email"), Invite: c.field("invite"),
	}
	var id chat.SessionID
	var user chat.User
	err := s.mailing(c, chat.LinkEmail, in.Email, func() (err error) {
		id, user, err = s.Community.Register(c.ctx(), s.visit(c), in)
		return err
	})
	var problem *chat.Invalid
	if errors.As(err, &problem) {
		return s.drawRegister(c, fiber.StatusUnprocessableEntity, c.field("invite"), views.Form{Values: c.typed(), Problem: problem})
	}
	if err != nil {
		return err
	}
	s.notice(c, "notice.registered", "Name", user.Name())
	return s.welcome(c, id)
}

// drawRegister draws the form with the invitation that was followed, or says that it is gone. All that are look alike.
func (s *Server) drawRegister(c *call, status int, token string, form views.Form) error {
	props := views.RegisterProps{Registration: c.settings.Registration, Form: form}
	if token != "" {
		invitation, err := s.Community.Invitation(c.ctx(), token)
		switch {
		case err == nil:
			props.Invitation, props.Token = &invitation, token
		case errors.Is(err, chat.ErrNotFound):
			props.Gone = true
		default:
			return err
		}
	}
	if props.Gone && status == fiber.StatusOK {
		status = fiber.StatusNotFound
	}
	return s.draw(c, status, views.RegisterPage(s.frame(c), props))
}
