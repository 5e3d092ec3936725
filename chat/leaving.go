package chat

import (
	"context"
	"errors"
	"slices"
)

// Written is which messages of a room are somebody's, in order.
type Written struct {
	Room RoomID
	Seqs []Seq
}

// erasePiece is how many messages are deleted in one transaction: whoever writes in the room meanwhile waits for it.
const erasePiece = 100

// DeleteAccount ends an account for good: name, address, password and sessions go at once, and rooms are left soon after. What
// was said stays as a deleted account's, or goes, too. The last administrator stays.
func (c *Community) DeleteAccount(ctx context.Context, s Session, by Actor, erase bool) error {
	user := s.User.ID
	return c.write(WithSession(ctx, s.Hash), 0, func(tx Tx) error {
		before, err := tx.AccountByID(user)
		if err != nil {
			return err
		}
		c.audit(tx, by, UserDeleted, user, keepOrErase(erase))
		// The sessions first: whoever still writes in one of them has written before the rooms are looked at.
		if err := c.endSessions(tx, user, ""); err != nil {
			return err
		}
		if err := tx.EraseUser(user, c.now()); err != nil {
			return err
		}
		if err := stillAdmin(tx, before, "account.last"); err != nil {
			return err
		}
		tx.MoveFaces()
		return c.queue(tx, JobAccountLeave, JobPayload{User: user, Erase: erase})
	})
}

func keepOrErase(erase bool) string {
	if erase {
		return "erase"
	}
	return "keep"
}

// LeaveAll does what is left to do for a deleted account: it leaves its rooms and, if its messages go too, deletes them as their
// author would have. To do it again, or from the middle on, does no harm.
func (c *Community) LeaveAll(ctx context.Context, user UserID, erase bool) error {
	rooms, err := c.store.MembershipsOf(ctx, user)
	if err != nil {
		return err
	}
	for _, room := range rooms {
		if err := c.Leave(ctx, user, room); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	if !erase {
		return nil
	}
	written, err := c.store.WrittenBy(ctx, user)
	if err != nil {
		return err
	}
	for _, in := range written {
		for some := range slices.Chunk(in.Seqs, erasePiece) {
			if err := c.erase(ctx, user, in.Room, some); err != nil {
				return err
			}
		}
	}
	return nil
}

// erase deletes some of somebody's messages in a room.
func (c *Community) erase(ctx context.Context, author UserID, room RoomID, some []Seq) error {
	return c.writeSurely(ctx, room, func(tx Tx) error {
		for _, seq := range some {
			message, err := tx.Message(room, seq)
			if err != nil {
				return err
			}
			if message.Gone() || message.Author.ID != author {
				continue
			}
			if err := c.deleteMessage(tx, message); err != nil {
				return err
			}
		}
		return nil
	})
}
