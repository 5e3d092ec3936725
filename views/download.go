package views

import (
	"time"

	"chinwag/chat"
)

// DownloadProps is what is kept about somebody but what they wrote, for themselves.
type DownloadProps struct {
	User        chat.User
	Email       chat.Email
	MadeAt      time.Time
	Devices     []chat.Device
	Rooms       []DownloadedRoom
	Invitations []chat.Invitation
	Log         []chat.Entry
}

// DownloadedRoom is a room somebody is in.
type DownloadedRoom struct {
	Name     string
	JoinedAt time.Time
}

// DownloadedMessage is a message with all that is kept of it.
type DownloadedMessage struct {
	HTML     chat.SafeHTML
	At       time.Time
	EditedAt time.Time   // zero: never
	Older    []chat.Edit // what it said before
}

// downloadedEmail is an address and whether it is known to be theirs.
func downloadedEmail(w *Words, email chat.Email) string {
	switch {
	case email.Address == "" && email.Pending == "":
		return w.T("download.none")
	case email.Verified:
		return w.T("download.confirmed", "Email", email.Address)
	default:
		return w.T("download.unconfirmed", "Email", email.Unconfirmed())
	}
}

// downloadedPlace is what a room is called in the file of somebody who may not see it any more.
func downloadedPlace(w *Words, name string) string {
	if name == "" {
		return w.T("download.lost_room")
	}
	return name
}
