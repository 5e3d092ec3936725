package chat

import "context"

// ChangePassword gives somebody who is signed in, and types the password they have, another one. All their other sessions end,
// and their own goes on under a new id, which it gives. ErrSignedOut: it has ended.
func (c *Community) ChangePassword(ctx context.Context, s Session, from Visit, current, password string) (SessionID, error) {
	account, err := c.proved(ctx, s, current)
	if err != nil {
		return "", err
	}
	hash, err := c.newPassword(ctx, account.User, password)
	if err != nil {
		return "", err
	}
	id := newSessionID()
	err = c.write(ctx, 0, func(tx Tx) error {
		if err := unchanged(tx, account, notYours()); err != nil {
			return err
		}
		if err := c.endSessions(tx, account.ID, s.Hash); err != nil {
			return err
		}
		if err := c.replaceSession(tx, s, id, from); err != nil {
			return err
		}
		return c.putPassword(tx, Actor{User: account.ID, Address: from.Address}, PasswordChanged, account.ID, hash)
	})
	return id, err
}

// newPassword hashes a password that somebody may have, before any transaction.
func (c *Community) newPassword(ctx context.Context, user User, password string) (string, error) {
	settings, err := c.store.Settings(ctx)
	if err != nil {
		return "", err
	}
	email, err := c.store.Email(ctx, user.ID)
	if err != nil {
		return "", err
	}
	if err := checkPassword(password, user.Username, user.DisplayName, email.Address, settings.Name); err != nil {
		return "", err
	}
	return c.password.hash(ctx, password)
}

// putPassword replaces an account's password and has its owner told. What leads to another one leads nowhere any more.
func (c *Community) putPassword(tx Tx, by Actor, action AuditAction, user UserID, hash string) error {
	if err := tx.SavePassword(user, hash); err != nil {
		return err
	}
	if err := tx.VoidLinks(user, LinkReset, c.now()); err != nil {
		return err
	}
	if err := c.queue(tx, JobMailPasswordChanged, JobPayload{User: user}); err != nil {
		return err
	}
	c.audit(tx, by, action, user, "")
	return nil
}
