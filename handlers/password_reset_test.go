package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chinwag/chat"
)

// resetLink makes a link by which somebody chooses another password, as whoever runs the server does.
func (s *site) resetLink(name string) string {
	s.t.Helper()
	token, err := s.community.MakeResetLink(s.t.Context(), chat.Actor{}, s.userID(name))
	must(s.t, err)
	return "/reset/" + token
}

func TestS06_ALinkToANewPasswordWorksOnce(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	s.person("bob")
	link, before := s.resetLink("bob"), s.state()
	eve := s.stranger()
	for range 2 { // programs that read mail look at links
		eve.opens(link).is(http.StatusOK).sees("@bob")
		eve.do(eve.request(http.MethodHead, link, nil)).is(http.StatusOK)
	}
	eve.opens(link)
	s.unchanged(t, before)
	bob := s.stranger()
	bob.submitsFrom(link, link, "password", "short").is(http.StatusUnprocessableEntity)
	if bob.page.alerts() == "" || bob.page.byID("password-error") == nil {
		t.Error("nothing says what is wrong")
	}
	p := bob.submits(link, "password", "a new horse battery").is(http.StatusOK).sees("Sign in with it")
	if p.byID("sidebar") != nil {
		t.Error("the link signs in")
	}
	bob.get("/rooms").is(http.StatusUnauthorized)
	eve.submits(link, "password", "eve's own password").is(http.StatusNotFound).sees("no longer works")
	eve.opens(link).is(http.StatusNotFound)
	s.stranger().signsIn("bob", password).is(http.StatusUnauthorized)
	s.stranger().signsIn("bob", "a new horse battery").is(http.StatusOK)
}

// gone are the ways in which a link comes to lead nowhere.
func gone() map[string]func(s *site, bob *browser) string {
	return map[string]func(s *site, bob *browser) string{
		"made up": func(*site, *browser) string { return "/reset/" + chat.NewToken(32) },
		"used": func(s *site, _ *browser) string {
			link := s.resetLink("bob")
			s.stranger().submitsFrom(link, link, "password", "a used up battery").is(http.StatusOK)
			return link
		},
		"older than ten minutes": func(s *site, _ *browser) string {
			link := s.resetLink("bob")
			s.clock.forward(10 * time.Minute)
			return link
		},
		"followed by another": func(s *site, _ *browser) string {
			link := s.resetLink("bob")
			s.resetLink("bob")
			return link
		},
		"from before the password was changed": func(s *site, bob *browser) string {
			link := s.resetLink("bob")
			bob.post("/settings/password", "current", password, "password", "another horse battery").is(http.StatusSeeOther)
			return link
		},
		"from before the address was changed": func(s *site, bob *browser) string {
			link := s.resetLink("bob")
			bob.post("/settings/email", "email", "bob@x.test").is(http.StatusSeeOther)
			return link
		},
		"of a closed account": func(s *site, bob *browser) string {
			link := s.resetLink("bob")
			s.runs(`UPDATE users SET disabled = TRUE WHERE id = $1`, bob.me())
			return link
		},
	}
}

// Links that lead nowhere look alike, whatever became of them.
func TestS05_S06_LinksThatAreGoneLookTheSame(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for name, makes := range gone() {
		s := openSite(t, withoutLimits)
		link := makes(s, s.person("bob"))
		eve := s.stranger()
		eve.opens("/login")
		before := s.state()
		for what, p := range map[string]*page{"page": eve.get(link), "form": eve.post(link, "password", "eve's own password")} {
			got := strings.ReplaceAll(strings.ReplaceAll(p.is(http.StatusNotFound).bare(), link, "…"), s.host(), "…")
			if want[what] == "" {
				want[what] = got
			}
			if diff := cmp.Diff(want[what], got); diff != "" {
				t.Errorf("%s: the %s is another:\n%s", name, what, diff)
			}
		}
		s.unchanged(t, before)
	}
}

// Of two people with one link, one gets in.
func TestS06_TwoAtOnceWithOneLink(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	s.person("bob")
	link := s.resetLink("bob")
	people := make([]*browser, 6)
	requests := make([]*http.Request, len(people))
	for i := range people {
		people[i] = s.stranger()
		requests[i] = people[i].postRequest(link, "password", "the battery of number "+itoa(i))
	}
	statuses := make([]int, len(people))
	together(len(people), func(i int) { statuses[i] = people[i].do(requests[i]).Status })
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	if diff := cmp.Diff(map[int]int{http.StatusSeeOther: 1, http.StatusNotFound: len(people) - 1}, count); diff != "" {
		t.Error(diff)
	}
}

func TestS20_TokensOfLinksAreNotLogged(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	s.person("bob")
	link := s.resetLink("bob")
	b := s.stranger()
	b.opens(link)
	b.submits(link, "password", "short")
	b.submits(link, "password", "a new horse battery").is(http.StatusOK)
	b.opens(link).is(http.StatusNotFound)
	b.opens("/confirm/the-token-of-a-link").is(http.StatusNotFound)
	for _, secret := range []string{strings.TrimPrefix(link, "/reset/"), "a new horse battery", "the-token-of-a-link"} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}
