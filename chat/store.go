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
}

// Tx is what a rule reads and writes inside the transaction. A missing row is ErrNotFound.
type Tx interface {
	CommunityTx
	UserTx
	SessionTx
	RoomTx
	MembershipTx
	MessageTx

	// Next takes the next number of a noun ("user", "room"): 1, 2, 3…
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
}

// SessionTx keeps who is signed in.
type SessionTx interface {
	CreateSession(SessionRow) error
	// SessionAlive says whether a session is there and its account is not disabled.
	SessionAlive(hash SessionHash) (bool, error)
	// DeleteOldSessions forgets a person's sessions that were last seen, or signed in, before these times.
	DeleteOldSessions(user UserID, lastSeen, signedIn time.Time) error
	// TouchSession notes that the session was used.
	TouchSession(hash SessionHash, at time.Time) error
	// DeleteSession ends a session and says whose it was.
	DeleteSession(hash SessionHash) (UserID, error)
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
