package handlers

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/views"
)

// home leads to the last room, else to the directory, else to the door.
func (s *Server) home(c *call) error {
	if c.session == nil {
		return c.go303(views.LoginPath)
	}
	room, err := s.lastRoom(c)
	if errors.Is(err, chat.ErrNotFound) {
		return c.go303(views.RoomsPath)
	}
	if err != nil {
		return err
	}
	return c.go303(views.RoomPath(room))
}

func (s *Server) showLogin(c *call) error {
	if c.session != nil {
		return c.go303(nextPath(c.Query("next")))
	}
	f, err := s.page(c, 0)
	if err != nil {
		return err
	}
	return s.draw(c, fiber.StatusOK, views.LoginPage(f, views.Form{Values: map[string]string{"next": c.Query("next")}}, c.settings.Registration))
}

func (s *Server) signIn(c *call) error {
	name := c.field("username")
	forget, err := s.try(c, name)
	if err != nil {
		return err
	}
	id, _, err := s.Community.SignIn(c.ctx(), s.visit(c), name, c.field("password"))
	var problem *chat.Invalid
	if errors.As(err, &problem) {
		s.logFailure(c, failureOf(err), err)
		return s.draw(c, fiber.StatusUnauthorized,
			views.LoginPage(s.frame(c), views.Form{Values: c.typed(), Problem: problem}, c.settings.Registration))
	}
	if err != nil {
		return err
	}
	if err := forget(); err != nil {
		return err
	}
	if err := s.enter(c, id); err != nil {
		return err
	}
	return c.go303(nextPath(c.field("next")))
}

func (s *Server) signOut(c *call) error {
	if err := s.Community.SignOut(c.ctx(), c.session.Hash); err != nil {
		return err
	}
	s.setCookie(c, s.cookieName(), "", -time.Second)
	s.forgetRoom(c)
	c.Set("Clear-Site-Data", `"cache", "storage"`)
	s.notice(c, "notice.signed_out")
	return c.go303(views.LoginPath)
}
