package db_test

import (
	"fmt"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// crowd puts many people into a community at once; every tenth has another name.
func crowd(t *testing.T, d *dbtest.DB, n int) {
	t.Helper()
	d.Exec(t, `
		WITH RECURSIVE numbers (n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < $1)
		INSERT INTO users (id, username, username_key, display_name, email, email_key, email_verified, password_hash, role, face_rev, created_at, disabled)
		SELECT 1000 + n, 'User' || (100000 + n), 'user' || (100000 + n), CASE WHEN n % 10 = 0 THEN 'Élan ' || n ELSE '' END,
			'', '', FALSE, '', 'member', 0, 0, FALSE FROM numbers`, n)
}

// usernames reads all pages of a query.
func usernames(t *testing.T, d *dbtest.DB, q db.PeopleQuery) (list []string, pages int) {
	t.Helper()
	for {
		page, err := d.People(t.Context(), q)
		must(t, err)
		pages++
		for _, p := range page.People {
			list = append(list, p.Username)
		}
		if q.After = page.After; q.After == "" {
			return list, pages
		}
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann, bob, zoe := d.NewPerson(t, "Ann"), d.NewPerson(t, "bob_100%"), d.NewPerson(t, "zoe")
	gone := d.NewPerson(t, "gone")
	d.Exec(t, `UPDATE users SET role = 'admin', display_name = 'ÉMILIE Zola', email = 'ann@example.org', email_key = 'ann@example.org',
		email_verified = TRUE WHERE id = $1`, ann)
	d.Exec(t, `UPDATE users SET role = 'moderator', disabled = TRUE WHERE id = $1`, bob)
	d.Exec(t, `UPDATE users SET username = '', username_key = 'deleted/4', disabled = TRUE, deleted_at = 1 WHERE id = $1`, gone)
	for name, c := range map[string]struct {
		query db.PeopleQuery
		want  []string
	}{
		"all":                           {db.PeopleQuery{}, []string{"Ann", "bob_100%", "zoe"}},
		"administrators":                {db.PeopleQuery{Show: "admins"}, []string{"Ann"}},
		"moderators":                    {db.PeopleQuery{Show: "moderators"}, []string{"bob_100%"}},
		"disabled":                      {db.PeopleQuery{Show: "disabled"}, []string{"bob_100%"}},
		"anything else":                 {db.PeopleQuery{Show: "x' OR 1=1"}, []string{"Ann", "bob_100%", "zoe"}},
		"a piece of a username":         {db.PeopleQuery{Text: "NN"}, []string{"Ann"}},
		"a name in another case":        {db.PeopleQuery{Text: "émilie z"}, []string{"Ann"}},
		"a letter of name and username": {db.PeopleQuery{Text: "zo"}, []string{"Ann", "zoe"}},
		"with an @":                     {db.PeopleQuery{Text: "@zoe"}, []string{"zoe"}},
		"what LIKE takes for anything":  {db.PeopleQuery{Text: "0%"}, []string{"bob_100%"}},
		"and for one letter":            {db.PeopleQuery{Text: "_"}, []string{"bob_100%"}},
		"a backslash":                   {db.PeopleQuery{Text: `\`}, nil},
		"an address":                    {db.PeopleQuery{Text: "ann@"}, nil},
		"text and filter":               {db.PeopleQuery{Text: "zo", Show: "admins"}, []string{"Ann"}},
		"whoever is gone":               {db.PeopleQuery{Text: "deleted"}, nil},
		"after one":                     {db.PeopleQuery{After: "ann"}, []string{"bob_100%", "zoe"}},
	} {
		t.Run(name, func(t *testing.T) {
			list, _ := usernames(t, d, c.query)
			same(t, list, c.want)
		})
	}
	signIn(t, d, ann)
	p, err := d.Person(t.Context(), "@ANN")
	must(t, err)
	same(t, p.User, chat.User{ID: ann, Username: "Ann", DisplayName: "ÉMILIE Zola", Role: chat.RoleAdmin, CreatedAt: d.Clock.Now()})
	if p.Email != "ann@example.org" || !p.EmailVerified || p.Disabled || !p.LastSeenAt.Equal(d.Clock.Now()) {
		t.Errorf("%+v", p)
	}
	if p, err := d.Person(t.Context(), "zoe"); err != nil || !p.LastSeenAt.IsZero() || p.ID != zoe {
		t.Errorf("%+v, %v", p, err)
	}
	for _, name := range []string{"gone", "deleted/4", "", "%"} {
		if p, err := d.Person(t.Context(), name); err == nil {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestPeoplePages(t *testing.T) {
	t.Parallel()
	d := open(t)
	const many = 10000
	crowd(t, d, many)
	list, pages := usernames(t, d, db.PeopleQuery{Text: "élan"})
	if len(list) != many/10 || pages != many/10/db.PeopleLength {
		t.Errorf("%d people on %d pages", len(list), pages)
	}
	for i, name := range list {
		if want := fmt.Sprint("User", 100000+(i+1)*10); name != want {
			t.Fatalf("%s in place %d, want %s", name, i, want)
		}
	}
	for name, q := range map[string]db.PeopleQuery{"the first page": {}, "one of many": {Text: "User109999"}, "nobody": {Text: "nobody of that name"}} {
		begin := time.Now()
		page, err := d.People(t.Context(), q)
		must(t, err)
		if took := time.Since(begin); took > 2*time.Second { // a fiftieth of that as a rule
			t.Errorf("%s: %s", name, took)
		}
		if q.Text == "" && (len(page.People) != db.PeopleLength || page.After == "") {
			t.Errorf("%d people, then %q", len(page.People), page.After)
		}
	}
}
