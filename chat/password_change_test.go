package chat_test

import (
	"errors"
	"testing"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

const otherPassword = "another horse, another battery"

// sendsMail is a community that sends mail.
func sendsMail(t *testing.T) *dbtest.DB {
	t.Helper()
	d := open(t)
	d.Community.UseMail(true)
	return d
}

// owner makes somebody who can sign in, with an address that is known to be theirs.
func owner(t *testing.T, d *dbtest.DB, name string) chat.User {
	t.Helper()
	user, err := d.Community.AddUser(t.Context(), chat.NewUser{
		Username: name, Password: goodPassword, Email: name + "@example.org",
	}, chat.RoleMember)
	must(t, err)
	return user
}

// deliver writes what is to be mailed by now, and forgets that it was to be.
func deliver(t *testing.T, d *dbtest.DB) (letters []chat.Letter) {
	t.Helper()
	for {
		job, taken, err := d.Community.TakeJob(t.Context())
		must(t, err)
		if !taken {
			return letters
		}
		letter, err := d.Community.Letter(t.Context(), job)
		if err == nil {
			letters = append(letters, letter)
		} else if !errors.Is(err, chat.ErrNotFound) {
			t.Fatal(err)
		}
		must(t, d.Community.FinishJob(t.Context(), job))
	}
}

// delivered is the only mail there is.
func delivered(t *testing.T, d *dbtest.DB, kind chat.JobKind, to string) chat.Letter {
	t.Helper()
	letters := deliver(t, d)
	if len(letters) != 1 || letters[0].Kind != kind || letters[0].To != to {
		t.Fatalf("mailed is %+v, want a %s to %s", letters, kind, to)
	}
	return letters[0]
}

// opens says whether somebody can sign in with a password.
func opens(t *testing.T, d *dbtest.DB, name, password string) bool {
	t.Helper()
	_, _, err := d.Community.SignIn(t.Context(), chat.Visit{}, name, password)
	if err != nil {
		refused(t, err, "password", "login.wrong")
	}
	return err == nil
}

func TestS11_ANewPasswordEndsAllOtherSessions(t *testing.T) {
	t.Parallel()
	d := sendsMail(t)
	ann := owner(t, d, "ann")
	owner(t, d, "bob")
	here, there, bobs := signsIn(t, d, "ann"), signsIn(t, d, "ann"), signsIn(t, d, "bob")
	before := securityRev(t, d)
	id, err := d.Community.ChangePassword(t.Context(), here, chat.Visit{}, goodPassword, otherPassword)
	must(t, err)
	if !hasEnded(t, d, there) || replaced(t, d, there) || hasEnded(t, d, bobs) {
		t.Error("another session of theirs goes on, or somebody else's does not")
	}
	if s := sessionOf(t, d, id.Hash()); !hasEnded(t, d, here) || !replaced(t, d, here) || !d.Community.Fresh(s) {
		t.Errorf("their own goes on as %+v", s)
	}
	if !d.Events.Has(chat.Event{Kind: chat.SessionEnded, User: ann.ID}) || securityRev(t, d) <= before {
		t.Error("no node is told")
	}
	if opens(t, d, "ann", goodPassword) || !opens(t, d, "ann", otherPassword) {
		t.Error("the password is the one before")
	}
	if letter := delivered(t, d, chat.JobMailPasswordChanged, "ann@example.org"); letter.User.ID != ann.ID || letter.Token != "" {
		t.Errorf("mailed is %+v", letter)
	}
}

func TestS13_ChangingThePasswordTakesTheOneBefore(t *testing.T) {
	t.Parallel()
	d := sendsMail(t)
	owner(t, d, "ann")
	here, there := signsIn(t, d, "ann"), signsIn(t, d, "ann")
	for name, c := range map[string]struct{ current, password, field, sentence string }{
		"wrong":          {goodPassword + "x", otherPassword, "current", "password.not_yours"},
		"none":           {"", otherPassword, "current", "password.not_yours"},
		"short":          {goodPassword, "eleven char", "password", "password.short"},
		"wrong and none": {"", "", "current", "password.not_yours"},
	} {
		t.Run(name, func(t *testing.T) {
			id, err := d.Community.ChangePassword(t.Context(), here, chat.Visit{}, c.current, c.password)
			refused(t, err, c.field, c.sentence)
			if id != "" || hasEnded(t, d, here) || hasEnded(t, d, there) {
				t.Error("and ended something")
			}
		})
	}
	must(t, d.Community.SignOut(t.Context(), here.Hash))
	if _, err := d.Community.ChangePassword(t.Context(), here, chat.Visit{}, goodPassword, otherPassword); !errors.Is(err, chat.ErrSignedOut) {
		t.Errorf("in a session that ended: %v", err)
	}
	if hasEnded(t, d, there) || !opens(t, d, "ann", goodPassword) || len(deliver(t, d)) != 0 {
		t.Error("what was refused was done")
	}
}

// What an account, or the community, is called is no password in it.
func TestS02_PasswordsAreNotWhatOthersKnow(t *testing.T) {
	t.Parallel()
	d := sendsMail(t)
	settings := chat.NewCommunity{Name: "Sunflower Street", Username: "root", Password: goodPassword, Registration: chat.RegistrationOpen}
	_, err := d.Community.SetUp(t.Context(), chat.Visit{}, settings)
	must(t, err)
	_, err = d.Community.AddUser(t.Context(), chat.NewUser{
		Username: "bartholomew", DisplayName: "Bartholomew Jones", Password: goodPassword, Email: "somebody.else@example.org",
	}, chat.RoleMember)
	must(t, err)
	s := signsIn(t, d, "bartholomew")
	for _, password := range []string{"sunflowerstreet", "bartholomew1", "Bartholomew Jones", "somebody.else@example.org"} {
		_, err := d.Community.ChangePassword(t.Context(), s, chat.Visit{}, goodPassword, password)
		refused(t, err, "password", "password.common")
	}
}
