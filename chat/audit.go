package chat

import (
	"context"
	"time"
)

// Actor is who does something that is written down.
type Actor struct {
	User    UserID // 0: whoever runs the server, by a command
	Address string // the client's IP address; empty: none
}

// AuditAction says what was done, as noun.pastTense.
type AuditAction string

// What is written down. What an entry's detail says stands beside it.
const (
	SettingsChanged   AuditAction = "settings.changed"   // each setting, from what to what
	RoleChanged       AuditAction = "role.changed"       // from which role to which
	UserDisabled      AuditAction = "user.disabled"      //
	UserEnabled       AuditAction = "user.enabled"       //
	UserRegistered    AuditAction = "user.registered"    // the role, unless it is a member's
	UserAdded         AuditAction = "user.added"         // the role
	UserDeleted       AuditAction = "user.deleted"       // whether the messages go too: keep or erase
	ResetMade         AuditAction = "reset.made"         //
	PasswordChanged   AuditAction = "password.changed"   //
	PasswordReset     AuditAction = "password.reset"     //
	EmailChanged      AuditAction = "email.changed"      // how far: asked, confirmed or removed
	InvitationMade    AuditAction = "invitation.made"    // its number
	InvitationRevoked AuditAction = "invitation.revoked" // its number
	InvitationUsed    AuditAction = "invitation.used"    // its number
	SessionsEnded     AuditAction = "sessions.ended"     // one or all
	MessageRemoved    AuditAction = "message.deleted"    // its number in the room; the entry's user is its author
	DataDownloaded    AuditAction = "data.downloaded"    // the format
	MailTested        AuditAction = "mail.tested"        //
)

// AuditActions are all of them, in the order in which people look for them.
func AuditActions() []AuditAction {
	return []AuditAction{
		SettingsChanged, RoleChanged, UserDisabled, UserEnabled, UserRegistered, UserAdded, UserDeleted, ResetMade, PasswordChanged,
		PasswordReset, EmailChanged, InvitationMade, InvitationRevoked, InvitationUsed, SessionsEnded, MessageRemoved,
		DataDownloaded, MailTested,
	}
}

// Entry is a line of the log of what was done to accounts and to the community. Lines are only added: the database itself
// refuses to change one.
type Entry struct {
	ID      int64
	At      time.Time
	ActorID UserID // who did it; 0: whoever runs the server
	Action  AuditAction
	User    UserID // to whom; 0: to nobody
	Room    RoomID // where; 0: in none
	Address string // from where
	Detail  string // what else is to be known: no text of anybody's
}

// AuditTx keeps the log.
type AuditTx interface {
	// CreateEntry adds a line, which gets its number with the commit.
	CreateEntry(Entry)
}

// audit writes down what somebody did to an account; 0: to none.
func (c *Community) audit(tx Tx, by Actor, action AuditAction, user UserID, detail string) {
	tx.CreateEntry(Entry{At: c.now(), ActorID: by.User, Action: action, User: user, Address: by.Address, Detail: detail})
}

// auditRoom writes down what somebody did in a room to what somebody said there.
func (c *Community) auditRoom(tx Tx, by Actor, action AuditAction, room RoomID, author UserID, detail string) {
	tx.CreateEntry(Entry{
		At: c.now(), ActorID: by.User, Action: action, User: author, Room: room, Address: by.Address, Detail: detail,
	})
}

// NoteDownload writes down that somebody took their data with them.
func (c *Community) NoteDownload(ctx context.Context, by Actor, format string) error {
	return c.write(ctx, 0, func(tx Tx) error {
		c.audit(tx, by, DataDownloaded, by.User, format)
		return nil
	})
}

// NoteMailTest writes down that an administrator had a message sent to see whether mail works.
func (c *Community) NoteMailTest(ctx context.Context, by Actor) error {
	return c.write(ctx, 0, func(tx Tx) error {
		if err := administers(tx, by); err != nil {
			return err
		}
		c.audit(tx, by, MailTested, 0, "")
		return nil
	})
}
