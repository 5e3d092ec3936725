package handlers

import (
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/views"
)

func (s *Server) showSettings(c *call) error {
	return s.drawSettings(c, fiber.StatusOK, views.SettingsProps{})
}

// refuseSettings shows a refusal in the form that was sent, with what was typed; the page's other forms stand as they were.
func (s *Server) refuseSettings(c *call, f failure) error {
	return s.drawSettings(c, f.status, views.SettingsProps{
		Refused: c.route.path, Form: views.Form{Values: c.typed(), Problem: f.told},
	})
}

func (s *Server) drawSettings(c *call, status int, props views.SettingsProps) error {
	f, err := s.page(c, 0)
	if err != nil {
		return err
	}
	if props.Email, err = s.DB.Email(c.ctx(), c.viewer()); err != nil {
		return err
	}
	if props.Devices, err = s.devices(c.ctx(), c.viewer()); err != nil {
		return err
	}
	props.Here = c.session.Hash
	return s.draw(c, status, views.SettingsPage(f, props))
}

// devices are the browsers somebody is signed in with, the one used last first.
func (s *Server) devices(ctx context.Context, user chat.UserID) ([]chat.Device, error) {
	list, err := s.DB.Devices(ctx, user)
	return slices.DeleteFunc(list, func(d chat.Device) bool { return !s.Community.Alive(d.Session) }), err
}

// actor says in whose name something is done, and from where.
func (s *Server) actor(c *call) chat.Actor {
	return chat.Actor{User: c.viewer(), Address: s.address(c).String()}
}
