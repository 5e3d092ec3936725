package handlers

import (
	"fmt"

	"chinwag/chat"
	"chinwag/realtime"
)

// What hints are about.
const (
	roomHintForm  = "room/%d"
	userTopicForm = "user/%d"
)

func roomHint(room chat.RoomID) string { return fmt.Sprintf(roomHintForm, room) }

// Topics of the hub: a person's, a session's, and a room's as those see it who may see what came after a message.

func roomTopic(room chat.RoomID, since chat.Seq) string {
	return fmt.Sprintf("room/%d/%d", room, since)
}
func userTopic(user chat.UserID) string { return fmt.Sprintf(userTopicForm, user) }

func sessionTopic(session chat.SessionHash) string { return "session/" + string(session) }

// Publisher tells the nodes of what happened: where, how far, what kind, and nothing private.
func Publisher(broker realtime.Broker) chat.Publisher { return publisher{broker} }

type publisher struct{ broker realtime.Broker }

// Publish makes an event a hint. Its topic is who must look again: the session that ended, the person who lost
// something, else the room that moved.
func (p publisher) Publish(e chat.Event) {
	topic := roomHint(e.Room)
	switch e.Kind {
	case chat.SessionEnded:
		topic = sessionTopic(e.Session)
	case chat.MemberLeft:
		topic = userTopic(e.User)
	}
	p.broker.Publish(realtime.Hint{Topic: topic, Rev: int64(e.Rev), Kind: string(e.Kind)})
}
