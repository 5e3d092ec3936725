// Package chat holds the rules of Chinwag: who may register, open a room, join it, read it and write into it.
//
// A write is a method of [Community]. It looks at what was asked, then hands the [Store] a small function that runs
// inside a transaction: there it reads the rights and writes, so that what it saw is still true when it is stored.
// Events leave after the commit, in the order of commits. Reads that need no rule go to the database directly.
//
// The package imports nothing of ours: no HTTP, no SQL, no templates.
package chat

import (
	"context"
	"errors"
	"time"
)

// Community is one installation: its people, its rooms and their messages. All writes go through it.
// It is safe for concurrent use.
type Community struct {
	store    Store
	markup   *Markup
	password *hasher
	key      []byte // signs what must be told apart without being kept: bodies of sends
	now      func() time.Time
	mail     bool // whether mail can be sent
}

// New makes the rules over a store. The key is this installation's secret of at least 32 bytes; now gives the time.
func New(store Store, key []byte, now func() time.Time) *Community {
	return &Community{store: store, markup: NewMarkup(), password: newHasher(), key: key, now: now}
}

// Now is the time that rules go by.
func (c *Community) Now() time.Time { return c.now() }

type sessionKey struct{}

// WithSession says in whose session the writes of a request are made: they are refused with ErrSignedOut if it has ended
// by the time they are stored.
func WithSession(ctx context.Context, session SessionHash) context.Context {
	return context.WithValue(ctx, sessionKey{}, session)
}

// write runs a viewer's write. The session is asked inside the transaction: a request that was on its way when the
// session ended stores nothing.
func (c *Community) write(ctx context.Context, room RoomID, fn func(Tx) error) error {
	session, signedIn := ctx.Value(sessionKey{}).(SessionHash)
	return c.store.Write(ctx, room, func(tx Tx) error {
		if signedIn {
			alive, err := tx.SessionAlive(session)
			if err != nil {
				return err // nobody knows whether it has ended, and the batch's neighbours get this answer too
			}
			if !alive {
				return ErrSignedOut
			}
		}
		return fn(tx)
	})
}

// writeSurely is write for what may be done twice without harm: if the answer of the store is lost, it asks again, and the
// rule finds what became of it.
func (c *Community) writeSurely(ctx context.Context, room RoomID, fn func(Tx) error) error {
	const tries = 3
	err := c.write(ctx, room, fn)
	for try := 1; errors.Is(err, ErrUnknown) && try < tries; try++ {
		err = c.write(ctx, room, fn)
	}
	return err
}
