package handlers

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/views"
)

func (s *Server) showInvitations(c *call) error {
	if !c.session.User.MayInvite() {
		return chat.ErrNotFound
	}
	return s.drawInvitations(c, fiber.StatusOK, views.Form{Values: map[string]string{"days": "7", "uses": "1"}})
}

func (s *Server) drawInvitations(c *call, status int, form views.Form) error {
	f, err := s.page(c, 0)
	if err != nil {
		return err
	}
	list, err := s.DB.Invitations(c.ctx(), c.viewer(), s.Community.Now())
	if err != nil {
		return err
	}
	return s.draw(c, status, views.InvitationsPage(f, views.InvitationsProps{
		List: list, Rooms: f.Rooms, Closed: c.settings.Registration == chat.RegistrationClosed, Now: s.Community.Now(), Form: form,
	}))
}

func (s *Server) invite(c *call) error {
	if !c.session.User.MayInvite() {
		return chat.ErrForbidden
	}
	id, err := s.Community.Invite(c.ctx(), s.actor(c), chat.NewInvitation{
		Days: c.choice("days"), Uses: c.choice("uses"), Room: chat.RoomID(c.choice("room")),
	})
	var problem *chat.Invalid
	if errors.As(err, &problem) {
		return s.drawInvitations(c, fiber.StatusUnprocessableEntity, views.Form{Values: c.typed(), Problem: problem})
	}
	if err != nil {
		return err
	}
	return c.go303(views.InvitationPath(id))
}

// choice reads a number chosen from a list; what is none is a choice that nobody has.
func (c *call) choice(field string) int {
	n, err := strconv.Atoi(c.field(field))
	if err != nil {
		return -1
	}
	return n
}

func (s *Server) showInvitation(c *call) error {
	id, err := c.number("id")
	if err != nil {
		return err
	}
	invitation, err := s.DB.InvitationOf(c.ctx(), c.viewer(), id)
	if err != nil {
		return err
	}
	f, err := s.page(c, 0)
	if err != nil {
		return err
	}
	return s.draw(c, fiber.StatusOK, views.InvitationPage(f, views.InvitationProps{
		Invitation: invitation, Link: s.origin() + views.InvitedPath(s.Community.InvitationToken(invitation)),
		Closed: c.settings.Registration == chat.RegistrationClosed, Now: s.Community.Now(),
	}))
}

func (s *Server) revokeInvitation(c *call) error {
	id, err := c.number("id")
	if err != nil {
		return err
	}
	if err := s.Community.RevokeInvitation(c.ctx(), s.actor(c), id); err != nil {
		return err
	}
	s.notice(c, "notice.invitation_revoked")
	return c.go303(views.InvitationsPath)
}

// acceptInvitation brings somebody with an account into the invitation's room.
func (s *Server) acceptInvitation(c *call) error {
	room, err := s.Community.AcceptInvitation(c.ctx(), s.actor(c), c.field("invite"))
	switch {
	case errors.Is(err, chat.ErrNotFound):
		return s.drawInvited(c, fiber.StatusNotFound, nil)
	case err != nil:
		return err
	case room == 0:
		return c.go303(views.HomePath)
	}
	return c.go303(views.RoomPath(room))
}

// showInvited is what somebody with an account sees who follows an invitation. Whoever is in its room already is led there.
func (s *Server) showInvited(c *call, token string) error {
	invitation, err := s.Community.Invitation(c.ctx(), token)
	if errors.Is(err, chat.ErrNotFound) {
		return s.drawInvited(c, fiber.StatusNotFound, nil)
	}
	if err != nil {
		return err
	}
	if invitation.Room != 0 {
		seen, err := s.DB.Room(c.ctx(), c.viewer(), invitation.Room)
		switch {
		case err != nil && !errors.Is(err, chat.ErrNotFound):
			return err
		case seen.Joined():
			return c.go303(views.RoomPath(seen.ID))
		}
	}
	return s.drawInvited(c, fiber.StatusOK, &invitation)
}

func (s *Server) drawInvited(c *call, status int, invitation *chat.Invitation) error {
	f, err := s.page(c, 0)
	if err != nil {
		return err
	}
	return s.draw(c, status, views.InvitedPage(f, invitation, c.Query("invite")))
}
