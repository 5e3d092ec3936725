package views

import (
	"time"

	"chinwag/chat"
)

// ArchiveProps is what is kept about somebody but what they wrote, for themselves.
type ArchiveProps struct {
	User        chat.User
	Email       chat.Email
	MadeAt      time.Time
	Devices     []chat.Device
	Rooms       []ArchivedRoom
	Invitations []chat.Invitation
	Log         []chat.Entry
}

// ArchivedRoom is a room somebody is in.
type ArchivedRoom struct {
	Name     string
	JoinedAt time.Time
}

// ArchivedMessage is a message with all that is kept of it.
type ArchivedMessage struct {
	HTML     chat.SafeHTML
	At       time.Time
	EditedAt time.Time   // zero: never
	Older    []chat.Edit // what it said before
}

// archivedEmail is an address and whether it is known to be theirs.
func archivedEmail(w *Words, email chat.Email) string {
	switch {
	case email.Address == "" && email.Pending == "":
		return w.T("archive.none")
	case email.Verified:
		return w.T("archive.confirmed", "Email", email.Address)
	default:
		return w.T("archive.unconfirmed", "Email", email.Unconfirmed())
	}
}

// archivedPlace is what a room is called in the file of somebody who may not see it any more.
func archivedPlace(w *Words, name string) string {
	if name == "" {
		return w.T("archive.lost_room")
	}
	return name
}
