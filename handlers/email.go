package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/views"
)

// changeEmail answers alike whosever the address is.
func (s *Server) changeEmail(c *call) error {
	email := c.field("email")
	err := s.mailing(c, chat.LinkEmail, email, func() error { return s.Community.ChangeEmail(c.ctx(), s.actor(c), email) })
	if err != nil {
		return err
	}
	return s.tellEmail(c)
}

func (s *Server) resendConfirmation(c *call) error {
	email, err := s.DB.Email(c.ctx(), c.viewer())
	if err != nil {
		return err
	}
	err = s.mailing(c, chat.LinkEmail, email.Unconfirmed(), func() error { return s.Community.ResendConfirmation(c.ctx(), s.actor(c)) })
	if err != nil {
		return err
	}
	return s.tellEmail(c)
}

// tellEmail goes back to the settings and says there what becomes of the address.
func (s *Server) tellEmail(c *call) error {
	email, err := s.DB.Email(c.ctx(), c.viewer())
	if err != nil {
		return err
	}
	switch wanted := email.Unconfirmed(); {
	case wanted != "" && s.Mail == nil:
		s.notice(c, "notice.email_saved")
	case wanted != "":
		s.notice(c, "notice.email_sent", "Email", wanted)
	case email.Address == "":
		s.notice(c, "notice.email_removed")
	default:
		s.notice(c, "notice.email_confirmed", "Email", email.Address)
	}
	return c.go303(views.SettingsPath)
}

// showConfirm asks. It confirms nothing: what opens links by itself must not.
func (s *Server) showConfirm(c *call) error { return s.drawConfirm(c, fiber.StatusOK, views.Form{}) }

func (s *Server) confirmEmail(c *call) error {
	email, err := s.Community.ConfirmEmail(c.ctx(), s.visit(c), c.Params("token"))
	var problem *chat.Invalid
	switch {
	case errors.As(err, &problem):
		return s.drawConfirm(c, fiber.StatusUnprocessableEntity, views.Form{Problem: problem})
	case errors.Is(err, chat.ErrNotFound):
		return s.draw(c, fiber.StatusNotFound, views.ConfirmGonePage(s.outside(c)))
	case err != nil:
		return err
	}
	s.notice(c, "notice.email_confirmed", "Email", email)
	if c.session != nil {
		return c.go303(views.SettingsPath)
	}
	return c.go303(views.LoginPath)
}

func (s *Server) drawConfirm(c *call, status int, form views.Form) error {
	email, owner, err := s.Community.EmailToConfirm(c.ctx(), c.Params("token"))
	if errors.Is(err, chat.ErrNotFound) {
		return s.draw(c, fiber.StatusNotFound, views.ConfirmGonePage(s.outside(c)))
	}
	if err != nil {
		return err
	}
	return s.draw(c, status, views.ConfirmPage(s.outside(c), form, email, owner, c.Params("token")))
}

// outside is the frame of a page that looks alike to whoever is signed in and whoever is not.
func (s *Server) outside(c *call) views.Frame {
	f := s.frame(c)
	f.Viewer = nil
	return f
}
