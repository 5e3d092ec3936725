package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chinwag/chat"
)

// lost are the ways in which an invitation comes to lead nowhere.
func lost() map[string]func(s *site, root *browser) string {
	invited := func(root *browser) string { return root.invites("room", "0", "uses", "1", "days", "1") }
	return map[string]func(s *site, root *browser) string{
		"made up":  func(*site, *browser) string { return "/register?invite=1." + chat.NewToken(18) },
		"no token": func(*site, *browser) string { return "/register?invite=not-a-token" },
		"of no invitation": func(s *site, _ *browser) string {
			return "/register?invite=" + s.community.InvitationToken(chat.Invitation{ID: 77})
		},
		"a character more": func(_ *site, root *browser) string { return invited(root) + "A" },
		"used up": func(s *site, root *browser) string {
			link := invited(root)
			s.runs(`UPDATE invitations SET used = 1`)
			return link
		},
		"a day later": func(s *site, root *browser) string {
			link := invited(root)
			s.runs(`UPDATE invitations SET expires_at = $1`, s.clock.now().UnixMilli())
			return link
		},
		"revoked": func(_ *site, root *browser) string {
			link := invited(root)
			root.submitsFrom("/invitations/1", "/invitations/1/revoke").is(http.StatusOK).sees("works no more", "Revoked")
			return link
		},
		"of somebody who is shut out": func(s *site, root *browser) string {
			link := invited(root)
			s.runs(`UPDATE users SET disabled = TRUE WHERE id = $1`, root.me())
			return link
		},
		"of somebody who invites no more": func(s *site, root *browser) string {
			link := invited(root)
			s.runs(`UPDATE users SET role = 'member' WHERE id = $1`, root.me())
			return link
		},
	}
}

// Invitations that lead nowhere look alike, whatever became of them, and let nobody in.
func TestS05_S06_InvitationsThatAreGoneLookTheSame(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for name, makes := range lost() {
		s := openSite(t, withoutLimits)
		link := makes(s, s.admin())
		token := strings.TrimPrefix(link, "/register?invite=")
		s.registers(chat.RegistrationInvite)
		eve, bob := s.stranger(), s.person("bob")
		eve.opens("/login")
		before := s.state()
		for what, p := range map[string]*page{
			"page":             eve.get(link),
			"form":             eve.post("/register", "username", "eve", "password", password, "invite", token),
			"form with a name": eve.post("/register", "username", "bob", "password", password, "invite", token),
			"page inside":      bob.get(link),
			"form inside":      bob.post("/invitations/accept", "invite", token),
		} {
			p.sees("works no more")
			got := strings.NewReplacer(token, "…", s.host(), "…").Replace(p.bare())
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

func TestS06_TheLastUseOfAnInvitationIsOnes(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	link := s.admin().invites("uses", "1")
	people := make([]*browser, 5)
	requests := make([]*http.Request, len(people))
	for i := range people {
		people[i] = s.stranger()
		requests[i] = people[i].postRequest("/register",
			"username", "eve"+itoa(i), "password", password, "invite", strings.TrimPrefix(link, "/register?invite="))
	}
	statuses := make([]int, len(people))
	together(len(people), func(i int) { statuses[i] = people[i].do(requests[i]).Status })
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	if diff := cmp.Diff(map[int]int{http.StatusSeeOther: 1, http.StatusUnprocessableEntity: len(people) - 1}, count); diff != "" {
		t.Error(diff)
	}
	if n := s.number(`SELECT COUNT(*) FROM users WHERE username_key LIKE 'eve%'`); n != 1 {
		t.Errorf("%d accounts", n)
	}
}
