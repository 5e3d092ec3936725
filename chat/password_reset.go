package chat

import "context"

// Forgot has a link mailed to whoever is known to have an address, by which they can choose another password. Nobody looks here
// whether anybody has: for every address the same is done, and answered. ErrForbidden: no mail is sent.
func (c *Community) Forgot(ctx context.Context, email string) error {
	if !c.mail {
		return ErrForbidden
	}
	email, err := checkEmail(email)
	if err != nil {
		return err
	}
	if email == "" {
		return invalid("email", "email.wrong")
	}
	return c.store.Write(ctx, 0, func(tx Tx) error { return c.queue(tx, JobMailReset, JobPayload{Key: Fold(email)}) })
}

// MakeResetLink gives the token of a link by which somebody can choose another password, to be handed to them: by an
// administrator, or by whoever runs the server. Invalid: the account is closed.
func (c *Community) MakeResetLink(ctx context.Context, by Actor, user UserID) (string, error) {
	token := NewToken(32)
	err := c.write(ctx, 0, func(tx Tx) error {
		if err := administers(tx, by); err != nil {
			return err
		}
		account, err := tx.AccountByID(user)
		if err != nil {
			return err
		}
		if account.Disabled {
			return invalid("", "reset.disabled")
		}
		if err := c.saveLink(tx, LinkReset, user, "", token); err != nil {
			return err
		}
		c.audit(tx, by, ResetMade, user, "")
		return nil
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// ResetTarget is whose password a link lets choose. ErrNotFound: it leads nowhere, or not any more.
func (c *Community) ResetTarget(ctx context.Context, token string) (User, error) {
	link, err := c.store.Link(ctx, hashLink(token))
	if err := c.usable(link, err, LinkReset); err != nil {
		return User{}, err
	}
	return link.Owner.User, nil
}

// Reset follows a link to choose another password. It ends all sessions of its owner and begins none: whoever follows it signs
// in as always. ErrNotFound: the link leads nowhere, or not any more.
func (c *Community) Reset(ctx context.Context, from Visit, token, password string) error {
	owner, err := c.ResetTarget(ctx, token)
	if err != nil {
		return err
	}
	hash, err := c.newPassword(ctx, owner, password)
	if err != nil {
		return err
	}
	return c.store.Write(ctx, 0, func(tx Tx) error {
		link, err := tx.Link(hashLink(token)) // somebody else may have followed it meanwhile
		if err := c.usable(link, err, LinkReset); err != nil {
			return err
		}
		if err := c.endSessions(tx, owner.ID, ""); err != nil {
			return err
		}
		return c.putPassword(tx, Actor{User: owner.ID, Address: from.Address}, PasswordReset, owner.ID, hash)
	})
}
