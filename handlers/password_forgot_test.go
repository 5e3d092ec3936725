package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Whether an address is somebody's shows neither in the answer nor in the time it takes.
func TestS05_ForgottenPasswordsRevealNoAccount(t *testing.T) {
	s := openSite(t, withoutLimits)
	for _, name := range []string{"here", "gone", "late"} {
		s.person(name)
		s.hasEmail(name, name+"@x.test")
	}
	s.runs(`UPDATE users SET disabled = TRUE WHERE username = 'gone'`)
	s.runs(`UPDATE users SET email_verified = FALSE WHERE username = 'late'`)
	s.sendsMail()
	addresses := []string{"here@x.test", "gone@x.test", "late@x.test", "none@x.test"}
	b := s.stranger()
	b.opens("/login")
	t.Run("answer", func(t *testing.T) {
		want := ""
		for _, address := range addresses {
			b := b.in(t)
			p := b.post("/forgot", "email", address).is(http.StatusSeeOther)
			got := p.bare() + b.follow(p).bare()
			got = strings.ReplaceAll(got, address, "…")
			if want == "" {
				want = got
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s is answered otherwise:\n%s", address, diff)
			}
		}
	})
	t.Run("time", func(t *testing.T) {
		const samples = 20 // of each
		differ := func() (list []string) {
			took := map[string][]float64{}
			for i := range samples {
				for j := range addresses {
					address := addresses[(i+j)%len(addresses)]
					req := b.in(t).postRequest("/forgot", "email", address)
					started := time.Now()
					b.in(t).do(req)
					took[address] = append(took[address], time.Since(started).Seconds())
					eventually(t, func() bool { return s.jobs() == 0 }) // what one leaves to do must not slow the next
				}
			}
			for _, address := range addresses {
				if rankTest(took["none@x.test"], took[address]) < 0.01 {
					list = append(list, address)
				}
			}
			return list
		}
		if first := differ(); len(first) > 0 {
			for _, address := range differ() { // noise does not come twice
				if slices.Contains(first, address) {
					t.Errorf("the time tells %s", address)
				}
			}
		}
	})
}

// Links lead to the public address, whatever a request says it was sent to.
func TestS07_LinksInMailLeadToThePublicAddress(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits, behindProxy)
	s.person("bob")
	s.hasEmail("bob", "bob@x.test")
	sink := s.sendsMail()
	b := s.stranger()
	for name, change := range map[string]func(*http.Request){
		"a forwarded host": func(req *http.Request) {
			req.Header.Set("X-Forwarded-Host", "evil.test")
			req.Header.Set("X-Forwarded-Proto", "https")
			req.Header.Set("Forwarded", "host=evil.test;proto=https")
		},
		"an original host": func(req *http.Request) {
			req.Header.Set("X-Original-Host", "evil.test")
			req.Header.Set("X-Host", "evil.test")
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(sink.Mails())
			req := b.in(t).postRequest("/forgot", "email", "bob@x.test")
			change(req)
			p := b.in(t).do(req).is(http.StatusSeeOther)
			if to := p.Header.Get("Location"); to != "/login" {
				t.Errorf("it leads to %q", to)
			}
			eventually(t, func() bool { return len(sink.Mails()) > before })
			mail := sink.Mails()[before]
			if !strings.HasPrefix(mail.Link(), s.origin()+"/reset/") || strings.Contains(mail.Raw, "evil.test") {
				t.Errorf("the link is %q", mail.Link())
			}
		})
	}
	t.Run("another host", func(t *testing.T) {
		before := s.state()
		req := b.in(t).postRequest("/forgot", "email", "bob@x.test")
		req.Host = "evil.test"
		b.in(t).do(req).is(http.StatusMisdirectedRequest)
		s.unchanged(t, before)
	})
}

func TestForgottenPasswordsWithoutMail(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	p := s.stranger().opens("/forgot").is(http.StatusOK).sees("Ask an administrator")
	if p.find(isForm("/forgot")) != nil {
		t.Error("there is a form that does nothing")
	}
	b := s.stranger()
	before := s.state()
	b.submitsTo("/forgot", "email", "bob@x.test").is(http.StatusForbidden).sees("Ask an administrator")
	s.unchanged(t, before)
}

// One address is not flooded with links, from wherever they are asked for, and the answer tells nothing.
func TestLinksToOneMailboxAreLimited(t *testing.T) {
	t.Parallel()
	s := openSite(t, behindProxy)
	s.person("bob")
	s.hasEmail("bob", "bob@x.test")
	sink := s.sendsMail()
	for _, address := range []string{"bob@x.test", "none@x.test"} {
		asked, b := 0, s.stranger()
		for i := range 20 {
			req := b.postRequest("/forgot", "email", []string{address, strings.ToUpper(address)}[i%2])
			req.Header.Set("X-Forwarded-For", "203.0.113."+itoa(i))
			if b.do(req).Status == http.StatusTooManyRequests {
				break
			}
			asked++
		}
		if asked != 5 {
			t.Errorf("%d links to %s", asked, address)
		}
	}
	eventually(t, func() bool { return s.jobs() == 0 })
	if n := len(sink.Mails()); n != 5 {
		t.Errorf("%d mails", n)
	}
}

// Nor is it flooded with links to confirm it, whoever says that it is theirs, and nobody has floods sent.
func TestS67_LinksToConfirmAnAddressAreLimited(t *testing.T) {
	t.Parallel()
	s := openSite(t, behindProxy)
	sink := s.sendsMail()
	bob, ann := s.person("bob"), s.person("ann")
	bob.post("/settings/email", "email", "eve@x.test").is(http.StatusSeeOther)
	ann.post("/settings/email", "email", "EVE@x.test").is(http.StatusSeeOther)
	s.stranger().submitsFrom("/register", "/register", "username", "cat", "password", password, "email", "eve@x.test").is(http.StatusOK)
	s.stranger().submitsFrom("/register", "/register", "username", "cat", "password", password, "email", "eve@x.test").is(http.StatusUnprocessableEntity) // mails nothing
	for range 2 {
		bob.post("/settings/email/send").is(http.StatusSeeOther)
	}
	for _, b := range []*browser{bob, ann} {
		if p := b.post("/settings/email/send").is(http.StatusTooManyRequests); p.Header.Get("Retry-After") == "" || p.alerts() == "" {
			t.Error("nothing says when to try again")
		}
	}
	s.stranger().submitsFrom("/register", "/register", "username", "dog", "password", password, "email", "eve@x.test").is(http.StatusTooManyRequests)
	sent := 0
	for ; sent < 20 && bob.post("/settings/email", "email", "eve+"+itoa(sent)+"@x.test").Status == http.StatusSeeOther; sent++ {
	}
	if sent != 10-3 {
		t.Errorf("bob has %d more sent", sent)
	}
	eventually(t, func() bool { return s.jobs() == 0 })
	if n := len(sink.Mails()); n > 5+sent {
		t.Errorf("%d mails", n)
	}
}

func TestS13_TheOldAddressIsToldOfTheNewOne(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.person("bob")
	s.hasEmail("bob", "old@x.test")
	sink := s.sendsMail()
	bob.goesStale()
	bob.post("/settings/email", "email", "new@x.test").is(http.StatusForbidden)
	if n := s.number(`SELECT COUNT(*) FROM jobs`); n != 0 {
		t.Errorf("%d mails wait", n)
	}
	p := bob.submitsFrom("/settings", "/settings/email", "email", "new@x.test", "current", password).is(http.StatusOK)
	p.sees("on its way to new@x.test", "Waiting for you to confirm new@x.test", "old@x.test is confirmed")
	sink.Wait(t, to("old@x.test"))
	link := pathOf(t, sink.Wait(t, to("new@x.test")))
	eventually(t, func() bool { return s.jobs() == 0 })

	t.Run("a look confirms nothing", func(t *testing.T) {
		b := s.stranger().in(t)
		before := s.state()
		for range 2 {
			b.opens(link).is(http.StatusOK).sees("new@x.test")
		}
		s.unchanged(t, before)
	})
	t.Run("nor does a page of somebody else", func(t *testing.T) {
		req := s.stranger().postRequest(link)
		s.from(req, http.Header{"Origin": {"https://x.test"}})
		s.stranger().in(t).do(req).is(http.StatusForbidden)
	})
	b := s.stranger()
	b.submitsFrom(link, link).is(http.StatusOK).sees("new@x.test is confirmed")
	bob.opens("/settings").sees("new@x.test is confirmed").misses("old@x.test")
	b.opens(link).is(http.StatusNotFound).sees("no longer works")
	b.post(link).is(http.StatusNotFound)
}

func TestTheLinkToConfirmIsSentAgain(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	sink := s.sendsMail()
	bob := s.person("bob")
	bob.submitsFrom("/settings", "/settings/email", "email", "not an address").is(http.StatusUnprocessableEntity)
	if got := bob.page.form("/settings/email").Get("email"); got != "not an address" || bob.page.byID("email-email-error") == nil {
		t.Errorf("the form holds %q: %s", got, bob.page.alerts())
	}
	bob.submits("/settings/email", "email", "bob@x.test").is(http.StatusOK)
	first := pathOf(t, sink.Wait(t, to("bob@x.test")))
	bob.submits("/settings/email/send").is(http.StatusOK).sees("on its way to bob@x.test")
	eventually(t, func() bool { return len(sink.Mails()) == 2 })
	s.stranger().opens(first).is(http.StatusNotFound) // a newer one was made
	second := pathOf(t, sink.Mails()[1])
	bob.submitsFrom(second, second).is(http.StatusOK).sees("bob@x.test is confirmed")
	if bob.page.find(isForm("/settings/email/send")) != nil {
		t.Error("it can be sent again")
	}
	bob.submits("/settings/email", "email", "").is(http.StatusOK).sees("Your address is removed")
}
