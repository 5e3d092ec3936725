package chat

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Invitation is a link by which somebody gets an account, and into a room if it names one.
type Invitation struct {
	ID        int64
	By        User
	Room      RoomID // 0: none
	RoomName  string // as long as whoever made it may see the room
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	Uses      int       // how many there may be; 0: no limit
	Used      int
	RevokedAt time.Time // zero: never
	Void      bool      // whoever made it may invite nobody any more
}

// NewInvitation is what somebody chooses to make one.
type NewInvitation struct {
	Days int // how long it may be used; 0: for ever
	Uses int // how often; 0: without limit
	Room RoomID
}

// InvitationDays are the lives of an invitation that there are to choose from.
func InvitationDays() []int { return []int{1, 7, 30, 0} }

// InvitationUses are the numbers of uses that there are to choose from.
func InvitationUses() []int { return []int{1, 5, 25, 100, 0} }

// MayInvite says whether somebody makes invitations.
func (u User) MayInvite() bool { return u.Role == RoleModerator || u.Role == RoleAdmin }

// Over says whether an invitation can be used no more.
func (i Invitation) Over(now time.Time) bool {
	return i.Void || !i.RevokedAt.IsZero() || !i.ExpiresAt.IsZero() && !now.Before(i.ExpiresAt) || i.Uses > 0 && i.Used >= i.Uses
}

// InvitationTx keeps invitations.
type InvitationTx interface {
	CreateInvitation(Invitation) error
	// Invitation is one as it was made, whatever has become of it.
	Invitation(id int64) (Invitation, error)
	// UseInvitation counts a use and gives the invitation as it is then. Whoever uses or revokes it next waits until the commit.
	UseInvitation(id int64) (Invitation, error)
	RevokeInvitation(id int64, at time.Time) error
}

// Invite makes an invitation, and gives its number. Administrators and moderators may; the room must be one that they see.
func (c *Community) Invite(ctx context.Context, by Actor, in NewInvitation) (int64, error) {
	if !slices.Contains(InvitationDays(), in.Days) {
		return 0, invalid("days", "invitation.days")
	}
	if !slices.Contains(InvitationUses(), in.Uses) {
		return 0, invalid("uses", "invitation.uses")
	}
	made := Invitation{By: User{ID: by.User}, Room: in.Room, CreatedAt: c.now(), Uses: in.Uses}
	if in.Days > 0 {
		made.ExpiresAt = made.CreatedAt.Add(time.Duration(in.Days) * 24 * time.Hour)
	}
	err := c.write(ctx, 0, func(tx Tx) error {
		inviter, err := tx.User(by.User)
		if err != nil {
			return err
		}
		if !inviter.MayInvite() {
			return ErrForbidden
		}
		if in.Room != 0 {
			_, err := tx.Room(by.User, in.Room)
			if errors.Is(err, ErrNotFound) {
				return invalid("room", "invitation.room")
			}
			if err != nil {
				return err
			}
		}
		if made.ID, err = tx.Next("invitation"); err != nil {
			return err
		}
		if err := tx.CreateInvitation(made); err != nil {
			return err
		}
		c.audit(tx, by, InvitationMade, 0, strconv.FormatInt(made.ID, 10))
		return nil
	})
	return made.ID, err
}

// InvitationToken is the secret in an invitation's link: its number, and a seal of that and of when it was made, since a database
// that was restored gives its numbers again. It is stored nowhere, so whoever made the invitation can be shown the link again.
func (c *Community) InvitationToken(i Invitation) string {
	const sealed = 24 // characters: 144 bits
	made := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, uint64(i.ID)), uint64(i.CreatedAt.UnixMilli()))
	return strconv.FormatInt(i.ID, 10) + "." + base64.RawURLEncoding.EncodeToString(c.derived("invitation", made))[:sealed]
}

// Invitation is one that may be used now, by its link's token. ErrNotFound: there is none, or it may not, whyever.
func (c *Community) Invitation(ctx context.Context, token string) (Invitation, error) {
	number, _, _ := strings.Cut(token, ".")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return Invitation{}, ErrNotFound
	}
	i, err := c.store.Invitation(ctx, id)
	if err == nil && (!hmac.Equal([]byte(token), []byte(c.InvitationToken(i))) || i.Over(c.now())) {
		err = ErrNotFound
	}
	if err != nil {
		return Invitation{}, err
	}
	return i, nil
}

// invitationFor is the number of the invitation that a newcomer follows; 0: none. It is looked at before anything else, so that
// nobody learns of names by a link that is of no use.
func (c *Community) invitationFor(ctx context.Context, token string) (int64, error) {
	if token == "" {
		return 0, nil
	}
	i, err := c.Invitation(ctx, token)
	if errors.Is(err, ErrNotFound) {
		return 0, invalid("invite", "invitation.gone")
	}
	return i.ID, err
}

// RevokeInvitation makes an invitation useless: one's own, or anybody's if one is an administrator. Whoever it brought stays.
// ErrNotFound: there is none, or it is not theirs to know.
func (c *Community) RevokeInvitation(ctx context.Context, by Actor, id int64) error {
	return c.write(ctx, 0, func(tx Tx) error {
		viewer, err := tx.User(by.User)
		if err != nil {
			return err
		}
		if !viewer.MayInvite() {
			return ErrForbidden
		}
		i, err := tx.Invitation(id)
		switch {
		case err != nil:
			return err
		case i.By.ID != by.User && viewer.Role != RoleAdmin:
			return ErrNotFound
		case !i.RevokedAt.IsZero():
			return nil
		}
		if err := tx.RevokeInvitation(id, c.now()); err != nil {
			return err
		}
		c.audit(tx, by, InvitationRevoked, i.By.ID, strconv.FormatInt(id, 10))
		return nil
	})
}

// AcceptInvitation brings somebody who has an account already into the invitation's room, and says which that is; 0: it names
// none. It takes one of its uses only if they were not in. ErrNotFound: it may not be used, or its room cannot be shown.
func (c *Community) AcceptInvitation(ctx context.Context, by Actor, token string) (RoomID, error) {
	i, err := c.Invitation(ctx, token)
	if err != nil || i.Room == 0 {
		return 0, err
	}
	return i.Room, c.write(ctx, i.Room, func(tx Tx) error {
		_, err := tx.Membership(i.Room, by.User)
		if !errors.Is(err, ErrNotFound) {
			return err // already in, or the database said no
		}
		if err := c.inviteInto(tx, by.User, i); err != nil {
			return err
		}
		return c.useInvitation(tx, by, i.ID)
	})
}

// invited is what is done for a newcomer who followed an invitation: they are brought into its room, if it names one that may
// still be shown to them, and it is counted. Rooms are locked before invitations, wherever both are.
func (c *Community) invited(tx Tx, by Actor, id int64) error {
	i, err := tx.Invitation(id)
	if err != nil {
		return err
	}
	if err := c.inviteInto(tx, by.User, i); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	err = c.useInvitation(tx, by, id)
	if errors.Is(err, ErrNotFound) {
		return invalid("invite", "invitation.gone")
	}
	return err
}

// inviteInto brings somebody into an invitation's room, unless they are in. ErrNotFound: it names none, or none that whoever
// made it may see by now.
func (c *Community) inviteInto(tx Tx, user UserID, i Invitation) error {
	room, err := tx.Room(i.By.ID, i.Room)
	if err != nil {
		return err
	}
	if _, err := tx.Membership(i.Room, user); !errors.Is(err, ErrNotFound) {
		return err // already in, or the database said no
	}
	return c.addMember(tx, room.Room, user, MemberPlain)
}

// useInvitation takes one of an invitation's uses, or refuses with ErrNotFound.
func (c *Community) useInvitation(tx Tx, by Actor, id int64) error {
	i, err := tx.UseInvitation(id)
	if err != nil {
		return err
	}
	i.Used-- // as it was
	if i.Over(c.now()) {
		return ErrNotFound
	}
	c.audit(tx, by, InvitationUsed, i.By.ID, strconv.FormatInt(id, 10))
	return nil
}
