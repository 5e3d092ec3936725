package handlers

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/views"
)

// identify finds out who asks. The cookie is only a name: whether it is a session, and whose, the database says.
func (s *Server) identify(c *call) error {
	settings, err := s.DB.Settings(c.ctx())
	if err != nil {
		return err
	}
	c.settings = settings
	c.sid = chat.SessionID(c.Cookies(s.cookieName()))
	if c.sid == "" {
		return nil
	}
	session, err := s.DB.Session(c.ctx(), c.sid.Hash())
	if errors.Is(err, chat.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if !s.Community.Alive(session) {
		return nil
	}
	c.session = &session
	c.SetUserContext(chat.WithSession(c.ctx(), session.Hash))
	s.touch(session, c.id)
	return nil
}

// touch notes that a session is in use. No request waits for that: whoever only reads never waits for a write. One at a
// time is enough for a session.
func (s *Server) touch(session chat.Session, id string) {
	if !s.Community.Untouched(session) {
		return
	}
	if _, already := s.touching.LoadOrStore(session.Hash, true); already {
		return
	}
	s.live.work.Go(func() {
		defer s.touching.Delete(session.Hash)
		if err := s.Community.Touch(context.Background(), session); err != nil { // no reason not to read
			s.log.Warn("session not touched", slog.String("id", id), slog.Any("error", err))
		}
	})
}

// authorise holds the caller against the route's action.
func (s *Server) authorise(c *call) error {
	switch c.route.who {
	case byAnyone, byMachine:
		return nil
	case byPerson, byFresh:
		if c.session == nil {
			return chat.ErrSignedOut
		}
		return nil
	case byAdmin, byFreshAdmin:
		return authoriseAdmin(c)
	case bySocket:
		if c.sid == "" {
			return chat.ErrSignedOut
		}
		return nil // that of an ended session is told so through the socket, or it would try again for ever
	case bySetup:
		return s.checkSetupToken(c)
	default:
		return chat.ErrForbidden
	}
}

// authoriseAdmin lets administrators in. To others there is no such page, and what they send is refused.
func authoriseAdmin(c *call) error {
	switch {
	case c.session == nil:
		return chat.ErrSignedOut
	case c.session.User.Role == chat.RoleAdmin:
		return nil
	case c.looks():
		return chat.ErrNotFound
	default:
		return chat.ErrForbidden
	}
}

// cookieName carries the prefix that browsers guard, where they do: on https. RFC 6265bis, section 4.1.3.2.
func (s *Server) cookieName() string {
	if s.https() {
		return "__Host-sid"
	}
	return "sid"
}

// setCookie keeps a value in the browser for some time; 0 is until it is closed, less than 0 forgets it. It is sent with
// every request, or only with those below a path.
func (s *Server) setCookie(c *call, name, value string, age time.Duration, path ...string) {
	cookie := &fiber.Cookie{
		Name: name, Value: value, Path: append(path, "/")[0], MaxAge: int(age.Seconds()),
		HTTPOnly: true, Secure: s.https(), SameSite: fiber.CookieSameSiteLaxMode,
	}
	if age < 0 {
		cookie.Expires = time.Unix(1, 0)
	}
	c.Cookie(cookie)
}

// cookieAge is as long as a session can live at all.
const cookieAge = chat.SessionAbsolute

// enter gives the browser its new session and ends the one it had, if any. The request's log line names who came in.
func (s *Server) enter(c *call, id chat.SessionID) error {
	if c.session != nil {
		if err := s.Community.SignOut(c.ctx(), c.session.Hash); err != nil {
			return err
		}
	}
	s.dropTokens(c)
	if err := s.adopt(c, id); err != nil {
		return err
	}
	return s.rememberDevice(c, c.session.User.Username)
}

// goOn goes on under the id that takes the place of the session's.
func (s *Server) goOn(c *call, id chat.SessionID) error {
	s.keepTokens(c, id)
	return s.adopt(c, id)
}

// adopt takes a session for the request's, and gives the browser its cookie.
func (s *Server) adopt(c *call, id chat.SessionID) error {
	session, err := s.DB.Session(c.ctx(), id.Hash())
	if err != nil {
		return err
	}
	c.sid, c.session = id, &session
	c.SetUserContext(chat.WithSession(c.ctx(), session.Hash))
	s.setCookie(c, s.cookieName(), string(id), cookieAge)
	return nil
}

// welcome lets somebody new in: the first of their rooms is where they come home to.
func (s *Server) welcome(c *call, id chat.SessionID) error {
	if err := s.enter(c, id); err != nil {
		return err
	}
	rooms, err := s.DB.RoomsOf(c.ctx(), c.viewer())
	if err != nil {
		return err
	}
	if len(rooms) > 0 {
		s.rememberRoom(c, rooms[0].ID)
	}
	return c.go303(views.HomePath)
}

// token is this page's form token. A visitor without a cookie gets a random one to bind it to; it is stored nowhere and
// is never the id of a session. Only what was asked for by a page of ours makes one: a form that somebody else's page sends
// comes without our cookie, and a head too large was never read, and their refusal must not put another in the place of a
// session's.
func (s *Server) token(c *call) string {
	if c.sid == "" {
		c.sid = chat.SessionID(c.Cookies(s.cookieName())) // refused before anybody asked who it is
	}
	if c.sid == "" && (!c.looks() && !s.sameOrigin(c) || c.route.path == "") {
		return ""
	}
	if c.sid == "" {
		c.sid = chat.SessionID(chat.NewToken(32))
		s.setCookie(c, s.cookieName(), string(c.sid), 0)
	}
	return newToken(c.tokenKey())
}
