package e2e

import (
	"net/url"
	"strings"
	"testing"

	"chinwag/deliver/smtptest"
)

// mailbox is where all mail of a site ends up.
type mailbox struct {
	t    testing.TB
	sink *smtptest.Sink
}

// startSiteWithMail is startSite for one that sends mail.
func startSiteWithMail(t testing.TB) (*site, *mailbox) {
	t.Helper()
	sink := smtptest.Start(t)
	return startSiteAt(t, freeAddress(t), "--smtp-url", sink.URL()), &mailbox{t, sink}
}

// openSiteWithMail is openSite for one that sends mail.
func openSiteWithMail(t testing.TB) (*site, *mailbox) {
	t.Helper()
	s, mail := startSiteWithMail(t)
	s.isSetUp()
	return s, mail
}

// link waits for the mail that brings somebody a link which begins like this, and gives its path.
func (m *mailbox) link(to, prefix string) string {
	m.t.Helper()
	var path string
	m.sink.Wait(m.t, func(mail smtptest.Mail) bool {
		link, err := url.Parse(mail.Link())
		if err != nil || mail.To != to || !strings.HasPrefix(link.Path, prefix) {
			return false
		}
		path = link.RequestURI()
		return true
	})
	return path
}

// brings waits until somebody has got that many mails.
func (m *mailbox) brings(to string, count int) {
	m.t.Helper()
	eventually(m.t, to+" got the mail", func() bool {
		got := 0
		for _, mail := range m.sink.Mails() {
			if mail.To == to {
				got++
			}
		}
		return got == count
	})
}
