package handlers

import (
	"errors"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/views"
)

// home leads to the last room, else to the directory, else to the door.
func (s *Server) home(c *call) error {
	if c.session == nil {
		return c.go303(views.LoginPath)
	}
	room, err := s.lastRoom(c)
	if errors.Is(err, chat.ErrNotFound) {
		return c.go303(views.RoomsPath)
	}
	if err != nil {
		return err
	}
	return c.go303(views.RoomPath(room))
}

func (s *Server) showLogin(c *call) error {
	if c.session != nil {
		return c.go303(nextPath(c.Query("next")))
	}
	f, err := s.page(c, 0)
	if err != nil {
		return err
	}
	return s.draw(c, fiber.StatusOK, views.LoginPage(f, views.Form{Values: map[string]string{"next": c.Query("next")}}, c.settings.Registration))
}

func (s *Server) drawLogin(c *call, status int, form views.Form) error {
	return s.draw(c, status, views.LoginPage(s.frame(c), form, c.settings.Registration))
}

func (s *Server) signIn(c *call) error {
	name := c.field("username")
	forget, err := s.try(c, name)
	if err != nil {
		return err
	}
	id, _, err := s.Community.SignIn(c.ctx(), s.visit(c), name, c.field("password"))
	var problem *chat.Invalid
	if errors.As(err, &problem) {
		s.logFailure(c, failureOf(err), err)
		return s.drawLogin(c, fiber.StatusUnauthorized, views.Form{Values: c.typed(), Problem: problem})
	}
	if err != nil {
		return err
	}
	if err := forget(); err != nil {
		return err
	}
	if err := s.enter(c, id); err != nil {
		return err
	}
	if c.field("body") != "" {
		return s.sendWaiting(c)
	}
	return c.go303(nextPath(c.field("next")))
}

func (s *Server) signOut(c *call) error {
	if err := s.Community.SignOut(c.ctx(), c.session.Hash); err != nil {
		return err
	}
	return s.leaves(c, "notice.signed_out")
}

// leaves has the browser forget who was signed in, and leads to the door.
func (s *Server) leaves(c *call, sentence string) error {
	s.setCookie(c, s.cookieName(), "", -time.Second)
	s.dropTokens(c)
	s.forgetRoom(c)
	c.Set("Clear-Site-Data", `"cache", "storage"`)
	s.notice(c, sentence)
	return c.go303(views.LoginPath)
}

// A message that is sent in a session that has ended waits for its author to sign in again. It waits in the form that signs
// in, on their own screen: nothing is stored, and its key says whose it is and makes it one message however often it comes.

// waits says whether what went wrong leaves a message that signing in would send: it came without a session, or the
// signing in that carried it failed.
func (c *call) waits(status int) bool {
	switch c.route.path {
	case views.LoginPath:
		return status != fiber.StatusNotFound
	default:
		return status == fiber.StatusUnauthorized && c.field("key") != "" && c.Params("room") != ""
	}
}

// drawWaiting shows the form that signs in and sends; to our script, for the composer's place.
func (s *Server) drawWaiting(c *call, f failure) error {
	form := views.Form{Values: c.typed(), Problem: &chat.Invalid{Sentence: f.told.Sentence, Args: f.told.Args}}
	if room := c.Params("room"); room != "" {
		form.Values["room"] = room
		form.Problem.Sentence = "login.unsent"
	}
	frame := s.frame(c)
	frame.Viewer = nil
	if c.htmx() {
		return s.draw(c, f.status, views.SignInComposer(frame, form))
	}
	return s.draw(c, f.status, views.LoginPage(frame, form, c.settings.Registration))
}

// sendWaiting posts the message that waited for its author. Nobody else sends it: a key of ours names who wrote.
func (s *Server) sendWaiting(c *call) error {
	number, err := strconv.ParseInt(c.field("room"), 10, 64)
	if err != nil {
		return chat.ErrNotFound
	}
	room := chat.RoomID(number)
	author, ours := s.Community.KeyAuthor(c.field("key"))
	if ours && author != c.viewer() {
		s.notice(c, "notice.not_sent")
		return c.go303(nextPath(c.field("next")))
	}
	if !ours {
		return s.drawTyped(c, room, fiber.StatusUnprocessableEntity, &chat.Invalid{Field: "body", Sentence: "message.key"})
	}
	_, err = s.Community.Post(c.ctx(), c.viewer(), room, c.field("body"), c.field("key"))
	if err == nil {
		return c.go303(views.RoomPath(room))
	}
	f := failureOf(err)
	if f.status == fiber.StatusNotFound {
		return err
	}
	s.logFailure(c, f, err)
	problem := *f.told
	problem.Field = "body"
	return s.drawTyped(c, room, f.status, &problem)
}
