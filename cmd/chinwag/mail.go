package main

import (
	"context"
	"fmt"
	"net"
	"net/url"

	"chinwag/deliver"
	"chinwag/handlers"
)

// mailSettings say how mail leaves. They are the server's and the doctor's.
type mailSettings struct {
	SMTPURL  string `name:"smtp-url" help:"Mail server that takes the mails of the community, smtps://USER:PASSWORD@HOST or smtp:// (default: none, and mail is off)." placeholder:"URL" env:"CHINWAG_SMTP_URL"`
	MailFrom string `help:"Address that mails come from (default: chinwag@ and the host of the public URL)." placeholder:"ADDRESS" env:"CHINWAG_MAIL_FROM"`
}

// sendsMail says whether mail is on.
func (m *mailSettings) sendsMail() bool { return m.SMTPURL != "" }

// checkMail looks at the settings before anything is built, and never repeats the address of the mail server: there may be a
// password in it.
func (m *mailSettings) checkMail() error {
	if m.MailFrom != "" {
		if err := deliver.CheckAddress(m.MailFrom); err != nil {
			return fmt.Errorf("--mail-from: %w", err)
		}
	}
	if !m.sendsMail() {
		return nil
	}
	_, err := m.smtp("localhost")
	return err
}

// smtp is the way to the mail server for a community that is reached under a host name.
func (m *mailSettings) smtp(host string) (*deliver.SMTP, error) {
	from := m.MailFrom
	if from == "" {
		if net.ParseIP(host) != nil { // no address of a mailbox ends in a number
			host = "localhost"
		}
		from = "chinwag@" + host
	}
	way, err := deliver.NewSMTP(m.SMTPURL, from, host)
	if err != nil {
		return nil, fmt.Errorf("--smtp-url: %w", err)
	}
	return way, nil
}

// mailer is what sends mail, or nothing where mail is off.
func (m *mailSettings) mailer(public *url.URL) (handlers.Mailer, error) {
	if !m.sendsMail() {
		return nil, nil
	}
	return m.smtp(public.Hostname())
}

// examineMail goes as far as one can without sending a mail.
func (d *doctorCommand) examineMail(ctx context.Context) finding {
	if !d.sendsMail() {
		return finding{what: "mail", warning: "off, so nobody can confirm an e-mail address or choose a new password by a mail; administrators and " +
			"chinwag user reset make links to hand over; set --smtp-url to turn it on"}
	}
	host := "localhost"
	if public, err := parseOrigin(d.PublicURL); err == nil {
		host = public.Hostname()
	}
	way, err := d.smtp(host)
	if err != nil {
		return finding{what: "mail", fault: err}
	}
	report, err := way.Ask(ctx)
	if err != nil {
		return finding{what: "mail by " + way.Server(), fault: oneLine(err)}
	}
	return finding{what: "mail from " + way.From() + ": " + report}
}
