package handlers

import (
	"chinwag/chat"
	"chinwag/views"
)

// endSession signs another browser of one's own out, and this one as the sidebar's button does.
func (s *Server) endSession(c *call) error {
	hash := chat.SessionHash(c.field("session"))
	if hash == c.session.Hash {
		return s.signOut(c)
	}
	if err := s.Community.EndSession(c.ctx(), s.actor(c), hash); err != nil {
		return err
	}
	s.notice(c, "notice.device_ended")
	return c.go303(views.SettingsPath)
}

// endSessions signs out everywhere, here too.
func (s *Server) endSessions(c *call) error {
	if err := s.Community.EndSessions(c.ctx(), s.actor(c), ""); err != nil {
		return err
	}
	return s.leaves(c, "notice.signed_out_all")
}
