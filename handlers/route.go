package handlers

import (
	"fmt"

	"github.com/gofiber/fiber/v2"
)

// route is one line of the table: everything that must hold before a handler runs. The zero value of a column is not a
// choice, so that nothing is open by being forgotten.
type route struct {
	method string
	path   string
	who    action
	limit  limitClass
	body   body
	handle func(*call) error
	refuse func(*call, failure) error // optional: shows a refusal in place, with what was typed
}

// action says who may call a route. Rights in a room are rules, decided inside the transaction or in the scoped read.
type action int

const (
	byAnyone  action = iota + 1 // signed in or not
	bySetup                     // whoever has the set-up link, until somebody has used it
	byPerson                    // signed in
	bySocket                    // a page of ours that opens its socket: our exact origin, and a session, if only an ended one
	byMachine                   // probes and files: no session, any host name
)

// body says what a request may carry. A form names its fields: others, and the same twice, are refused.
type body struct {
	kind   bodyKind
	size   int // bytes at most
	fields []string
}

type bodyKind int

const (
	noBody bodyKind = iota + 1
	formBody
)

const formSize = 4 << 10

var none = body{kind: noBody} // a constant in all but name

// form is a body of named fields, up to 4 KiB.
func form(fields ...string) body {
	return body{kind: formBody, size: formSize, fields: append(fields, csrfField)}
}

// textForm is a form with a message in it. It leaves room for far more than the longest one, each byte written %XX: a text
// that is too long is told so beside it, and only a flood is cut off.
func textForm(fields ...string) body {
	b := form(append(fields, "body")...)
	b.size = 200 << 10
	return b
}

const (
	get  = fiber.MethodGet
	post = fiber.MethodPost
)

// routes is every address of the program.
func (s *Server) routes() []route {
	return []route{
		{get, HealthPath, byMachine, limitNone, none, s.health, nil},
		{get, "/readyz", byMachine, limitNone, none, s.ready, nil},
		{get, "/static/:file", byMachine, limitNone, none, s.showAsset, nil},

		{get, "/", byAnyone, limitRead, none, s.home, nil},
		{get, "/setup", bySetup, limitRead, none, s.showSetup, nil},
		{post, "/setup", bySetup, limitEnter, form("community", "username", "password", "registration"), s.setUp, nil},
		{get, "/register", byAnyone, limitRead, none, s.showRegister, nil},
		{post, "/register", byAnyone, limitEnter, form("username", "password", "display_name", "email", "invite"), s.register, nil},
		{get, "/login", byAnyone, limitRead, none, s.showLogin, nil},
		{post, "/login", byAnyone, limitEnter, textForm("username", "password", "next", "key", "room"), s.signIn, nil},
		{post, "/logout", byPerson, limitWrite, form(), s.signOut, nil},

		{get, "/rooms", byPerson, limitRead, none, s.showRooms, nil},
		{get, "/rooms/new", byPerson, limitRead, none, s.showNewRoom, nil},
		{post, "/rooms", byPerson, limitWrite, form("name", "kind", "topic"), s.createRoom, s.refuseRoom},
		{get, "/rooms/:room", byPerson, limitRead, none, s.showRoom, nil},
		{post, "/rooms/:room/join", byPerson, limitWrite, textForm("key"), s.join, nil},
		{post, "/rooms/:room/leave", byPerson, limitWrite, form(), s.leave, nil},
		{get, "/rooms/:room/members", byPerson, limitRead, none, s.showMembers, nil},
		{post, "/rooms/:room/members", byPerson, limitWrite, form("username"), s.addMember, nil},
		{post, "/rooms/:room/messages", byPerson, limitSend, textForm("key"), s.postMessage, s.refuseMessage},
		{get, "/rooms/:room/:seq", byPerson, limitRead, none, s.showMessage, nil},
		{get, "/rooms/:room/:seq/edit", byPerson, limitRead, none, s.showEdit, nil},
		{post, "/rooms/:room/:seq/edit", byPerson, limitSend, textForm(), s.editMessage, s.refuseEdit},
		{post, "/rooms/:room/:seq/delete", byPerson, limitWrite, textForm(), s.deleteMessage, s.refuseEdit},

		{get, "/live", bySocket, limitRead, none, s.connect, nil},
	}
}

// check says what is missing from a line of the table.
func (r route) check() error {
	switch {
	case r.method == "" || r.path == "" || r.handle == nil:
		return fmt.Errorf("route %s %s: no method, path or handler", r.method, r.path)
	case r.who == 0:
		return fmt.Errorf("route %s %s: nobody said who may call it", r.method, r.path)
	case r.limit == 0:
		return fmt.Errorf("route %s %s: no limit class", r.method, r.path)
	case r.body.kind == 0 || r.body.kind == formBody && r.body.size <= 0:
		return fmt.Errorf("route %s %s: no body kind or size", r.method, r.path)
	case r.method != get && r.body.kind != formBody:
		return fmt.Errorf("route %s %s: a write without a form has no token", r.method, r.path)
	}
	return nil
}

// mount puts the table into the app. A line with a gap stops the start.
func (s *Server) mount(app *fiber.App) error {
	for _, r := range s.routes() {
		if err := r.check(); err != nil {
			return err
		}
		handler := s.guard(r)
		app.Add(r.method, r.path, handler)
		if r.method == get {
			app.Add(fiber.MethodHead, r.path, handler)
		}
	}
	return nil
}

// guard applies the columns of a line, then runs the handler.
func (s *Server) guard(r route) fiber.Handler {
	return func(fc *fiber.Ctx) error {
		c := callOf(fc)
		c.route = r
		if r.who == bySocket && !s.live.gate.Allow() {
			return errGate
		}
		if r.who != byMachine {
			if err := s.checkHost(c); err != nil {
				return err
			}
		}
		if err := checkBody(c); err != nil {
			return err
		}
		if r.who != byMachine {
			if err := s.identify(c); err != nil {
				return err
			}
		}
		if err := s.checkOrigin(c); err != nil {
			return err
		}
		if err := s.limits.check(c); err != nil {
			return err
		}
		if err := s.authorise(c); err != nil {
			return err
		}
		return r.handle(c)
	}
}
