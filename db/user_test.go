package db_test

import (
	"errors"
	"testing"

	"chinwag/chat"
)

func TestAccount(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann, bob := d.NewPerson(t, "Ann"), d.NewPerson(t, "bob")
	d.Exec(t, `UPDATE users SET email = 'Ann@Example.org', email_key = 'ann@example.org', email_verified = TRUE, disabled = TRUE,
		password_hash = 'x' WHERE id = $1`, ann)
	d.Exec(t, `UPDATE users SET email = 'bob@example.org', email_key = 'bob@example.org' WHERE id = $1`, bob)
	for key, want := range map[string]chat.UserID{
		"ann":             ann,
		"ann@example.org": ann,
		"bob":             bob,
		"bob@example.org": 0, // anybody may have typed it
		"Ann":             0, // keys are folded before
		"%":               0,
		"":                0,
	} {
		account, err := d.Account(t.Context(), key)
		if want == 0 && !errors.Is(err, chat.ErrNotFound) || want != 0 && err != nil || account.ID != want {
			t.Errorf("%q: %d, %v; want %d", key, account.ID, err, want)
		}
	}
	account, err := d.Account(t.Context(), "ann")
	must(t, err)
	same(t, account, chat.Account{
		User:         chat.User{ID: ann, Username: "Ann", Role: chat.RoleMember, CreatedAt: d.Clock.Now()},
		PasswordHash: "x", Disabled: true,
	})
}

func TestAVerifiedAddressIsOnePersons(t *testing.T) {
	t.Parallel()
	d := open(t)
	create := func(name string, verified bool) error {
		return d.Write(t.Context(), 0, func(tx chat.Tx) error {
			id, err := tx.Next("user")
			if err != nil {
				return err
			}
			return tx.CreateUser(chat.UserRow{
				User: chat.User{ID: chat.UserID(id), Username: name}, UsernameKey: name,
				Email: "x@example.org", EmailKey: "x@example.org", EmailVerified: verified,
			})
		})
	}
	must(t, create("one", false))
	must(t, create("two", false))
	must(t, create("three", true))
	must(t, create("four", false))
	if err := create("five", true); err == nil {
		t.Error("two people have one verified address")
	}
	must(t, create("six", false))
	account, err := d.Account(t.Context(), "x@example.org")
	must(t, err)
	if account.Username != "three" || account.ID != 3 {
		t.Errorf("%+v", account)
	}
	six, err := d.Account(t.Context(), "six")
	must(t, err)
	if six.ID != 5 {
		t.Errorf("number %d, want 5: the refused one took none", six.ID)
	}
}
