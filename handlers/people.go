package handlers

import (
	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/views"
)

func (s *Server) showPeople(c *call) error {
	f, err := s.page(c, 0)
	if err != nil {
		return err
	}
	props := views.PeopleProps{Text: c.Query("q"), Show: c.Query("show")}
	page, err := s.DB.People(c.ctx(), db.PeopleQuery{Text: props.Text, Show: props.Show, After: c.Query("after")})
	if err != nil {
		return err
	}
	for _, p := range page.People {
		props.People = append(props.People, seenPerson(p))
	}
	if page.After != "" {
		props.Next = views.PeopleAfterPath(props.Text, props.Show, page.After)
	}
	return s.draw(c, fiber.StatusOK, views.PeoplePage(f, props))
}

// seenPerson is somebody as an administrator's page shows them.
func seenPerson(p db.Person) views.Person {
	return views.Person{
		User: p.User, Email: chat.Email{Address: p.Email, Verified: p.EmailVerified}, Disabled: p.Disabled, LastSeenAt: p.LastSeenAt,
	}
}

func (s *Server) showPerson(c *call) error {
	return s.drawPerson(c, fiber.StatusOK, views.PersonProps{})
}

// drawPerson draws the page of the person in the address, with what became of an act.
func (s *Server) drawPerson(c *call, status int, props views.PersonProps) error {
	person, err := s.DB.Person(c.ctx(), c.Params("username"))
	if err != nil {
		return err
	}
	f, err := s.page(c, 0)
	if err != nil {
		return err
	}
	props.Person, props.Myself = seenPerson(person), person.ID == c.viewer()
	return s.draw(c, status, views.PersonPage(f, props))
}

// refusePerson shows a refusal in the form of the act.
func (s *Server) refusePerson(act string) func(*call, failure) error {
	return func(c *call, f failure) error {
		return s.drawPerson(c, f.status, views.PersonProps{Form: views.Form{ID: act, Values: c.typed(), Problem: f.told}})
	}
}

// onPerson does something to the person in the address, and goes back to their page.
func (s *Server) onPerson(c *call, do func(db.Person) error) error {
	person, err := s.DB.Person(c.ctx(), c.Params("username"))
	if err != nil {
		return err
	}
	if err := do(person); err != nil {
		return err
	}
	return c.go303(views.PersonPath(person.Username))
}

func (s *Server) changeRole(c *call) error {
	return s.onPerson(c, func(p db.Person) error {
		if err := s.Community.SetRole(c.ctx(), s.actor(c), p.ID, chat.Role(c.field("role"))); err != nil {
			return err
		}
		s.notice(c, "notice.role_changed", "Name", p.Name())
		return nil
	})
}

func (s *Server) disablePerson(c *call) error {
	return s.onPerson(c, func(p db.Person) error {
		if err := s.Community.Disable(c.ctx(), s.actor(c), p.ID); err != nil {
			return err
		}
		s.notice(c, "notice.disabled", "Name", p.Name())
		return nil
	})
}

func (s *Server) enablePerson(c *call) error {
	return s.onPerson(c, func(p db.Person) error {
		if err := s.Community.Enable(c.ctx(), s.actor(c), p.ID); err != nil {
			return err
		}
		s.notice(c, "notice.enabled", "Name", p.Name())
		return nil
	})
}

// makeResetLink answers with the page that shows the link: it is stored nowhere, so it cannot wait for the next page.
func (s *Server) makeResetLink(c *call) error {
	person, err := s.DB.Person(c.ctx(), c.Params("username"))
	if err != nil {
		return err
	}
	token, err := s.Community.MakeResetLink(c.ctx(), s.actor(c), person.ID)
	if err != nil {
		return err
	}
	return s.drawPerson(c, fiber.StatusOK, views.PersonProps{Link: s.origin() + views.ResetPath(token)})
}
