package chat_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

// emailOf is what an account has of addresses.
func emailOf(t *testing.T, d *dbtest.DB, user chat.User) chat.Email {
	t.Helper()
	email, err := d.Email(t.Context(), user.ID)
	must(t, err)
	return email
}

func changesEmail(t *testing.T, d *dbtest.DB, user chat.User, email string) {
	t.Helper()
	must(t, d.Community.ChangeEmail(t.Context(), chat.Actor{User: user.ID, Address: "192.0.2.1"}, email))
}

// tokenTo is that of the last link which was mailed to an address just now.
func tokenTo(t *testing.T, d *dbtest.DB, email string) (token string) {
	t.Helper()
	for _, letter := range deliver(t, d) {
		if letter.To == email && letter.Token != "" {
			token = letter.Token
		}
	}
	if token == "" {
		t.Fatalf("no link was mailed to %s", email)
	}
	return token
}

func TestAFirstAddressIsConfirmed(t *testing.T) {
	t.Parallel()
	d := sendsMail(t)
	ann := member(t, d, "ann")
	changesEmail(t, d, ann, " Ann@Example.org ")
	same(t, emailOf(t, d, ann), chat.Email{Address: "Ann@Example.org"})
	if opens(t, d, "ann@example.org", goodPassword) {
		t.Error("it signs in before anybody has shown that it is theirs")
	}
	token := delivered(t, d, chat.JobMailConfirm, "Ann@Example.org").Token
	for range 2 { // to look does not use it up
		if email, owner, err := d.Community.EmailToConfirm(t.Context(), token); err != nil || email != "Ann@Example.org" || owner.Username == "" {
			t.Fatalf("it confirms %q, %v", email, err)
		}
	}
	confirmed, err := d.Community.ConfirmEmail(t.Context(), chat.Visit{}, token)
	must(t, err)
	same(t, confirmed, "Ann@Example.org")
	same(t, emailOf(t, d, ann), chat.Email{Address: "Ann@Example.org", Verified: true})
	if !opens(t, d, "ann@example.org", goodPassword) {
		t.Error("it does not sign in")
	}
	confirmsNothing(t, d, token)
}

// confirmsNothing checks that a link leads nowhere.
func confirmsNothing(t *testing.T, d *dbtest.DB, token string) {
	t.Helper()
	if email, _, err := d.Community.EmailToConfirm(t.Context(), token); !errors.Is(err, chat.ErrNotFound) || email != "" {
		t.Errorf("it would confirm %q, %v", email, err)
	}
	if email, err := d.Community.ConfirmEmail(t.Context(), chat.Visit{}, token); !errors.Is(err, chat.ErrNotFound) || email != "" {
		t.Errorf("it confirms %q, %v", email, err)
	}
}

func TestAnAddressThatIsGivenAtRegistrationIsConfirmed(t *testing.T) {
	t.Parallel()
	d := sendsMail(t)
	_, err := d.Community.SetUp(t.Context(), chat.Visit{}, chat.NewCommunity{
		Name: "Ours", Username: "root", Password: goodPassword, Registration: chat.RegistrationOpen,
	})
	must(t, err)
	_, ann, err := d.Community.Register(t.Context(), chat.Visit{}, chat.NewUser{Username: "ann", Password: goodPassword, Email: "ann@example.org"})
	must(t, err)
	_, _, err = d.Community.Register(t.Context(), chat.Visit{}, chat.NewUser{Username: "bob", Password: goodPassword})
	must(t, err)
	token := delivered(t, d, chat.JobMailConfirm, "ann@example.org").Token
	_, err = d.Community.ConfirmEmail(t.Context(), chat.Visit{}, token)
	must(t, err)
	same(t, emailOf(t, d, ann), chat.Email{Address: "ann@example.org", Verified: true})
}

// The address that somebody has stays theirs, and is told, until the next one is known to be theirs too.
func TestS13_AnAddressIsChangedWithNoticeToTheOneBefore(t *testing.T) {
	t.Parallel()
	d := sendsMail(t)
	ann := owner(t, d, "ann")
	changesEmail(t, d, ann, "ann@example.net")
	letters := deliver(t, d)
	if len(letters) != 2 || letters[0].Kind != chat.JobMailEmailChanged || letters[0].To != "ann@example.org" || letters[0].Token != "" ||
		letters[1].Kind != chat.JobMailConfirm || letters[1].To != "ann@example.net" {
		t.Fatalf("mailed is %+v", letters)
	}
	same(t, emailOf(t, d, ann), chat.Email{Address: "ann@example.org", Verified: true, Pending: "ann@example.net"})
	if !opens(t, d, "ann@example.org", goodPassword) || opens(t, d, "ann@example.net", goodPassword) {
		t.Error("the one before does not sign in any more, or the next one already")
	}
	_, err := d.Community.ConfirmEmail(t.Context(), chat.Visit{}, letters[1].Token)
	must(t, err)
	same(t, emailOf(t, d, ann), chat.Email{Address: "ann@example.net", Verified: true})
	if opens(t, d, "ann@example.org", goodPassword) || !opens(t, d, "ann@example.net", goodPassword) {
		t.Error("the one before signs in, or the next one does not")
	}
}

func TestAnAddressIsPendingFromTheFirstMoment(t *testing.T) {
	t.Parallel()
	d := sendsMail(t)
	ann := owner(t, d, "ann")
	changesEmail(t, d, ann, "ann@example.net")
	want := chat.Email{Address: "ann@example.org", Verified: true, Pending: "ann@example.net"}
	same(t, emailOf(t, d, ann), want)
	token := tokenTo(t, d, "ann@example.net")
	d.Clock.Move(25 * time.Hour)
	confirmsNothing(t, d, token)
	same(t, emailOf(t, d, ann), want)
	must(t, d.Community.ResendConfirmation(t.Context(), chat.Actor{User: ann.ID}))
	_, err := d.Community.ConfirmEmail(t.Context(), chat.Visit{}, tokenTo(t, d, "ann@example.net"))
	must(t, err)
}

// Whatever was done since, the link that was mailed before confirms nothing.
func TestS06_ConfirmationsAreVoid(t *testing.T) {
	t.Parallel()
	for name, happens := range map[string]func(*testing.T, *dbtest.DB, chat.User){
		"after a day": func(_ *testing.T, d *dbtest.DB, _ chat.User) { d.Clock.Move(24 * time.Hour) },
		"after another address": func(t *testing.T, d *dbtest.DB, ann chat.User) {
			changesEmail(t, d, ann, "ann@example.com")
		},
		"after another address was mailed to": func(t *testing.T, d *dbtest.DB, ann chat.User) {
			changesEmail(t, d, ann, "ann@example.com")
			tokenTo(t, d, "ann@example.com")
		},
		"after it was thought better of": func(t *testing.T, d *dbtest.DB, ann chat.User) {
			changesEmail(t, d, ann, "ann@example.org")
			same(t, emailOf(t, d, ann), chat.Email{Address: "ann@example.org", Verified: true})
		},
		"after all were removed": func(t *testing.T, d *dbtest.DB, ann chat.User) {
			changesEmail(t, d, ann, "")
			same(t, emailOf(t, d, ann), chat.Email{})
			delivered(t, d, chat.JobMailEmailChanged, "ann@example.org")
		},
		"after a newer link": func(t *testing.T, d *dbtest.DB, ann chat.User) {
			must(t, d.Community.ResendConfirmation(t.Context(), chat.Actor{User: ann.ID}))
			tokenTo(t, d, "ann@example.net")
		},
		"after the account was closed": func(t *testing.T, d *dbtest.DB, _ chat.User) {
			d.Exec(t, `UPDATE users SET disabled = TRUE`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := sendsMail(t)
			ann := owner(t, d, "ann")
			changesEmail(t, d, ann, "ann@example.net")
			token := tokenTo(t, d, "ann@example.net")
			_, _, err := d.Community.EmailToConfirm(t.Context(), token)
			must(t, err)
			happens(t, d, ann)
			confirmsNothing(t, d, token)
		})
	}
}

// A mail that was waiting when its address was thought better of does not go out.
func TestNoLinkGoesToAnAddressThatIsNotWanted(t *testing.T) {
	t.Parallel()
	d := sendsMail(t)
	ann := member(t, d, "ann")
	for _, email := range []string{"first@example.org", "second@example.org"} {
		changesEmail(t, d, ann, email)
	}
	delivered(t, d, chat.JobMailConfirm, "second@example.org")
	changesEmail(t, d, ann, "third@example.org")
	changesEmail(t, d, ann, "")
	if letters := deliver(t, d); len(letters) != 0 {
		t.Errorf("mailed is %+v", letters)
	}
}

// Whether somebody has an address is nobody else's to know; only whoever reads its mail learns it.
func TestS05_AnAddressThatIsTakenLooksFree(t *testing.T) {
	t.Parallel()
	d := sendsMail(t)
	ann := owner(t, d, "ann")
	bob := member(t, d, "bob")
	changesEmail(t, d, bob, "ANN@example.org")
	same(t, emailOf(t, d, bob), chat.Email{Address: "ANN@example.org"})
	token := delivered(t, d, chat.JobMailConfirm, "ANN@example.org").Token
	_, err := d.Community.ConfirmEmail(t.Context(), chat.Visit{}, token)
	refused(t, err, "", "email.taken")
	same(t, emailOf(t, d, bob), chat.Email{Address: "ANN@example.org"})
	same(t, emailOf(t, d, ann), chat.Email{Address: "ann@example.org", Verified: true})
}

// Of those who confirm one address at once, it is one's.
func TestTwoPeopleConfirmOneAddress(t *testing.T) {
	t.Parallel()
	d := sendsMail(t)
	tokens := map[string]string{}
	for _, name := range []string{"ann", "bob", "eve"} {
		changesEmail(t, d, member(t, d, name), "shared@example.org")
		tokens[name] = tokenTo(t, d, "shared@example.org")
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	won := 0
	for name, token := range tokens {
		for range 2 { // each of them twice
			all.Go(func() {
				_, err := d.Community.ConfirmEmail(context.Background(), chat.Visit{}, token)
				mu.Lock()
				defer mu.Unlock()
				var taken *chat.Invalid
				switch {
				case err == nil:
					won++
				case !errors.Is(err, chat.ErrNotFound) && (!errors.As(err, &taken) || taken.Sentence != "email.taken"):
					t.Errorf("%s: %v", name, err)
				}
			})
		}
	}
	all.Wait()
	if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM users WHERE email_verified`); won != 1 || n != 1 {
		t.Errorf("%d confirmed it, %d have it", won, n)
	}
}

func TestWhatIsNoAddressIsRefused(t *testing.T) {
	t.Parallel()
	d := sendsMail(t)
	ann := owner(t, d, "ann")
	for _, email := range []string{"ann", "@example.org", "Ann <ann@example.org>", "ann@example.org, bob@example.org"} {
		refused(t, d.Community.ChangeEmail(t.Context(), chat.Actor{User: ann.ID}, email), "email", "email.wrong")
	}
	same(t, emailOf(t, d, ann), chat.Email{Address: "ann@example.org", Verified: true})
	if err := d.Community.ResendConfirmation(t.Context(), chat.Actor{User: ann.ID}); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("nothing is to be confirmed: %v", err)
	}
}

// Without mail an address is kept as it was typed, for the day when there is mail.
func TestAddressesWithoutMail(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := owner(t, d, "ann")
	changesEmail(t, d, ann, "ann@example.net")
	same(t, emailOf(t, d, ann), chat.Email{Address: "ann@example.net"})
	if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM jobs`); n != 0 {
		t.Errorf("%d mails wait", n)
	}
	if err := d.Community.ResendConfirmation(t.Context(), chat.Actor{User: ann.ID}); !errors.Is(err, chat.ErrForbidden) {
		t.Errorf("it is mailed: %v", err)
	}
	d.Community.UseMail(true)
	must(t, d.Community.ResendConfirmation(t.Context(), chat.Actor{User: ann.ID}))
	_, err := d.Community.ConfirmEmail(t.Context(), chat.Visit{}, delivered(t, d, chat.JobMailConfirm, "ann@example.net").Token)
	must(t, err)
}
