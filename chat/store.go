package chat

import (
	"context"
	"time"
)

// Store keeps a community. Its one implementation is package db.
type Store interface {
	// Write runs fn in a transaction and returns after it is safely on disk. Writes of one room are committed in the
	// order they are numbered; 0 stands for what belongs to no room. fn may run again after a conflict, so it must not
	// have effects of its own. An error of fn undoes what fn did, nothing else, and comes back as it is.
	// ErrBusy: too much is waiting already, or the store is held, away or has failed; ErrUnknown: it went away before it
	// told whether fn was kept. ErrNoSpace: the disk is full.
	Write(ctx context.Context, room RoomID, fn func(Tx) error) error

	// Account reads an account by its folded username or verified e-mail address, or ErrNotFound.
	Account(ctx context.Context, key string) (Account, error)
	// AccountByID reads an account by number.
	AccountByID(ctx context.Context, user UserID) (Account, error)
	// Email reads somebody's e-mail address.
	Email(ctx context.Context, user UserID) (Email, error)
	// Link reads a link, whatever became of it, and whose it is.
	Link(ctx context.Context, hash LinkHash) (Link, error)
	// Settings reads what is true of the community as a whole.
	Settings(ctx context.Context) (Settings, error)
	// Invitation reads an invitation, whatever has become of it.
	Invitation(ctx context.Context, id int64) (Invitation, error)
	// MembershipsOf are the rooms somebody is in.
	MembershipsOf(ctx context.Context, user UserID) ([]RoomID, error)
	// WrittenBy are the messages of somebody's that were not deleted, room by room.
	WrittenBy(ctx context.Context, author UserID) ([]Written, error)
}

// Tx is what a rule reads and writes inside the transaction. A missing row is ErrNotFound.
type Tx interface {
	CommunityTx
	UserTx
	SessionTx
	LinkTx
	RoomTx
	MembershipTx
	MessageTx
	JobTx
	AuditTx
	InvitationTx
	AccountTx

	// Next takes the next number of a noun ("user", "room", "job"): 1, 2, 3…
	Next(noun string) (int64, error)
	// MoveSecurity raises the number by which every node learns that rights or sessions ended.
	MoveSecurity() error
	// Publish has the event told after the commit; not at all if the transaction fails.
	Publish(Event)
}

// CommunityTx keeps what is true of the community as a whole.
type CommunityTx interface {
	Settings() (Settings, error)
	// SaveSettings replaces all of them but FacesRev.
	SaveSettings(Settings) error
}

// UserTx keeps accounts.
type UserTx interface {
	CreateUser(UserRow) error
	// AccountByName finds an account by its folded username.
	AccountByName(key string) (Account, error)
	// AccountByEmail finds an account by its folded, verified e-mail address.
	AccountByEmail(key string) (Account, error)
	// UserIDs are all accounts.
	UserIDs() ([]UserID, error)
	// User is a person, by number.
	User(user UserID) (User, error)
	// SavePassword replaces an account's password hash.
	SavePassword(user UserID, hash string) error
	// AccountByID finds an account by number.
	AccountByID(user UserID) (Account, error)
	// Email is somebody's e-mail address.
	Email(user UserID) (Email, error)
	// SaveEmail replaces an address, but for what is pending: links say that.
	SaveEmail(user UserID, email Email) error
}

// SessionTx keeps who is signed in.
type SessionTx interface {
	CreateSession(SessionRow) error
	// SessionAlive says whether a session is there, not replaced, and its account is not disabled.
	SessionAlive(hash SessionHash) (bool, error)
	// DeleteOldSessions forgets a person's sessions that were last seen, or signed in, or replaced before these times.
	DeleteOldSessions(user UserID, lastSeen, signedIn, replaced time.Time) error
	// TouchSession notes that the session was used.
	TouchSession(hash SessionHash, at time.Time) error
	// ReplaceSession ends a session that goes on under another id. It is remembered as such.
	ReplaceSession(hash SessionHash, at time.Time) error
	// DeleteSession ends a session and says whose it was.
	DeleteSession(hash SessionHash) (UserID, error)
	// DeleteSessions ends all of a person's sessions but one.
	DeleteSessions(user UserID, but SessionHash) error
}

// LinkTx keeps the links that lead into an account.
type LinkTx interface {
	CreateLink(LinkRow) error
	// Link is a link, whatever became of it, and whose it is.
	Link(hash LinkHash) (Link, error)
	// RenewLink has a link live until another time.
	RenewLink(hash LinkHash, until time.Time) error
	// VoidLinks has a person's links of a kind lead nowhere, as if they had been used.
	VoidLinks(user UserID, purpose LinkPurpose, at time.Time) error
	// DeleteOldLinks forgets those of a person's links that are used or void and would have ended before a time.
	DeleteOldLinks(user UserID, before time.Time) error
}

// RoomTx keeps rooms.
type RoomTx interface {
	CreateRoom(RoomRow) error
	// Room is the room as the viewer may see it; ErrNotFound stands for both missing and hidden.
	Room(viewer UserID, room RoomID) (RoomSeen, error)
	// DefaultRooms are those that newcomers are members of.
	DefaultRooms() ([]Room, error)
	// AdvanceRoom takes the next message number and the next revision of a room. It locks the room until the commit.
	AdvanceRoom(room RoomID) (Seq, Rev, error)
	// AdvanceRev takes the next revision of a room, for a change of what is there. It locks the room too.
	AdvanceRev(room RoomID) (Rev, error)
}

// MembershipTx keeps who is in which room.
type MembershipTx interface {
	Membership(room RoomID, user UserID) (Membership, error)
	CreateMembership(Membership) error
	DeleteMembership(room RoomID, user UserID) error
	// MarkRead raises a member's read mark; it never lowers it.
	MarkRead(room RoomID, user UserID, seq Seq) error
}

// MessageTx keeps messages.
type MessageTx interface {
	CreateMessage(MessageRow) error
	// Sending reads what a send is decided on: the room as its author may see it, as Room does, and what the send's key was
	// spent on; nil: nothing.
	Sending(author UserID, room RoomID, key string) (RoomSeen, *Sent, error)
	// Message is a message as it stands: of its author only the number, and nothing of the one before it.
	Message(room RoomID, seq Seq) (Message, error)
	// SaveMessage replaces what a message says, and the revision and the times of that.
	SaveMessage(Message) error
	// CreateEdit keeps what a message says, before it is replaced, as an older version.
	CreateEdit(Message) error
	// DeleteEdits forgets the older versions of a message.
	DeleteEdits(room RoomID, seq Seq) error
}

// Sent is what a send's key was spent on.
type Sent struct {
	Room    RoomID
	Seq     Seq
	BodyMAC []byte
}
