package views

import (
	"net/url"
	"strconv"

	"chinwag/chat"
)

// The addresses without a number in them.
const (
	HomePath     = "/"
	LoginPath    = "/login"
	LogoutPath   = "/logout"
	RegisterPath = "/register"
	RoomsPath    = "/rooms"
	NewRoomPath  = "/rooms/new"

	ForgotPath        = "/forgot"
	SettingsPath      = "/settings"
	EmailPath         = "/settings/email"
	ResendPath        = "/settings/email/send"
	PasswordPath      = "/settings/password"
	EndSessionPath    = "/settings/sessions/end"
	EndSessionsPath   = "/settings/sessions/end-all"
	DownloadPath      = "/settings/download"
	DeleteAccountPath = "/settings/delete"
)

// SetupPath is the one-time page that makes a community. The token may hold any character.
func SetupPath(token string) string { return "/setup?token=" + url.QueryEscape(token) }

// ResetPath is the one-time page that sets a new password.
func ResetPath(token string) string { return "/reset/" + url.PathEscape(token) }

// ConfirmPath is the one-time page that confirms an e-mail address.
func ConfirmPath(token string) string { return "/confirm/" + url.PathEscape(token) }

// RoomPath is a room at its newest message.
func RoomPath(room chat.RoomID) string { return "/rooms/" + itoa(room) }

// RoomBeforePath is the page of a room that ends just before a message.
func RoomBeforePath(room chat.RoomID, seq chat.Seq) string {
	return RoomPath(room) + "?before=" + itoa(seq)
}

// RoomAfterPath is the page of a room that begins just after a message. Numbers have no holes, so it opens at the next one.
func RoomAfterPath(room chat.RoomID, seq chat.Seq) string {
	return RoomPath(room) + "?after=" + itoa(seq) + "#" + MessageID(seq+1)
}

// MessagePath is one message with what was said around it.
func MessagePath(room chat.RoomID, seq chat.Seq) string { return RoomPath(room) + "/" + itoa(seq) }

// EditPath shows the form that changes a message, and takes it.
func EditPath(room chat.RoomID, seq chat.Seq) string { return MessagePath(room, seq) + "/edit" }

// editPattern is the EditPath of any message: the script puts the number in.
func editPattern(room chat.RoomID) string { return RoomPath(room) + "/%d/edit" }

// DeletePath erases a message.
func DeletePath(room chat.RoomID, seq chat.Seq) string { return MessagePath(room, seq) + "/delete" }

// MessagesPath takes what is sent to a room.
func MessagesPath(room chat.RoomID) string { return RoomPath(room) + "/messages" }

// JoinPath makes the viewer a member of a room.
func JoinPath(room chat.RoomID) string { return RoomPath(room) + "/join" }

// LeavePath ends the viewer's membership of a room.
func LeavePath(room chat.RoomID) string { return RoomPath(room) + "/leave" }

// MembersPath lists who is in a room, and takes who is added.
func MembersPath(room chat.RoomID) string { return RoomPath(room) + "/members" }

// InvitationsPath lists the links that bring people in, and takes a new one.
const InvitationsPath = "/invitations"

// InvitationPath is one link that brings people in.
func InvitationPath(id int64) string { return InvitationsPath + "/" + itoa(id) }

// RevokePath ends a link that brings people in.
func RevokePath(id int64) string { return InvitationPath(id) + "/revoke" }

// AcceptPath is where somebody who has an account follows an invitation.
const AcceptPath = InvitationsPath + "/accept"

// InvitedPath is where the link of an invitation leads.
func InvitedPath(token string) string { return RegisterPath + "?invite=" + url.QueryEscape(token) }

// SignInPath is the sign-in page of somebody who was on their way somewhere.
func SignInPath(next string) string { return LoginPath + "?next=" + url.QueryEscape(next) }

// The pages of administrators.
const (
	AdminPath         = "/admin"
	AdminSettingsPath = AdminPath + "/settings"
	AdminMailPath     = AdminPath + "/mail"
	PeoplePath        = AdminPath + "/people"
	AuditPath         = AdminPath + "/log"
)

// PersonPath is the page of a person for administrators. What can be done to them lies below it.
func PersonPath(username string) string { return PeoplePath + "/" + url.PathEscape(username) }

// RolePath gives a person another role.
func RolePath(username string) string { return PersonPath(username) + "/role" }

// DisablePath ends a person's sessions and lets them in no more.
func DisablePath(username string) string { return PersonPath(username) + "/disable" }

// EnablePath lets a person in again.
func EnablePath(username string) string { return PersonPath(username) + "/enable" }

// ResetLinkPath makes a link by which a person chooses another password.
func ResetLinkPath(username string) string { return PersonPath(username) + "/reset" }

// LivePath is the socket that brings what changes in a room after a revision.
func LivePath(room chat.RoomID, after chat.Rev) string {
	return "/live?room=" + itoa(room) + "&after=" + itoa(after)
}

func itoa[N ~int | ~int64](n N) string { return strconv.FormatInt(int64(n), 10) }
