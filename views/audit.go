package views

import (
	"net/url"

	"chinwag/chat"
)

// AuditLine is a line of the log with the names that belong to it.
type AuditLine struct {
	chat.Entry
	By       chat.User // who did it, if it was a person
	About    chat.User // to whom it was done, if to anybody
	RoomName string    // of a public room
}

// AuditProps is a page of the log.
type AuditProps struct {
	Lines  []AuditLine // newest first
	Action string      // which of them are shown
	Who    string      // of whom: a username
	Next   string      // address of the next page; empty: there is none
}

// AuditOfPath is the log of what somebody did, and of what was done to them.
func AuditOfPath(username string) string {
	return AuditPath + "?" + url.Values{"who": {username}}.Encode()
}

// AuditBeforePath is the next page of the log.
func AuditBeforePath(action, who string, before int64) string {
	return AuditPath + "?" + url.Values{"action": {action}, "who": {who}, "before": {itoa(before)}}.Encode()
}

// auditOptions are the kinds of lines to choose from.
func auditOptions(w *Words) []option {
	options := []option{{"", w.T("log.all")}}
	for _, action := range chat.AuditActions() {
		options = append(options, option{string(action), auditKind(w, action)})
	}
	return options
}

// auditKind is what a kind of lines is called.
func auditKind(w *Words, action chat.AuditAction) string {
	switch action {
	case chat.SettingsChanged:
		return w.T("log.kind.settings_changed")
	case chat.RoleChanged:
		return w.T("log.kind.role_changed")
	case chat.UserDisabled:
		return w.T("log.kind.user_disabled")
	case chat.UserEnabled:
		return w.T("log.kind.user_enabled")
	case chat.UserRegistered:
		return w.T("log.kind.user_registered")
	case chat.UserAdded:
		return w.T("log.kind.user_added")
	case chat.UserDeleted:
		return w.T("log.kind.user_deleted")
	case chat.ResetMade:
		return w.T("log.kind.reset_made")
	case chat.PasswordChanged:
		return w.T("log.kind.password_changed")
	case chat.PasswordReset:
		return w.T("log.kind.password_reset")
	case chat.EmailChanged:
		return w.T("log.kind.email_changed")
	case chat.InvitationMade:
		return w.T("log.kind.invitation_made")
	case chat.InvitationRevoked:
		return w.T("log.kind.invitation_revoked")
	case chat.InvitationUsed:
		return w.T("log.kind.invitation_used")
	case chat.SessionsEnded:
		return w.T("log.kind.sessions_ended")
	case chat.MessageRemoved:
		return w.T("log.kind.message_deleted")
	case chat.DataDownloaded:
		return w.T("log.kind.data_downloaded")
	case chat.MailTested:
		return w.T("log.kind.mail_tested")
	default:
		return string(action) // written by a newer program
	}
}
