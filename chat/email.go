package chat

import (
	"context"
	"errors"
)

// Email is somebody's e-mail address.
type Email struct {
	Address  string // empty: none
	Verified bool   // it is known to be theirs
	Pending  string // what takes its place once it is known to be theirs; empty: nothing
}

// Unconfirmed is the address that a link may confirm; empty: there is none.
func (e Email) Unconfirmed() string {
	switch {
	case e.Pending != "":
		return e.Pending
	case !e.Verified:
		return e.Address
	}
	return ""
}

// ChangeEmail gives somebody's account another e-mail address; "" removes it. An address that is known to be theirs stays until
// the new one is too, and is told of the change. The answer is the same whether or not somebody else has the address.
func (c *Community) ChangeEmail(ctx context.Context, by Actor, email string) error {
	email, err := checkEmail(email)
	if err != nil {
		return err
	}
	return c.write(ctx, 0, func(tx Tx) error {
		was, err := tx.Email(by.User)
		if err != nil {
			return err
		}
		if err := tx.VoidLinks(by.User, LinkEmail, c.now()); err != nil {
			return err
		}
		if was.Verified && was.Address == email {
			return nil // what was pending is not wanted any more
		}
		if err := c.putEmail(tx, by.User, was, email); err != nil {
			return err
		}
		detail := "asked"
		if email == "" {
			detail = "removed"
		}
		c.audit(tx, by, EmailChanged, by.User, detail)
		return nil
	})
}

// putEmail notes which address an account is to have, and has those addresses told that are to know.
func (c *Community) putEmail(tx Tx, user UserID, was Email, email string) error {
	if was.Verified {
		if err := c.queue(tx, JobMailEmailChanged, JobPayload{User: user, Email: was.Address}); err != nil {
			return err
		}
	}
	if was.Verified && email != "" && c.mail {
		// It stands in a link that nobody has, until the job makes the one that is mailed.
		nobodys := LinkRow{Hash: hashLink(NewToken(32)), Purpose: LinkEmail, User: user, Email: email, CreatedAt: c.now(), ExpiresAt: c.now()}
		if err := tx.CreateLink(nobodys); err != nil {
			return err
		}
	} else if err := c.setEmail(tx, user, Email{Address: email}); err != nil {
		return err
	}
	if email == "" {
		return nil
	}
	return c.queue(tx, JobMailConfirm, JobPayload{User: user, Email: email})
}

// setEmail replaces an account's address. What was mailed to the one before leads nowhere any more.
func (c *Community) setEmail(tx Tx, user UserID, email Email) error {
	if err := tx.SaveEmail(user, email); err != nil {
		return err
	}
	if err := tx.VoidLinks(user, LinkEmail, c.now()); err != nil {
		return err
	}
	return tx.VoidLinks(user, LinkReset, c.now())
}

// ResendConfirmation mails the link once more that confirms somebody's address. ErrForbidden: no mail is sent; ErrNotFound:
// there is nothing to confirm.
func (c *Community) ResendConfirmation(ctx context.Context, by Actor) error {
	if !c.mail {
		return ErrForbidden
	}
	return c.write(ctx, 0, func(tx Tx) error {
		email, err := tx.Email(by.User)
		if err != nil {
			return err
		}
		if email.Unconfirmed() == "" {
			return ErrNotFound
		}
		return c.queue(tx, JobMailConfirm, JobPayload{User: by.User, Email: email.Unconfirmed()})
	})
}

// EmailToConfirm is the address that a link would confirm, and whose account it would be the address of. ErrNotFound: it leads
// nowhere, or not any more.
func (c *Community) EmailToConfirm(ctx context.Context, token string) (string, User, error) {
	link, err := c.store.Link(ctx, hashLink(token))
	if err := c.usable(link, err, LinkEmail); err != nil {
		return "", User{}, err
	}
	return link.Email, link.Owner.User, nil
}

// ConfirmEmail follows a link that was mailed to an address, and gives that: it is its owner's from now on. ErrNotFound: the
// link leads nowhere, or not any more; Invalid: somebody else has shown that it is theirs.
func (c *Community) ConfirmEmail(ctx context.Context, from Visit, token string) (email string, err error) {
	err = c.store.Write(ctx, 0, func(tx Tx) error {
		link, err := tx.Link(hashLink(token))
		if err := c.usable(link, err, LinkEmail); err != nil {
			return err
		}
		owner := link.Owner.ID
		other, err := tx.AccountByEmail(Fold(link.Email))
		switch {
		case err == nil && other.ID != owner:
			return invalid("", "email.taken")
		case err != nil && !errors.Is(err, ErrNotFound):
			return err
		}
		if err := c.setEmail(tx, owner, Email{Address: link.Email, Verified: true}); err != nil {
			return err
		}
		email = link.Email
		c.audit(tx, Actor{User: owner, Address: from.Address}, EmailChanged, owner, "confirmed")
		return nil
	})
	return email, err
}
