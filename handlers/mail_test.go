package handlers_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/deliver"
	"chinwag/deliver/smtptest"
	"chinwag/realtime"
)

// sendsMail has a site send its mails to a server that keeps them. The site starts anew.
func (s *site) sendsMail(options ...smtptest.Option) *smtptest.Sink {
	s.t.Helper()
	sink := smtptest.Start(s.t, options...)
	way, err := deliver.NewSMTP(sink.URL(), "chinwag@chat.test", "chat.test")
	must(s.t, err)
	s.mail = way
	s.restarts()
	return sink
}

// hasEmail gives somebody an address that is known to be theirs.
func (s *site) hasEmail(name, email string) {
	s.t.Helper()
	must(s.t, s.db.Write(context.Background(), 0, func(tx chat.Tx) error {
		return tx.SaveEmail(s.userID(name), chat.Email{Address: email, Verified: true})
	}))
}

// looksForJobs has the server look for what is due, as it does every five seconds.
func (s *site) looksForJobs() {
	s.broker.Publish(realtime.Hint{Topic: "people", Kind: string(chat.JobQueued)})
}

// jobState says how what is done later is doing.
func (s *site) jobState() db.JobState {
	s.t.Helper()
	state, err := s.db.JobState(context.Background())
	must(s.t, err)
	return state
}

// jobs is how many there are that were not given up.
func (s *site) jobs() int64 { return s.number(`SELECT COUNT(*) FROM jobs WHERE failed_at = 0`) }

// to says whether a mail went to an address.
func to(address string) func(smtptest.Mail) bool {
	return func(m smtptest.Mail) bool { return m.To == address }
}

// about says whether a mail went to an address and its subject holds words.
func about(address, words string) func(smtptest.Mail) bool {
	return func(m smtptest.Mail) bool { return m.To == address && strings.Contains(m.Subject, words) }
}

// pathOf is where a mail's link leads on the site.
func pathOf(t *testing.T, m smtptest.Mail) string {
	t.Helper()
	u, err := url.Parse(m.Link())
	must(t, err)
	return u.Path
}

// Each thing that is mailed arrives, at whom it is for, with a link that works where there is one.
func TestMailArrives(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	sink := s.sendsMail()
	ada := s.person("ada")

	ada.post("/settings/email", "email", "ada@x.test").is(http.StatusSeeOther)
	confirm := sink.Wait(t, about("ada@x.test", "Confirm"))
	s.stranger().submitsFrom(pathOf(t, confirm), pathOf(t, confirm)).is(http.StatusOK)

	s.stranger().submitsFrom("/forgot", "/forgot", "email", "ADA@x.test").is(http.StatusOK)
	reset := sink.Wait(t, about("ada@x.test", "new password"))
	for _, m := range []smtptest.Mail{confirm, reset} {
		if !strings.HasPrefix(m.Link(), s.origin()+"/") || !strings.Contains(m.HTML, `href="`+m.Link()+`"`) {
			t.Errorf("it leads to %q", m.Link())
		}
	}
	s.stranger().submitsFrom(pathOf(t, reset), pathOf(t, reset), "password", "a new horse battery").is(http.StatusOK)
	sink.Wait(t, about("ada@x.test", "was changed"))

	ada.signsIn("ada", "a new horse battery")
	ada.post("/settings/email", "email", "ada@y.test").is(http.StatusSeeOther)
	notice := sink.Wait(t, about("ada@x.test", "being changed"))
	if strings.Contains(notice.Raw, "y.test") {
		t.Error("the old address is told the new one")
	}
	sink.Wait(t, about("ada@y.test", "Confirm"))

	s.stranger().submitsFrom("/register", "/register", "username", "bob", "password", "bob's long password", "email", "bob@x.test").is(http.StatusOK)
	sink.Wait(t, about("bob@x.test", "Confirm"))
	eventually(t, func() bool { return s.jobs() == 0 })
	if got := len(sink.Mails()); got != 6 {
		t.Errorf("%d mails", got)
	}
}

// For an address that is nobody's the same is done, until the mail would have to go somewhere.
func TestS05_AMailGoesOnlyToAnAddressThatIsSomebodys(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	s.person("ada")
	s.person("bob")
	s.hasEmail("ada", "ada@x.test")
	must(t, s.db.Write(t.Context(), 0, func(tx chat.Tx) error {
		return tx.SaveEmail(s.userID("bob"), chat.Email{Address: "bob@x.test"}) // never confirmed
	}))
	sink := s.sendsMail()
	for _, typed := range []string{"nobody@x.test", "bob@x.test", "ada@x.test"} {
		s.stranger().submitsFrom("/forgot", "/forgot", "email", typed).is(http.StatusOK)
	}
	sink.Wait(t, to("ada@x.test"))
	eventually(t, func() bool { return s.jobs() == 0 })
	if got := len(sink.Mails()); got != 1 {
		t.Errorf("%d mails", got)
	}
}

// It goes to the address as its owner gave it, not to one that only looks like it after folding.
func TestMailGoesToTheAddressThatIsKnown(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	s.person("ada")
	s.hasEmail("ada", "Ada@X.test")
	sink := s.sendsMail()
	must(t, s.community.Forgot(t.Context(), "ada@x.test"))
	sink.Wait(t, to("Ada@X.test"))
}

// What can be taken later is sent again, later each time, and is the same mail.
func TestMailThatIsPutOffIsSentAgain(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	s.person("ada")
	s.hasEmail("ada", "ada@x.test")
	sink := s.sendsMail()
	sink.Refuses(451, "come back later")
	must(t, s.community.Forgot(t.Context(), "ada@x.test"))
	sink.WaitTries(t, 1)
	for try, wait := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute} {
		eventually(t, func() bool {
			return s.number(`SELECT COUNT(*) FROM jobs WHERE leased_until = 0 AND attempts = $1`, try+1) == 1
		})
		failed := s.jobState().Failed[0]
		if !failed.At.IsZero() || failed.Attempts != try+1 || !strings.Contains(failed.Problem, "451 come back later") {
			t.Errorf("%+v", failed)
		}
		due := s.number(`SELECT run_at FROM jobs`) - s.clock.now().UnixMilli()
		if late := wait.Milliseconds() - due; late < 0 || late > 10_000 {
			t.Errorf("it waits %d ms after try %d, not %v", due, try+1, wait)
		}
		if try == 2 {
			sink.Takes()
		}
		s.clock.forward(wait)
		s.looksForJobs()
		if try < 2 {
			sink.WaitTries(t, try+2)
		}
	}
	sink.Wait(t, to("ada@x.test"))
	eventually(t, func() bool { return s.jobs() == 0 })
}

// What is refused for good is not tried again, and administrators are told of it.
func TestMailThatIsRefusedIsGivenUp(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	s.person("ada")
	s.hasEmail("ada", "ada@x.test")
	sink := s.sendsMail()
	sink.Refuses(550, "no such person here")
	must(t, s.community.Forgot(t.Context(), "ada@x.test"))
	eventually(t, func() bool { return len(s.jobState().Failed) == 1 && !s.jobState().Failed[0].At.IsZero() })
	s.clock.forward(time.Hour)
	s.looksForJobs()
	s.root().get("/admin").is(http.StatusOK).sees("550 no such person here")
	if sink.Tries() != 1 || s.jobState().Mails != 0 {
		t.Errorf("%d tries, %d wait", sink.Tries(), s.jobState().Mails)
	}
}

// A link that nobody waits for any more is not sent; what is no link is tried for a day.
func TestMailIsGivenUpWhenItIsTooLate(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	s.person("ada")
	s.hasEmail("ada", "ada@x.test")
	sink := s.sendsMail()
	sink.Refuses(451, "come back later")
	must(t, s.community.Forgot(t.Context(), "ada@x.test"))
	sink.WaitTries(t, 1)
	eventually(t, func() bool { return len(s.jobState().Failed) == 1 })
	s.clock.forward(time.Hour)
	sink.Takes()
	s.looksForJobs()
	eventually(t, func() bool { return s.jobState().Mails == 0 })
	if got := sink.Mails(); len(got) != 0 || s.jobState().Failed[0].At.IsZero() {
		t.Errorf("%d mails, %+v", len(got), s.jobState().Failed)
	}
}

// Where no mail is sent, none waits, and accounts are still left behind as they should be.
func TestJobsWithoutMail(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	ada, me := s.person("ada"), s.userID("ada")
	ada.post("/settings/email", "email", "ada@x.test").is(http.StatusSeeOther)
	if s.jobs() != 0 {
		t.Error("a mail waits")
	}
	ada.post("/settings/delete", "messages", "keep", "username", "ada").is(http.StatusSeeOther)
	eventually(t, func() bool {
		return s.jobs() == 0 && s.number(`SELECT COUNT(*) FROM memberships WHERE user_id = $1`, me) == 0
	})
}

// A server that says nothing holds up neither the pages nor the end of ours.
func TestMailServerThatHangs(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	s.person("ada")
	s.hasEmail("ada", "ada@x.test")
	sink := s.sendsMail()
	sink.Hangs()
	must(t, s.community.Forgot(t.Context(), "ada@x.test"))
	sink.WaitTries(t, 1)
	s.stranger().get("/login").is(http.StatusOK)
	began := time.Now()
	s.stop()
	if took := time.Since(began); took > 20*time.Second { // 5 as a rule; who waited for the mail server would take 30
		t.Errorf("it took %v to stop", took)
	}
	s.serve(listen(t, strings.TrimPrefix(s.URL, "http://")))
	sink.Takes() // and the mail that hung was taken all along
	first := sink.Wait(t, to("ada@x.test"))
	s.clock.forward(time.Minute)
	s.looksForJobs()
	eventually(t, func() bool { return s.jobs() == 0 })
	for _, again := range sink.Mails() {
		if again.ID() != first.ID() || again.Link() != first.Link() {
			t.Errorf("another mail: %s and %s", first.Raw, again.Raw)
		}
	}
}

// Two nodes look for the same mails at the same time, and none is sent twice.
func TestMailIsSentByOneNode(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	s.person("ada")
	s.hasEmail("ada", "ada@x.test")
	sink := s.sendsMail()
	other := s.another(s.broker)
	const many = 40
	var asking sync.WaitGroup
	for i := range many {
		asking.Go(func() {
			node := []*site{s, other}[i%2]
			if err := node.community.Forgot(context.Background(), "ada@x.test"); err != nil {
				t.Error(err)
			}
		})
	}
	asking.Wait()
	eventually(t, func() bool { return s.jobs() == 0 })
	seen := map[string]bool{}
	for _, m := range sink.Mails() {
		if seen[m.ID()] {
			t.Errorf("%s was sent twice", m.ID())
		}
		seen[m.ID()] = true
	}
	if len(seen) != many {
		t.Errorf("%d mails", len(seen))
	}
}

// What a link needs stands nowhere but in the mail: not in the database, not in the log, not in what administrators are told.
func TestMailLeavesNoSecretBehind(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	s.person("ada")
	s.hasEmail("ada", "ada@x.test")
	sink := s.sendsMail(smtptest.WithPassword)
	must(t, s.community.Forgot(t.Context(), "ada@x.test"))
	token := strings.TrimPrefix(pathOf(t, sink.Wait(t, to("ada@x.test"))), "/reset/")
	if len(token) < 40 {
		t.Fatalf("the token is %q", token)
	}
	eventually(t, func() bool { return s.jobs() == 0 })

	links := make(chan string, 1)
	sink.RefusesWith(554, func(m smtptest.Mail) string {
		links <- m.Link()
		return "spam to " + strings.ToUpper(m.To) + ": " + m.Link()
	})
	must(t, s.community.Forgot(t.Context(), "ada@x.test"))
	eventually(t, func() bool { return len(s.jobState().Failed) == 1 })
	failed := s.jobState().Failed[0]
	if !strings.Contains(failed.Problem, "554 spam to …") || strings.Contains(strings.ToLower(failed.Problem), "ada@") {
		t.Error(failed.Problem)
	}
	s.root().get("/admin").is(http.StatusOK).sees("554 spam to")
	_, second, _ := strings.Cut(<-links, "/reset/")
	kept := strings.Join(s.state(), "\n")
	for place, text := range map[string]string{"the log": s.log.String(), "the problem": failed.Problem, "the database": kept} {
		for _, secret := range []string{token, second, smtptest.Password} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds %q", place, secret)
			}
		}
	}
}
