package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/views"
)

// changePassword asks for the current one however lately it was typed. A wrong one counts as at the sign-in page.
func (s *Server) changePassword(c *call) error {
	current := c.field(currentField)
	if current == "" {
		return &chat.Invalid{Field: currentField, Sentence: "password.again"}
	}
	forget, err := s.try(c, c.session.User.Username)
	if err != nil {
		return err
	}
	id, err := s.Community.ChangePassword(c.ctx(), *c.session, s.visit(c), current, c.field("password"))
	if err != nil {
		return err
	}
	if err := forget(); err != nil {
		return err
	}
	if err := s.goOn(c, id); err != nil {
		return err
	}
	s.notice(c, "notice.password_changed")
	return c.go303(views.SettingsPath)
}

func (s *Server) showForgot(c *call) error {
	return s.draw(c, fiber.StatusOK, views.ForgotPage(s.outside(c), views.Form{}))
}

// forgot answers alike whether there is an account or not: whose the address is, is only asked once the mail is written.
func (s *Server) forgot(c *call) error {
	email := c.field("email")
	err := s.mailing(c, chat.LinkReset, email, func() error { return s.Community.Forgot(c.ctx(), email) })
	var problem *chat.Invalid
	switch {
	case errors.As(err, &problem):
		return s.draw(c, fiber.StatusUnprocessableEntity, views.ForgotPage(s.outside(c), views.Form{Values: c.typed(), Problem: problem}))
	case errors.Is(err, chat.ErrForbidden): // the page says why
		return s.draw(c, fiber.StatusForbidden, views.ForgotPage(s.outside(c), views.Form{}))
	case err != nil:
		return err
	}
	s.notice(c, "notice.forgot", "Email", email)
	return c.go303(views.LoginPath)
}

// showReset asks for a new password. It uses nothing up: what opens links by itself must not.
func (s *Server) showReset(c *call) error { return s.drawReset(c, fiber.StatusOK, views.Form{}) }

// reset signs nobody in: the sign-in page may have more to ask than a password.
func (s *Server) reset(c *call) error {
	err := s.Community.Reset(c.ctx(), s.visit(c), c.Params("token"), c.field("password"))
	var problem *chat.Invalid
	switch {
	case errors.As(err, &problem):
		return s.drawReset(c, fiber.StatusUnprocessableEntity, views.Form{Problem: problem})
	case errors.Is(err, chat.ErrNotFound):
		return s.draw(c, fiber.StatusNotFound, views.ResetGonePage(s.outside(c)))
	case err != nil:
		return err
	}
	s.notice(c, "notice.reset")
	return c.go303(views.LoginPath)
}

func (s *Server) drawReset(c *call, status int, form views.Form) error {
	user, err := s.Community.ResetTarget(c.ctx(), c.Params("token"))
	if errors.Is(err, chat.ErrNotFound) {
		return s.draw(c, fiber.StatusNotFound, views.ResetGonePage(s.outside(c)))
	}
	if err != nil {
		return err
	}
	return s.draw(c, status, views.ResetPage(s.outside(c), form, user, c.Params("token")))
}
