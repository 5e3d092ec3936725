package views

import "chinwag/chat"

// auditSentence tells what a line of the log is about.
func auditSentence(w *Words, l AuditLine) string {
	by, name := auditName(w, l.By), auditName(w, l.About)
	switch l.Action {
	case chat.SettingsChanged:
		return w.T("log.settings_changed", "By", by, "Detail", l.Detail)
	case chat.RoleChanged:
		return w.T("log.role_changed", "By", by, "Name", name, "Detail", l.Detail)
	case chat.UserDisabled:
		return w.T("log.user_disabled", "By", by, "Name", name)
	case chat.UserEnabled:
		return w.T("log.user_enabled", "By", by, "Name", name)
	case chat.UserRegistered:
		return w.T("log.user_registered", "Name", name)
	case chat.UserAdded:
		return w.T("log.user_added", "By", by, "Name", name, "Detail", l.Detail)
	case chat.UserDeleted:
		return w.T("log.user_deleted", "Name", name)
	case chat.ResetMade:
		return w.T("log.reset_made", "By", by, "Name", name)
	case chat.PasswordChanged:
		return w.T("log.password_changed", "Name", name)
	case chat.PasswordReset:
		return w.T("log.password_reset", "Name", name)
	case chat.EmailChanged:
		return w.T("log.email_changed", "Name", name)
	case chat.SessionsEnded:
		return w.T("log.sessions_ended", "By", by, "Name", name)
	case chat.DataDownloaded:
		return w.T("log.data_downloaded", "By", by)
	case chat.MailTested:
		return w.T("log.mail_tested", "By", by)
	default:
		return auditNumbered(w, l, by, name)
	}
}

// auditNumbered tells of what is about something with a number, which stands in the detail.
func auditNumbered(w *Words, l AuditLine, by, name string) string {
	switch l.Action {
	case chat.InvitationMade:
		return w.T("log.invitation_made", "By", by, "Number", l.Detail)
	case chat.InvitationRevoked:
		if l.ActorID == l.User {
			return w.T("log.invitation_revoked_own", "By", by, "Number", l.Detail)
		}
		return w.T("log.invitation_revoked", "By", by, "Number", l.Detail, "Name", name)
	case chat.InvitationUsed:
		return w.T("log.invitation_used", "By", by, "Number", l.Detail, "Name", name)
	case chat.MessageRemoved:
		return w.T("log.message_deleted", "By", by, "Number", l.Detail, "Name", name, "Room", auditRoom(w, l))
	default:
		return w.T("log.unknown", "By", by, "Kind", l.Action, "Name", name, "Detail", l.Detail)
	}
}

// auditName is what somebody is called in the log.
func auditName(w *Words, u chat.User) string {
	if u.ID == 0 {
		return w.T("log.server")
	}
	return personName(w, u)
}

// auditRoom is what a room is called in the log. Private ones are not named to those who are not in them.
func auditRoom(w *Words, l AuditLine) string {
	if l.RoomName == "" {
		return w.T("log.private_room", "Number", l.Room)
	}
	return l.RoomName
}
