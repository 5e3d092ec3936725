package handlers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"chinwag/chat"
	"chinwag/deliver"
	"chinwag/realtime"
	"chinwag/views"
)

// Mailer sends mails. Its error is a [deliver.Refused].
type Mailer interface {
	// Send hands over a mail and gives the mail server's answer.
	Send(ctx context.Context, mail deliver.Mail) (answer string, err error)
	// From is the address that mails come from.
	From() string
}

// startJobs begins to do what waits: at once when a node tells of it, else when the runner looks.
func (s *Server) startJobs() {
	s.Community.UseMail(s.Mail != nil)
	s.runner = deliver.Start(s.Community, s.doJob, s.log)
	s.unfollow = s.Broker.Subscribe(hintsOfPeople, func(h realtime.Hint) {
		if chat.EventKind(h.Kind) == chat.JobQueued {
			s.runner.Wake()
		}
	})
}

// doJob does one thing that waited. It may have been done before, by a node that died before it could say so.
func (s *Server) doJob(ctx context.Context, job chat.Job) error {
	if !job.Kind.IsMail() {
		return s.Community.LeaveAll(ctx, job.Payload.User, job.Payload.Erase)
	}
	letter, err := s.Community.Letter(ctx, job)
	if errors.Is(err, chat.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	settings, err := s.DB.Settings(ctx)
	if err != nil {
		return err
	}
	f := views.Frame{Words: s.Words, Community: settings.Name}
	mail, err := drawMail(ctx, f, views.NewMail(f, letter, s.origin()))
	if err != nil {
		return err
	}
	mail.To, mail.ID = letter.To, letter.ID
	_, err = s.Mail.Send(ctx, mail)
	return discreet(err, letter)
}

// discreet takes out of a refusal what only the recipient is to know: some servers repeat the address,
// often in other letters, or what stood in the mail.
func discreet(err error, letter chat.Letter) error {
	var refused *deliver.Refused
	if !errors.As(err, &refused) {
		return err
	}
	answer := regexp.MustCompile(`(?i)`+regexp.QuoteMeta(letter.To)).ReplaceAllString(refused.Answer, "…")
	if letter.Token != "" {
		answer = strings.ReplaceAll(answer, letter.Token, "…")
	}
	return &deliver.Refused{Permanent: refused.Permanent, Answer: answer}
}

// testMail is what an administrator sends to see whether mail works.
func (s *Server) testMail(ctx context.Context, f views.Frame, to string) (deliver.Mail, error) {
	mail, err := drawMail(ctx, f, views.NewTestMail(f, s.origin()))
	mail.To, mail.ID = to, chat.NewToken(15)
	return mail, err
}

// drawMail draws a mail that still needs its recipient.
func drawMail(ctx context.Context, f views.Frame, m views.Mail) (deliver.Mail, error) {
	var page bytes.Buffer
	if err := views.MailHTML(m).Render(ctx, &page); err != nil {
		return deliver.Mail{}, fmt.Errorf("draw a mail: %w", err)
	}
	return deliver.Mail{From: f.Sender(), Subject: m.Subject, Text: m.Text(), HTML: page.String()}, nil
}
