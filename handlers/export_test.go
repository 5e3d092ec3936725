package handlers

import (
	"time"

	"chinwag/chat"
)

// Routes lists the lines of the route table as "GET /rooms", so that a test notices one that nobody expects anything of.
func (s *Server) Routes() []string {
	var list []string
	for _, r := range s.routes() {
		list = append(list, r.method+" "+r.path)
	}
	return list
}

// BehindAfter is how many changes a page may have missed.
const BehindAfter = behindAfter

// OpenSockets is how many sockets this node has.
func (s *Server) OpenSockets() int { return s.live.open() }

// OpenConnections is how many lines to clients are open.
func (s *Server) OpenConnections() int { return int(s.app.Server().GetOpenConnectionsCount()) }

// ReadTimeout is how long a request may take to arrive.
func (s *Server) ReadTimeout() time.Duration { return s.app.Server().ReadTimeout }

// Drain sets how long load balancers get to see that the node is going. Call it before Shutdown.
func (s *Server) Drain(time time.Duration) { s.drain = time }

// AnswerWithin is how long a request may wait for its turn.
func (s *Server) AnswerWithin(time time.Duration) { s.answer = time }

// HurryReads gives requests less time to arrive. Call it before Serve.
func (s *Server) HurryReads(within time.Duration) { s.app.Server().ReadTimeout = within }

// NextPath is where somebody goes after signing in.
func NextPath(next string) string { return nextPath(next) }

// NewFormToken makes a form's token of a session.
func NewFormToken(sid string) string { return newToken(tokenKeyOf(chat.SessionID(sid))) }

// ValidFormToken says whether a text is a form's token of a session.
func ValidFormToken(sid, text string) bool {
	return sid != "" && validToken(tokenKeyOf(chat.SessionID(sid)), text)
}
