package chat

import (
	"context"
	"errors"
	"time"
)

// MemberRole is what somebody may do in one room.
type MemberRole string

// The roles in a room, from least to most.
const (
	MemberPlain     MemberRole = "member"
	MemberModerator MemberRole = "moderator"
	MemberOwner     MemberRole = "owner"
)

// Membership is one person's place in one room.
type Membership struct {
	Room     RoomID
	User     UserID
	Role     MemberRole
	SinceSeq Seq // messages up to this one are not theirs to read; 0: all are
	ReadSeq  Seq // read up to here
	JoinedAt time.Time
}

// Member is a person in a room's list.
type Member struct {
	User
	Role MemberRole
}

// Join makes the viewer a member of a public room. To be one already is no error. ErrNotFound: there is no such room,
// or none the viewer may know.
func (c *Community) Join(ctx context.Context, viewer UserID, room RoomID) error {
	return c.write(ctx, room, func(tx Tx) error {
		seen, err := tx.Room(viewer, room)
		if err != nil || seen.Joined() {
			return err
		}
		return c.addMember(tx, seen.Room, viewer, MemberPlain)
	})
}

// Leave ends the viewer's membership. Not to be a member is no error. The last owner of a private room may leave too:
// whoever stays keeps the room.
func (c *Community) Leave(ctx context.Context, viewer UserID, room RoomID) error {
	return c.write(ctx, room, func(tx Tx) error {
		seen, err := tx.Room(viewer, room)
		if err != nil || !seen.Joined() {
			return err
		}
		if err := tx.DeleteMembership(room, viewer); err != nil {
			return err
		}
		if err := tx.MoveSecurity(); err != nil {
			return err
		}
		tx.Publish(Event{Kind: MemberLeft, Room: room, User: viewer})
		return nil
	})
}

// AddMember brings somebody else into a room: any member may, as in a conversation among equals. ErrNotFound: no such
// room for the viewer; ErrForbidden: the viewer only reads it; Invalid: nobody has that name.
func (c *Community) AddMember(ctx context.Context, viewer UserID, room RoomID, username string) error {
	return c.write(ctx, room, func(tx Tx) error {
		seen, err := tx.Room(viewer, room)
		if err != nil {
			return err
		}
		if !seen.Joined() {
			return ErrForbidden
		}
		account, err := tx.HoldAccountByName(NameKey(username))
		if errors.Is(err, ErrNotFound) || err == nil && account.Disabled {
			return &Invalid{Field: "username", Sentence: "member.unknown", Args: map[string]any{"Name": oneLine(username)}}
		}
		if err != nil {
			return err
		}
		if _, err := tx.Membership(room, account.ID); !errors.Is(err, ErrNotFound) {
			return err // already in, or the database said no
		}
		return c.addMember(tx, seen.Room, account.ID, MemberPlain)
	})
}

// addMember writes a membership. Joining counts as having read all there is.
func (c *Community) addMember(tx Tx, room Room, user UserID, role MemberRole) error {
	return tx.CreateMembership(Membership{Room: room.ID, User: user, Role: role, ReadSeq: room.LastSeq, JoinedAt: c.now()})
}
