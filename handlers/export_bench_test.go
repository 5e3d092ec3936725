package handlers

import (
	"golang.org/x/time/rate"

	"chinwag/chat"
)

// OpenGate lets in any number of handshakes a second.
func (s *Server) OpenGate() { s.live.gate.SetLimit(rate.Inf) }

// ForgetRooms lets go of all that is kept of rooms, so that it is read and drawn again.
func (s *Server) ForgetRooms() {
	ts := s.live.tails
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.rooms, ts.size = map[chat.RoomID]*tail{}, 0
}
