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
)

// SetupPath is the one-time page that makes a community. The token may hold any character.
func SetupPath(token string) string { return "/setup?token=" + url.QueryEscape(token) }

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

// LivePath is the socket that brings what changes in a room after a revision.
func LivePath(room chat.RoomID, after chat.Rev) string {
	return "/live?room=" + itoa(room) + "&after=" + itoa(after)
}

func itoa[N ~int | ~int64](n N) string { return strconv.FormatInt(int64(n), 10) }
