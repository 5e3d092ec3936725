package chat_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

// forgets has a link mailed, and gives its token.
func forgets(t *testing.T, d *dbtest.DB, email string) string {
	t.Helper()
	must(t, d.Community.Forgot(t.Context(), email))
	return delivered(t, d, chat.JobMailReset, strings.TrimSpace(email)).Token
}

func TestS06_AResetLinkIsFollowedOnce(t *testing.T) {
	t.Parallel()
	d := sendsMail(t)
	ann := owner(t, d, "ann")
	here, there := signsIn(t, d, "ann"), signsIn(t, d, "ann")
	token := forgets(t, d, "ann@example.org")
	for range 2 { // to look does not use it up
		if user, err := d.Community.ResetTarget(t.Context(), token); err != nil || user.ID != ann.ID {
			t.Fatalf("it leads to %+v, %v", user, err)
		}
	}
	refused(t, d.Community.Reset(t.Context(), chat.Visit{}, token, "eleven char"), "password", "password.short")
	must(t, d.Community.Reset(t.Context(), chat.Visit{}, token, otherPassword))
	if !hasEnded(t, d, here) || !hasEnded(t, d, there) {
		t.Error("a session goes on")
	}
	if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM sessions`); n != 0 {
		t.Errorf("it began %d sessions", n)
	}
	if !d.Events.Has(chat.Event{Kind: chat.SessionEnded, User: ann.ID}) {
		t.Error("no node is told")
	}
	delivered(t, d, chat.JobMailPasswordChanged, "ann@example.org")
	leadsNowhere(t, d, token)
	if opens(t, d, "ann", goodPassword) || !opens(t, d, "ann", otherPassword) {
		t.Error("the password is not the one that was chosen")
	}
}

// leadsNowhere checks that a link lets nobody choose a password.
func leadsNowhere(t *testing.T, d *dbtest.DB, token string) {
	t.Helper()
	if user, err := d.Community.ResetTarget(t.Context(), token); !errors.Is(err, chat.ErrNotFound) || user.ID != 0 {
		t.Errorf("it leads to %+v, %v", user, err)
	}
	if err := d.Community.Reset(t.Context(), chat.Visit{}, token, "yet another horse entirely"); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("it lets choose a password: %v", err)
	}
}

// Whatever was done since, the link that was mailed before leads nowhere.
func TestS06_ResetLinksAreVoid(t *testing.T) {
	t.Parallel()
	for name, happens := range map[string]func(*testing.T, *dbtest.DB, chat.Session){
		"after ten minutes": func(_ *testing.T, d *dbtest.DB, _ chat.Session) { d.Clock.Move(10 * time.Minute) },
		"after a newer one": func(t *testing.T, d *dbtest.DB, _ chat.Session) {
			newer := forgets(t, d, "ann@example.org")
			_, err := d.Community.ResetTarget(t.Context(), newer)
			must(t, err)
		},
		"after a newer one that was handed over": func(t *testing.T, d *dbtest.DB, s chat.Session) {
			_, err := d.Community.MakeResetLink(t.Context(), chat.Actor{}, s.User.ID)
			must(t, err)
		},
		"after another password": func(t *testing.T, d *dbtest.DB, s chat.Session) {
			_, err := d.Community.ChangePassword(t.Context(), s, chat.Visit{}, goodPassword, otherPassword)
			must(t, err)
		},
		"after another address": func(t *testing.T, d *dbtest.DB, s chat.Session) {
			must(t, d.Community.ChangeEmail(t.Context(), chat.Actor{User: s.User.ID}, "ann@example.net"))
			letters := deliver(t, d)
			_, err := d.Community.ConfirmEmail(t.Context(), chat.Visit{}, letters[len(letters)-1].Token)
			must(t, err)
		},
		"after the address was removed": func(t *testing.T, d *dbtest.DB, s chat.Session) {
			must(t, d.Community.ChangeEmail(t.Context(), chat.Actor{User: s.User.ID}, ""))
		},
		"after the account was disabled, and enabled again": func(t *testing.T, d *dbtest.DB, s chat.Session) {
			d.NewPerson(t, "root")
			d.Exec(t, `UPDATE users SET role = 'admin' WHERE username = 'root'`)
			must(t, d.Community.Disable(t.Context(), chat.Actor{}, s.User.ID))
			must(t, d.Community.Enable(t.Context(), chat.Actor{}, s.User.ID))
		},
		"after the account was closed": func(t *testing.T, d *dbtest.DB, _ chat.Session) {
			d.Exec(t, `UPDATE users SET disabled = TRUE`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := sendsMail(t)
			owner(t, d, "ann")
			s := signsIn(t, d, "ann")
			token := forgets(t, d, "ann@example.org")
			_, err := d.Community.ResetTarget(t.Context(), token)
			must(t, err)
			happens(t, d, s)
			leadsNowhere(t, d, token)
		})
	}
}

// After a restore the numbers of jobs come again. Who got a link by one of them before has none to another's account.
func TestS06_ARestoredDatabaseMakesOtherLinks(t *testing.T) {
	t.Parallel()
	d := sendsMail(t)
	owner(t, d, "ann")
	owner(t, d, "bob")
	before := dbtest.One[int64](t, d, `SELECT COALESCE(MAX(value), 0) FROM counters WHERE noun = 'job'`)
	bobs := forgets(t, d, "bob@example.org")
	d.Exec(t, `DELETE FROM links`)
	d.Exec(t, `UPDATE counters SET value = $1 WHERE noun = 'job'`, before)
	d.Clock.Move(time.Minute)
	if anns := forgets(t, d, "ann@example.org"); anns == bobs {
		t.Error("the link to another's account is the same")
	}
	leadsNowhere(t, d, bobs)
}

func TestS06_WhatIsNoLinkLeadsNowhere(t *testing.T) {
	t.Parallel()
	d := sendsMail(t)
	ann := owner(t, d, "ann")
	must(t, d.Community.ChangeEmail(t.Context(), chat.Actor{User: ann.ID}, "ann@example.net"))
	letters := deliver(t, d)
	token := forgets(t, d, "ann@example.org")
	hash := dbtest.One[string](t, d, `SELECT hash FROM links WHERE purpose = 'reset'`)
	for name, tried := range map[string]string{
		"nothing": "", "made up": chat.NewToken(32), "what is stored": hash, "cut": token[1:], "for another purpose": letters[len(letters)-1].Token,
	} {
		t.Run(name, func(t *testing.T) { leadsNowhere(t, d, tried) })
	}
	if email, _, err := d.Community.EmailToConfirm(t.Context(), token); !errors.Is(err, chat.ErrNotFound) || email != "" {
		t.Errorf("one for a password confirms %q, %v", email, err)
	}
}

// The token stands nowhere on disk, and it cannot be guessed.
func TestS06_TokensAreStoredHashed(t *testing.T) {
	t.Parallel()
	d := sendsMail(t)
	ann := owner(t, d, "ann")
	mailed := forgets(t, d, "ann@example.org")
	handed, err := d.Community.MakeResetLink(t.Context(), chat.Actor{}, ann.ID)
	must(t, err)
	hashed := 0
	for _, token := range []string{mailed, handed} {
		if len(token) < 43 { // 256 bits
			t.Errorf("the token %q", token)
		}
		for _, path := range dbtest.Files(t, d.Place) {
			content, err := os.ReadFile(path)
			must(t, err)
			if bytes.Contains(content, []byte(token)) {
				t.Errorf("%s holds a token", path)
			}
			if bytes.Contains(content, []byte(chat.SessionID(token).Hash())) {
				hashed++
			}
		}
	}
	if hashed == 0 {
		t.Error("no file holds a hash: this test looks past them")
	}
}

// Of those who follow one link at once, one chooses the password.
func TestS06_TwoResetsWithOneLink(t *testing.T) {
	t.Parallel()
	d := sendsMail(t)
	owner(t, d, "ann")
	token := forgets(t, d, "ann@example.org")
	passwords := []string{"the first of all horses", "the second of all horses", "the third of all horses"}
	results := make([]error, len(passwords))
	var all sync.WaitGroup
	for i, password := range passwords {
		all.Go(func() { results[i] = d.Community.Reset(context.Background(), chat.Visit{}, token, password) })
	}
	all.Wait()
	won := slices.Index(results, nil)
	for i, err := range results {
		if i != won && !errors.Is(err, chat.ErrNotFound) {
			t.Error(i, err)
		}
	}
	if won < 0 || !opens(t, d, "ann", passwords[won]) {
		t.Errorf("%d chose the password: %v", won, results)
	}
}

// A mail that may not have gone out goes out again with the same link, but not once that was used.
func TestS06_ARepeatedMailHasTheSameLink(t *testing.T) {
	t.Parallel()
	d := sendsMail(t)
	owner(t, d, "ann")
	must(t, d.Community.Forgot(t.Context(), " ANN@example.org "))
	job, taken, err := d.Community.TakeJob(t.Context())
	must(t, err)
	if !taken {
		t.Fatal("nothing is to be mailed")
	}
	first, err := d.Community.Letter(t.Context(), job)
	must(t, err)
	d.Clock.Move(9 * time.Minute)
	again, err := d.Community.Letter(t.Context(), job)
	must(t, err)
	same(t, again, first)
	d.Clock.Move(9 * time.Minute) // ten of which count from the second time
	must(t, d.Community.Reset(t.Context(), chat.Visit{}, first.Token, otherPassword))
	if letter, err := d.Community.Letter(t.Context(), job); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("it would be mailed after it was used: %+v, %v", letter, err)
	}
	leadsNowhere(t, d, first.Token)
}

// Whose address it is decides only whether a mail goes out: what is stored, and answered, is the same.
func TestS05_ForgottenPasswordsTellNothing(t *testing.T) {
	t.Parallel()
	d := sendsMail(t)
	ann := owner(t, d, "ann")
	bob := owner(t, d, "bob")
	d.Exec(t, `UPDATE users SET disabled = TRUE WHERE id = $1`, bob.ID)
	eve := owner(t, d, "eve")
	d.Exec(t, `UPDATE users SET email_verified = FALSE WHERE id = $1`, eve.ID)
	for _, email := range []string{"ann@example.org", "bob@example.org", "eve@example.org", "nobody@example.org"} {
		must(t, d.Community.Forgot(t.Context(), email))
	}
	if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM jobs WHERE kind = 'mail.reset'`); n != 4 {
		t.Errorf("%d jobs", n)
	}
	if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM links`); n != 0 {
		t.Errorf("%d links", n)
	}
	if letter := delivered(t, d, chat.JobMailReset, "ann@example.org"); letter.User.ID != ann.ID {
		t.Errorf("%+v", letter)
	}
	for _, email := range []string{"", "ann", "ann@", "Ann <ann@example.org>", "a b@example.org"} {
		refused(t, d.Community.Forgot(t.Context(), email), "email", "email.wrong")
	}
	d.Community.UseMail(false)
	if err := d.Community.Forgot(t.Context(), "ann@example.org"); !errors.Is(err, chat.ErrForbidden) {
		t.Errorf("without mail: %v", err)
	}
}

func TestResetLinksThatAreHandedOver(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann, bob := member(t, d, "ann"), member(t, d, "bob")
	root, err := d.Community.AddUser(t.Context(), chat.NewUser{Username: "root", Password: goodPassword}, chat.RoleAdmin)
	must(t, err)
	closed := member(t, d, "eve")
	d.Exec(t, `UPDATE users SET disabled = TRUE WHERE id = $1`, closed.ID)
	for name, by := range map[string]chat.UserID{"a member": ann.ID, "oneself": bob.ID} {
		if _, err := d.Community.MakeResetLink(t.Context(), chat.Actor{User: by}, bob.ID); !errors.Is(err, chat.ErrForbidden) {
			t.Errorf("by %s: %v", name, err)
		}
	}
	if _, err := d.Community.MakeResetLink(t.Context(), chat.Actor{}, 404); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("for nobody: %v", err)
	}
	_, err = d.Community.MakeResetLink(t.Context(), chat.Actor{}, closed.ID)
	refused(t, err, "", "reset.disabled")
	for name, by := range map[string]chat.UserID{"an administrator": root.ID, "the command line": 0} {
		token, err := d.Community.MakeResetLink(t.Context(), chat.Actor{User: by, Address: "192.0.2.1"}, bob.ID)
		must(t, err)
		must(t, d.Community.Reset(t.Context(), chat.Visit{}, token, "chosen by way of "+name))
		if !opens(t, d, "bob", "chosen by way of "+name) {
			t.Errorf("by %s: it did nothing", name)
		}
	}
	if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM jobs`); n != 0 {
		t.Errorf("%d mails wait although none are sent", n)
	}
}
