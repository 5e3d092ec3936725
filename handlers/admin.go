package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/deliver"
	"chinwag/views"
)

func (s *Server) showAdmin(c *call) error { return s.drawAdmin(c, fiber.StatusOK, views.AdminProps{}) }

// refuseAdmin shows a refusal in the form that was sent.
func (s *Server) refuseAdmin(c *call, f failure) error {
	form := views.Form{Values: c.typed(), Problem: f.told}
	if c.route.path == views.AdminMailPath {
		return s.drawAdmin(c, f.status, views.AdminProps{Test: form})
	}
	return s.drawAdmin(c, f.status, views.AdminProps{Settings: form})
}

// drawAdmin fills in what no form was refused about.
func (s *Server) drawAdmin(c *call, status int, props views.AdminProps) error {
	f, err := s.page(c, 0)
	if err != nil {
		return err
	}
	if props.Settings.Values == nil {
		props.Settings.Values = map[string]string{
			"community": c.settings.Name, "registration": string(c.settings.Registration), "zone": c.settings.Zone,
		}
	}
	if props.Test.Values == nil {
		email, err := s.DB.Email(c.ctx(), c.viewer())
		if err != nil {
			return err
		}
		props.Test.Values = map[string]string{"to": email.Address}
	}
	props.Settings.ID, props.Test.ID = "community", "mail"
	if props.People, props.Rooms, err = s.DB.Numbers(c.ctx()); err != nil {
		return err
	}
	jobs, err := s.DB.JobState(c.ctx())
	if err != nil {
		return err
	}
	for _, failed := range jobs.Failed {
		props.Failed = append(props.Failed, views.FailedJob(failed))
	}
	if s.Mail != nil {
		props.Mail = views.MailProps{From: s.Mail.From(), Waiting: jobs.Mails}
	}
	return s.draw(c, status, views.AdminPage(f, props))
}

func (s *Server) saveCommunity(c *call) error {
	err := s.Community.ChangeCommunity(c.ctx(), s.actor(c), c.field("community"), chat.Registration(c.field("registration")), c.field("zone"))
	if err != nil {
		return err
	}
	s.notice(c, "notice.settings_saved")
	return c.go303(views.AdminPath)
}

// sendTestMail sends a message at once, and tells what the mail server answered, good or bad.
func (s *Server) sendTestMail(c *call) error {
	if s.Mail == nil {
		return chat.ErrForbidden
	}
	to := c.field("to")
	if deliver.CheckAddress(to) != nil {
		return &chat.Invalid{Field: "to", Sentence: "admin.mail_wrong"}
	}
	if err := s.Community.NoteMailTest(c.ctx(), s.actor(c)); err != nil {
		return err
	}
	message, err := s.testMail(c.ctx(), s.frame(c), to)
	if err != nil {
		return err
	}
	answer, err := s.Mail.Send(c.ctx(), message)
	var refused *deliver.Refused
	if errors.As(err, &refused) {
		return &chat.Invalid{Field: "to", Sentence: "admin.mail_refused", Args: map[string]any{"Answer": refused.Answer}}
	}
	if err != nil {
		return err
	}
	s.notice(c, "notice.mail_tested", "Answer", answer)
	return c.go303(views.AdminPath)
}
