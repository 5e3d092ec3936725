package handlers

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/views"
)

func (s *Server) join(c *call) error {
	room, err := c.room()
	if err != nil {
		return err
	}
	if err := s.Community.Join(c.ctx(), c.viewer(), room); err != nil {
		return err
	}
	if c.field("body") != "" { // they wrote first and joined then: the text stays in the box
		return s.drawTyped(c, room, fiber.StatusOK, nil)
	}
	return c.go303(views.RoomPath(room))
}

func (s *Server) leave(c *call) error {
	room, err := c.room()
	if err != nil {
		return err
	}
	seen, err := s.DB.Room(c.ctx(), c.viewer(), room)
	if err != nil {
		return err
	}
	if err := s.Community.Leave(c.ctx(), c.viewer(), room); err != nil {
		return err
	}
	// The hint will tell every node; this one's screens must be right before the answer.
	s.live.try("live recheck", func(ctx context.Context) error { return s.live.recheckUser(ctx, c.viewer()) })
	s.forgetRoom(c)
	s.notice(c, "notice.left", "Room", seen.Name)
	return c.go303(views.RoomsPath)
}

func (s *Server) showMembers(c *call) error { return s.drawMembers(c, fiber.StatusOK, views.Form{}) }

func (s *Server) addMember(c *call) error {
	room, err := c.room()
	if err != nil {
		return err
	}
	err = s.Community.AddMember(c.ctx(), c.viewer(), room, c.field("username"))
	var problem *chat.Invalid
	if errors.As(err, &problem) {
		return s.drawMembers(c, fiber.StatusUnprocessableEntity, views.Form{Values: c.typed(), Problem: problem})
	}
	if err != nil {
		return err
	}
	s.notice(c, "notice.member_added", "Name", c.field("username"))
	return c.go303(views.MembersPath(room))
}

func (s *Server) drawMembers(c *call, status int, form views.Form) error {
	room, err := c.room()
	if err != nil {
		return err
	}
	seen, err := s.DB.Room(c.ctx(), c.viewer(), room)
	if err != nil {
		return err
	}
	members, err := s.DB.Members(c.ctx(), c.viewer(), room)
	if err != nil {
		return err
	}
	f, err := s.page(c, room)
	if err != nil {
		return err
	}
	return s.draw(c, status, views.MembersPage(f, seen, members, form))
}
