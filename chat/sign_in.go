package chat

import (
	"context"
	"errors"
)

// SignIn checks a name (or a verified e-mail address) and password and returns a new session's secret id.
// Whatever is wrong, the answer is the same Invalid and takes the same time.
func (c *Community) SignIn(ctx context.Context, from Visit, name, password string) (SessionID, User, error) {
	account, err := c.store.Account(ctx, NameKey(name))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return "", User{}, err
	}
	refused := invalid("password", "login.wrong")
	if err := c.checkOwn(ctx, account, password, refused); err != nil {
		return "", User{}, err
	}
	upgraded := ""
	if c.password.outdated(account.PasswordHash) {
		if upgraded, err = c.password.hash(ctx, password); err != nil {
			return "", User{}, err
		}
	}
	// Here a password has been proved, and becomes a session. An account with a second factor gets none yet: what it gets
	// instead is good for asking for that factor only, and nothing but the factor makes a session of it.
	id, err := c.beginSession(ctx, from, account, upgraded, refused)
	return id, account.User, err
}

// checkOwn says whether a password is an account's. That of nobody, and of an account that is closed, is refused the same way
// and takes as long.
func (c *Community) checkOwn(ctx context.Context, account Account, password string, refused error) error {
	right, err := c.password.verify(ctx, account.PasswordHash, password)
	if err == nil && (!right || account.Disabled) {
		err = refused
	}
	return err
}

// beginSession signs somebody in who has proved to be the owner of an account.
func (c *Community) beginSession(ctx context.Context, from Visit, account Account, upgraded string, refused error) (SessionID, error) {
	id := newSessionID()
	err := c.store.Write(ctx, 0, func(tx Tx) error {
		if err := unchanged(tx, account, refused); err != nil {
			return err
		}
		if upgraded != "" {
			if err := tx.SavePassword(account.ID, upgraded); err != nil {
				return err
			}
		}
		if err := c.forgetSessions(tx, account.ID); err != nil {
			return err
		}
		return tx.CreateSession(c.newSession(id, account.ID, from))
	})
	return id, err
}

// unchanged refuses what was decided on an account that has changed since: hashing takes a while.
func unchanged(tx Tx, account Account, refused error) error {
	now, err := tx.AccountByID(account.ID)
	if err != nil {
		return err
	}
	if now.Disabled || now.PasswordHash != account.PasswordHash {
		return refused
	}
	return nil
}

// Prove takes the password of somebody who is signed in already: their session is fresh again, and goes on under a new id,
// which it gives. ErrSignedOut: the session has ended.
func (c *Community) Prove(ctx context.Context, s Session, from Visit, password string) (SessionID, error) {
	account, err := c.proved(ctx, s, password)
	if err != nil {
		return "", err
	}
	id := newSessionID()
	err = c.write(ctx, 0, func(tx Tx) error {
		if err := unchanged(tx, account, notYours()); err != nil {
			return err
		}
		return c.replaceSession(tx, s, id, from)
	})
	return id, err
}

func notYours() error { return invalid("current", "password.not_yours") }

// proved gives the account of somebody who is signed in and typed their password.
func (c *Community) proved(ctx context.Context, s Session, password string) (Account, error) {
	account, err := c.store.AccountByID(ctx, s.User.ID)
	if err == nil {
		err = c.checkOwn(ctx, account, password, notYours())
	}
	return account, err
}

// replaceSession has a session go on under a new id, fresh and as old as it was. Open pages are told to come back: their
// browser has the new id by then, and nobody else has.
func (c *Community) replaceSession(tx Tx, s Session, id SessionID, from Visit) error {
	alive, err := tx.SessionAlive(s.Hash)
	if err != nil {
		return err
	}
	if !alive {
		return ErrSignedOut
	}
	if err := tx.ReplaceSession(s.Hash, c.now()); err != nil {
		return err
	}
	if err := c.forgetSessions(tx, s.User.ID); err != nil {
		return err
	}
	row := c.newSession(id, s.User.ID, from)
	row.SignedInAt = s.SignedInAt
	if err := tx.CreateSession(row); err != nil {
		return err
	}
	tx.Publish(Event{Kind: SessionEnded, Session: s.Hash, User: s.User.ID})
	return tx.MoveSecurity()
}
