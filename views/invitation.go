package views

import (
	"time"

	"chinwag/chat"
)

// InvitationsProps is what the page of all invitations shows.
type InvitationsProps struct {
	List   []chat.Invitation // newest first
	Rooms  []chat.Room       // that the viewer may bring people into
	Closed bool              // the community takes no new accounts, invited or not
	Now    time.Time
	Form   Form
}

// InvitationProps is one invitation with its link.
type InvitationProps struct {
	Invitation chat.Invitation
	Link       string
	Closed     bool
	Now        time.Time
}

func daysOptions(w *Words) []option {
	return numberOptions(chat.InvitationDays(), func(days int) string {
		if days == 0 {
			return w.T("invitations.forever")
		}
		return w.T("invitations.days", "Count", days)
	})
}

func usesOptions(w *Words) []option {
	return numberOptions(chat.InvitationUses(), func(uses int) string {
		if uses == 0 {
			return w.T("invitations.unlimited")
		}
		return w.T("invitations.uses", "Count", uses)
	})
}

// invitationState is whether a link works, and if not, why.
func invitationState(w *Words, i chat.Invitation, now time.Time) string {
	switch {
	case !i.RevokedAt.IsZero():
		return w.T("invitations.revoked")
	case i.Uses > 0 && i.Used >= i.Uses:
		return w.T("invitations.used_up")
	case !i.ExpiresAt.IsZero() && !now.Before(i.ExpiresAt):
		return w.T("invitations.expired")
	case i.Void:
		return w.T("invitations.void")
	default:
		return w.T("invitations.works")
	}
}

// invitationUse is how often a link was followed, and how often it may be.
func invitationUse(w *Words, i chat.Invitation) string {
	if i.Uses == 0 {
		return w.T("invitations.used", "Count", i.Used)
	}
	return w.T("invitations.used_of", "Used", i.Used, "Limit", i.Uses)
}

// invitationEnd is until when a link works.
func invitationEnd(f Frame, i chat.Invitation) string {
	if i.ExpiresAt.IsZero() {
		return f.Words.T("invitations.no_end")
	}
	return moment(f.Words, i.ExpiresAt, f.Zone)
}

// invitationUntil is until when a link works, in a list.
func invitationUntil(f Frame, i chat.Invitation) string {
	if i.ExpiresAt.IsZero() {
		return f.Words.T("invitations.until_revoked")
	}
	return f.Words.T("invitations.until", "Moment", moment(f.Words, i.ExpiresAt, f.Zone))
}

// invitationPlace is where a link leads: to a room or just in.
func invitationPlace(w *Words, i chat.Invitation) string {
	switch {
	case i.Room == 0:
		return w.T("invitations.no_room")
	case i.RoomName == "":
		return w.T("invitations.other_room")
	default:
		return i.RoomName
	}
}

// invitationWords say who invites to what.
func invitationWords(f Frame, i chat.Invitation) string {
	if i.RoomName == "" {
		return f.Words.T("register.invited", "Name", personName(f.Words, i.By), "Community", f.community())
	}
	return f.Words.T("register.invited_room", "Name", personName(f.Words, i.By), "Community", f.community(), "Room", i.RoomName)
}
