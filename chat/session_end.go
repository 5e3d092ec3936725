package chat

import (
	"context"
	"errors"
)

// SignOut ends a session for good, on all its pages and sockets. A session that has ended already is no error.
func (c *Community) SignOut(ctx context.Context, hash SessionHash) error {
	return c.store.Write(ctx, 0, func(tx Tx) error {
		user, err := tx.DeleteSession(hash)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		tx.Publish(Event{Kind: SessionEnded, Session: hash, User: user})
		return tx.MoveSecurity()
	})
}

// EndSession ends one of a person's own sessions, wherever that is signed in. ErrNotFound: they have no such session.
func (c *Community) EndSession(ctx context.Context, by Actor, hash SessionHash) error {
	if !hash.names() {
		return ErrNotFound
	}
	return c.write(ctx, 0, func(tx Tx) error {
		owner, err := tx.DeleteSession(hash)
		if err != nil {
			return err
		}
		if owner != by.User {
			return ErrNotFound // and what was deleted is there again
		}
		tx.Publish(Event{Kind: SessionEnded, Session: hash, User: by.User})
		if err := tx.MoveSecurity(); err != nil {
			return err
		}
		c.audit(tx, by, SessionsEnded, by.User, "one")
		return nil
	})
}

// EndSessions ends all of a person's own sessions but one; "" spares none.
func (c *Community) EndSessions(ctx context.Context, by Actor, but SessionHash) error {
	return c.write(ctx, 0, func(tx Tx) error {
		if err := c.endSessions(tx, by.User, but); err != nil {
			return err
		}
		c.audit(tx, by, SessionsEnded, by.User, "all")
		return nil
	})
}

// endSessions ends a person's sessions on all pages and sockets, but one; "" spares none.
func (c *Community) endSessions(tx Tx, user UserID, but SessionHash) error {
	if err := tx.DeleteSessions(user, but); err != nil {
		return err
	}
	tx.Publish(Event{Kind: SessionEnded, User: user})
	return tx.MoveSecurity()
}

// forgetSessions forgets those of a person's sessions that nobody can use any more.
func (c *Community) forgetSessions(tx Tx, user UserID) error {
	now := c.now()
	return tx.DeleteOldSessions(user, now.Add(-sessionIdle), now.Add(-SessionAbsolute), now.Add(-replacedKept))
}
