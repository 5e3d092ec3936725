package db

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"chinwag/chat"
)

// PeopleLength is how many people a page shows.
const PeopleLength = 50

// PeopleQuery says which people are asked for. The zero value is the first of all.
type PeopleQuery struct {
	Text  string // only those whose username or name contains this
	Show  string // "admins", "moderators", "disabled"; else: all
	After string // the page that begins after this key
}

// PeoplePage is a page of people, by username.
type PeoplePage struct {
	People []Person
	After  string // where the next page begins; empty: there is none
}

// Person is somebody as administrators see them.
type Person struct {
	chat.User
	Disabled      bool
	Email         string
	EmailVerified bool
	LastSeenAt    time.Time // in a session that has not ended; zero: they have none

	key string
}

const selectPeople = `
	SELECT u.id, u.username, u.display_name, u.role, u.face_rev, u.created_at, u.disabled, u.email, u.email_verified, u.username_key,
		COALESCE((SELECT MAX(s.last_seen_at) FROM sessions s WHERE s.user_id = u.id AND NOT s.replaced), 0)
	FROM users u `

// peoplePiece is how many people one statement looks through.
const peoplePiece = 1000

// People reads a page of all people but those who deleted their accounts, for administrators. What databases take for the same
// letter differs, so names that are stored as they were typed are folded and compared here.
func (d *DB) People(ctx context.Context, q PeopleQuery) (page PeoplePage, err error) {
	words := chat.NameKey(q.Text)
	where := `WHERE u.deleted_at = 0 AND u.username_key > $1`
	more, piece := []any{}, PeopleLength+1
	if words != "" {
		where += ` AND (u.username_key LIKE $3 ESCAPE '\' OR u.display_name <> '')`
		more, piece = []any{containing(words)}, peoplePiece
	}
	switch q.Show {
	case "admins":
		where += ` AND u.role = 'admin'`
	case "moderators":
		where += ` AND u.role = 'moderator'`
	case "disabled":
		where += ` AND u.disabled`
	}
	after := chat.Fold(q.After) // as keys are; databases do not take every text
	for n := piece; n == piece && len(page.People) <= PeopleLength; {
		n = 0
		err := d.each(ctx, d.reader, func(rows *sql.Rows) error {
			p, err := scanPerson(rows)
			n, after = n+1, p.key
			if strings.Contains(p.key, words) || strings.Contains(chat.Fold(p.DisplayName), words) {
				page.People = append(page.People, p)
			}
			return err
		}, selectPeople+where+` ORDER BY u.username_key LIMIT $2`, append([]any{after, piece}, more...)...)
		if err != nil {
			return PeoplePage{}, found(err, "read people")
		}
	}
	if len(page.People) > PeopleLength {
		page.People = page.People[:PeopleLength]
		page.After = page.People[PeopleLength-1].key
	}
	return page, nil
}

// Person reads one person by their name, for administrators.
func (d *DB) Person(ctx context.Context, username string) (Person, error) {
	p, err := scanPerson(d.reader.QueryRowContext(ctx, d.sql(selectPeople+`WHERE u.username_key = $1 AND u.deleted_at = 0`), chat.NameKey(username)))
	return p, found(err, "read person")
}

func scanPerson(r row) (p Person, err error) {
	var createdAt, seenAt int64
	err = r.Scan(&p.ID, &p.Username, &p.DisplayName, &p.Role, &p.FaceRev, &createdAt, &p.Disabled, &p.Email, &p.EmailVerified, &p.key, &seenAt)
	p.CreatedAt, p.LastSeenAt = moment(createdAt), moment(seenAt)
	return p, err
}
