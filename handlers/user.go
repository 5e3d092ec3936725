package handlers

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/views"
)

func (s *Server) showRegister(c *call) error {
	if c.session != nil {
		return c.go303(views.HomePath)
	}
	return s.draw(c, fiber.StatusOK, views.RegisterPage(s.frame(c), views.Form{}, c.settings.Registration))
}

func (s *Server) register(c *call) error {
	id, user, err := s.Community.Register(c.ctx(), s.visit(c), chat.NewUser{
		Username: c.field("username"), Password: c.field("password"),
		DisplayName: c.field("display_name"), Email: c.field("email"),
	})
	if err != nil {
		return s.again(c, err, func(f views.Frame, form views.Form) templ.Component {
			return views.RegisterPage(f, form, c.settings.Registration)
		})
	}
	s.notice(c, "notice.registered", "Name", user.Name())
	return s.welcome(c, id)
}
