package e2e

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"chinwag/deliver/smtptest"
)

// leaseAndMore is how long a job is left alone whose node was killed, and some time to do it after that.
const leaseAndMore = 90 * time.Second

// TestNoMailIsLostWhenKilled kills the program again and again while mails wait, or are being sent. Each comes all the same; one
// that comes twice is the same mail with the same link.
func TestNoMailIsLostWhenKilled(t *testing.T) {
	t.Parallel()
	s, mail := openSiteWithMail(t)
	var people []string
	for round := range *rounds {
		mail.sink.Hangs() // the first is being sent, others wait behind it
		handed := mail.sink.Tries()
		for i := range 2 {
			name := fmt.Sprintf("ann%d-%d", round, i)
			s.client(name).submits("/register", "/register", "username", name, "password", "ann's long words", "email", name+"@x.example")
			people = append(people, name+"@x.example")
		}
		mail.sink.WaitTries(t, handed+1)
		switch round % 3 {
		case 0: // in the middle of it, and the mail server has it
			s.isKilled()
		case 1: // in the middle of it, and the mail server drops it
			s.isKilled()
			mail.sink.Refuses(451, "that was half a mail")
		case 2: // at any moment after the mail server took it
			mail.sink.Takes()
			pause(t.Context(), rand.N(5*time.Millisecond))
			s.isKilled()
		}
		mail.sink.Takes()
		s.starts()
	}
	late := time.Now().Add(leaseAndMore)
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for got := mail.copies(); len(got) < len(people); got = mail.copies() {
		if time.Now().After(late) {
			t.Fatalf("%d of %d mails came", len(got), len(people))
		}
		<-again.C
	}
	for _, person := range people {
		copies := mail.copies()[person]
		for _, m := range copies {
			if m.ID() == "" || m.ID() != copies[0].ID() || m.Link() == "" || m.Link() != copies[0].Link() {
				t.Errorf("%s got two mails: %s %s and %s %s", person, copies[0].ID(), copies[0].Link(), m.ID(), m.Link())
			}
		}
	}
}

// copies are the mails that came, by whom they are for.
func (m *mailbox) copies() map[string][]smtptest.Mail {
	got := map[string][]smtptest.Mail{}
	for _, mail := range m.sink.Mails() {
		got[mail.To] = append(got[mail.To], mail)
	}
	return got
}
