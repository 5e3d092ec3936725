package handlers_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ours is a community as its first administrator fills it in.
func ours() []string {
	return []string{"community", "The Pub", "username", "ada", "password", password, "registration", "open"}
}

func TestS16_SetUpNeedsThePrintedLink(t *testing.T) {
	t.Parallel()
	s := startSite(t, withoutLimits)
	b := s.stranger()
	empty := s.state()
	for name, query := range map[string]string{
		"no token": "", "an empty one": "?token=", "a wrong one": "?token=guess", "a cut one": "?token=" + setupToken[:5],
		"a longer one": "?token=" + setupToken + "x", "another name": "?Token=" + setupToken, "twice": "?token=x&token=" + setupToken,
	} {
		t.Run(name, func(t *testing.T) {
			b := b.in(t)
			b.get("/setup" + query).is(http.StatusForbidden)
			b.post("/setup"+query, ours()...).is(http.StatusForbidden)
			s.unchanged(t, empty)
		})
	}
	t.Run("nobody is there before", func(t *testing.T) {
		for _, name := range []string{"root", "admin", "chinwag"} {
			for _, secret := range []string{"", "admin", name} {
				b.in(t).post("/login", "username", name, "password", secret).is(http.StatusUnauthorized)
			}
		}
		b.in(t).post("/register", "username", "eve", "password", password).is(http.StatusForbidden)
		s.unchanged(t, empty)
	})
	t.Run("refusals keep what was typed", func(t *testing.T) {
		p := b.in(t).post("/setup?token="+setupToken, "community", "The Pub", "username", "a", "password", password, "registration", "open").
			is(http.StatusUnprocessableEntity).misses(password)
		if p.hidden("community") != "The Pub" || p.hidden("username") != "a" || p.alerts() == "" {
			t.Errorf("shown is %q, %q, %q", p.hidden("community"), p.hidden("username"), p.alerts())
		}
		s.unchanged(t, empty)
	})
	t.Run("once, of ten at once", func(t *testing.T) {
		requests, tabs := make([]*http.Request, 10), make([]*browser, 10)
		for i := range requests {
			tabs[i] = s.stranger().in(t)
			tabs[i].opens("/setup?token=" + setupToken)
			requests[i] = tabs[i].postRequest("/setup?token="+setupToken, ours()...)
		}
		answers := make([]int, len(requests))
		together(len(requests), func(i int) { answers[i] = tabs[i].do(requests[i]).Status })
		count := map[int]int{}
		for _, status := range answers {
			count[status]++
		}
		if diff := cmp.Diff(map[int]int{http.StatusSeeOther: 1, http.StatusNotFound: 9}, count); diff != "" {
			t.Error(diff)
		}
		if got := s.texts(`SELECT role || ' ' || username FROM users`); !cmp.Equal(got, []string{"admin ada"}) {
			t.Errorf("the people are %q", got)
		}
		if got := s.texts(`SELECT name || ' ' || kind || ' ' || members FROM rooms`); !cmp.Equal(got, []string{"General public 1"}) {
			t.Errorf("the rooms are %q", got)
		}
	})
	t.Run("afterwards it is not there", func(t *testing.T) {
		before := s.state()
		b.in(t).get("/setup?token=" + setupToken).is(http.StatusNotFound)
		b.in(t).post("/setup?token="+setupToken, ours()...).is(http.StatusNotFound)
		s.unchanged(t, before)
	})
}

func TestS16_RegistrationIsAsSetUp(t *testing.T) {
	t.Parallel()
	for registration, status := range map[string]int{"open": http.StatusSeeOther, "invite": http.StatusForbidden, "closed": http.StatusForbidden} {
		t.Run(registration, func(t *testing.T) {
			s := startSite(t)
			ada := s.stranger()
			ada.opens("/setup?token=" + setupToken)
			ada.post("/setup?token="+setupToken, "community", "The Pub", "username", "ada", "password", password, "registration", registration).
				is(http.StatusSeeOther)
			eve := s.stranger()
			offered := eve.opens("/register").find(isForm("/register")) != nil
			if want := status == http.StatusSeeOther; offered != want {
				t.Errorf("a form is offered: %v", offered)
			}
			eve.post("/register", "username", "eve", "password", password).is(status)
		})
	}
}
