package handlers

import (
	"crypto/subtle"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/views"
)

// checkSetupToken lets whoever has the printed link in, until the community is set up. Afterwards there is no such page.
func (s *Server) checkSetupToken(c *call) error {
	if c.settings.SetUp() {
		return chat.ErrNotFound
	}
	if subtle.ConstantTimeCompare([]byte(c.Query("token")), []byte(s.config.SetupToken)) != 1 {
		return chat.ErrForbidden
	}
	return nil
}

func (s *Server) showSetup(c *call) error {
	form := views.Form{Values: map[string]string{"registration": string(chat.RegistrationOpen)}}
	return s.draw(c, fiber.StatusOK, views.SetupPage(s.frame(c), form, c.Query("token")))
}

func (s *Server) setUp(c *call) error {
	id, err := s.Community.SetUp(c.ctx(), s.visit(c), chat.NewCommunity{
		Name: c.field("community"), Username: c.field("username"), Password: c.field("password"),
		Registration: chat.Registration(c.field("registration")),
	})
	if err != nil {
		return s.again(c, err, func(f views.Frame, form views.Form) templ.Component {
			return views.SetupPage(f, form, c.Query("token"))
		})
	}
	return s.welcome(c, id)
}
