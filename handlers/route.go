package handlers

import (
	"fmt"
	"slices"

	"github.com/gofiber/fiber/v2"

	"chinwag/views"
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
	byAnyone     action = iota + 1 // signed in or not
	bySetup                        // whoever has the set-up link, until somebody has used it
	byPerson                       // signed in
	byFresh                        // signed in, with the password typed lately, or typed into this very form
	byAdmin                        // an administrator
	byFreshAdmin                   // an administrator, with the password as for byFresh
	bySocket                       // a page of ours that opens its socket: our exact origin, and a session, if only an ended one
	byMachine                      // probes and files: no session, any host name
)

// signedIn says whether only signed-in people may call a route.
func (a action) signedIn() bool {
	return a == byPerson || a == byFresh || a == byAdmin || a == byFreshAdmin
}

// fresh says whether a route wants a password that was typed lately.
func (a action) fresh() bool { return a == byFresh || a == byFreshAdmin }

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
		{get, "/forgot", byAnyone, limitRead, none, s.showForgot, nil},
		{post, "/forgot", byAnyone, limitEnter, form("email"), s.forgot, nil},
		{get, "/reset/:token", byAnyone, limitRead, none, s.showReset, nil},
		{post, "/reset/:token", byAnyone, limitEnter, form("password"), s.reset, nil},
		{get, "/confirm/:token", byAnyone, limitRead, none, s.showConfirm, nil},
		{post, "/confirm/:token", byAnyone, limitEnter, form(), s.confirmEmail, nil},

		{get, "/settings", byPerson, limitRead, none, s.showSettings, nil},
		{post, "/settings/email", byFresh, limitWrite, form("email", "current"), s.changeEmail, s.refuseSettings},
		{post, "/settings/email/send", byPerson, limitWrite, form(), s.resendConfirmation, s.refuseSettings},
		{post, "/settings/password", byPerson, limitWrite, form("current", "password"), s.changePassword, s.refuseSettings},
		{post, "/settings/sessions/end", byPerson, limitWrite, form("session"), s.endSession, s.refuseSettings},
		{post, "/settings/sessions/end-all", byPerson, limitWrite, form(), s.endSessions, nil},
		{post, "/settings/download", byFresh, limitWrite, form("format", "current"), s.download, s.refuseSettings},
		{get, "/settings/delete", byPerson, limitRead, none, s.showLeaving, nil},
		{post, "/settings/delete", byFresh, limitWrite, form("messages", "username", "current"), s.deleteAccount, s.refuseLeaving},

		{get, "/invitations", byPerson, limitRead, none, s.showInvitations, nil},
		{post, "/invitations", byPerson, limitWrite, form("days", "uses", "room"), s.invite, nil},
		{post, "/invitations/accept", byPerson, limitWrite, form("invite"), s.acceptInvitation, nil},
		{get, "/invitations/:id", byPerson, limitRead, none, s.showInvitation, nil},
		{post, "/invitations/:id/revoke", byPerson, limitWrite, form(), s.revokeInvitation, nil},

		{get, "/admin", byAdmin, limitRead, none, s.showAdmin, nil},
		{post, "/admin/settings", byFreshAdmin, limitWrite, form("community", "registration", "zone", "current"), s.saveCommunity, s.refuseAdmin},
		{post, "/admin/mail", byFreshAdmin, limitWrite, form("to", "current"), s.sendTestMail, s.refuseAdmin},
		{get, "/admin/people", byAdmin, limitRead, none, s.showPeople, nil},
		{get, "/admin/people/:username", byAdmin, limitRead, none, s.showPerson, nil},
		{post, "/admin/people/:username/role", byFreshAdmin, limitWrite, form("role", "current"), s.changeRole, s.refusePerson(views.ActRole)},
		{post, "/admin/people/:username/disable", byFreshAdmin, limitWrite, form("current"), s.disablePerson, s.refusePerson(views.ActDisable)},
		{post, "/admin/people/:username/enable", byFreshAdmin, limitWrite, form("current"), s.enablePerson, s.refusePerson(views.ActEnable)},
		{post, "/admin/people/:username/reset", byFreshAdmin, limitWrite, form("current"), s.makeResetLink, s.refusePerson(views.ActReset)},
		{get, "/admin/log", byAdmin, limitRead, none, s.showAudit, nil},

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
	case r.who.fresh() && (r.refuse == nil || !slices.Contains(r.body.fields, currentField)):
		return fmt.Errorf("route %s %s: no place to ask for the password again", r.method, r.path)
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
		if err := s.prove(c); err != nil {
			return err
		}
		return r.handle(c)
	}
}
