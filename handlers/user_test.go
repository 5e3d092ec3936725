package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRegistrationsThatCannotBe(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	b := s.stranger()
	b.opens("/register")
	before := s.state()
	for name, tt := range map[string]struct{ field, username, displayName, email string }{
		"no name":                {field: "username"},
		"a short name":           {field: "username", username: "a"},
		"a long name":            {field: "username", username: strings.Repeat("a", 33)},
		"a space in it":          {field: "username", username: "a b"},
		"a dot at first":         {field: "username", username: ".bob"},
		"look-alike letters":     {field: "username", username: "b\u043eb"},
		"a slash":                {field: "username", username: "bob/1"},
		"the program's name":     {field: "username", username: "System"},
		"everyone":               {field: "username", username: "here"},
		"taken":                  {field: "username", username: "root"},
		"taken, in capitals":     {field: "username", username: "ROOT"},
		"taken, in full width":   {field: "username", username: "\uff52oot"},
		"a long name to show":    {field: "display_name", username: "bob", displayName: strings.Repeat("é", 81)},
		"an address without at":  {field: "email", username: "bob", email: "bob"},
		"two addresses":          {field: "email", username: "bob", email: "a@x.test, b@x.test"},
		"an address with a name": {field: "email", username: "bob", email: "Bob <bob@x.test>"},
		"an address and a head":  {field: "email", username: "bob", email: "bob@x.test\r\nBcc: all@x.test"},
	} {
		t.Run(name, func(t *testing.T) {
			p := b.in(t).post("/register", "username", tt.username, "password", password, "display_name", tt.displayName, "email", tt.email)
			p.is(http.StatusUnprocessableEntity).misses(password)
			if p.byID(tt.field+"-error") == nil || p.alerts() == "" {
				t.Errorf("no sentence beside %s: %s", tt.field, p.alerts())
			}
			if got := p.hidden("username"); got != strings.NewReplacer("\r\n", "\n").Replace(tt.username) {
				t.Errorf("the form holds %q", got)
			}
			noInternals(t, p.text())
			s.unchanged(t, before)
		})
	}
}

func TestOneNameIsOneAccount(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	names := []string{"bob", "Bob", "BOB", "@bob", " bob "}
	people, requests := make([]*browser, len(names)), make([]*http.Request, len(names))
	for i, name := range names {
		people[i] = s.stranger()
		requests[i] = people[i].postRequest("/register", "username", name, "password", password)
	}
	answers := make([]int, len(names))
	together(len(names), func(i int) { answers[i] = people[i].do(requests[i]).Status })
	count := map[int]int{}
	for _, status := range answers {
		count[status]++
	}
	if diff := cmp.Diff(map[int]int{http.StatusSeeOther: 1, http.StatusUnprocessableEntity: len(names) - 1}, count); diff != "" {
		t.Error(diff)
	}
	if n := s.number(`SELECT COUNT(*) FROM users WHERE username_key = 'bob'`); n != 1 {
		t.Errorf("%d accounts", n)
	}
}
