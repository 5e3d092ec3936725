package handlers

import "chinwag/chat"

// currentField is the field of a form that asks for the password again.
const currentField = "current"

// prove holds a session against a route that wants the password typed lately. Where it was not, the form must bring it: then
// the session goes on under a new id, and the request with it. Wrong ones count as those at the sign-in page do.
func (s *Server) prove(c *call) error {
	if !c.route.who.fresh() || s.Community.Fresh(*c.session) {
		return nil
	}
	if c.field(currentField) == "" {
		return &chat.Invalid{Field: currentField, Sentence: "password.again"}
	}
	forget, err := s.try(c, c.session.User.Username)
	if err != nil {
		return err
	}
	id, err := s.Community.Prove(c.ctx(), *c.session, s.visit(c), c.field(currentField))
	if err != nil {
		return err
	}
	if err := forget(); err != nil {
		return err
	}
	return s.goOn(c, id)
}

// stale says whether forms that want the password typed lately have to ask for it.
func (s *Server) stale(c *call) bool { return c.session != nil && !s.Community.Fresh(*c.session) }
