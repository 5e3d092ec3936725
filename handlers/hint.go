package handlers

import (
	"fmt"

	"chinwag/chat"
	"chinwag/realtime"
)

// Topics of the hub and of hints.
const (
	roomTopicForm = "room/%d"
	userTopicForm = "user/%d"
)

func roomTopic(room chat.RoomID) string { return fmt.Sprintf(roomTopicForm, room) }
func userTopic(user chat.UserID) string { return fmt.Sprintf(userTopicForm, user) }

func sessionTopic(session chat.SessionHash) string { return "session/" + string(session) }

// Publisher tells the nodes of what happened: where, how far, what kind, and nothing private.
func Publisher(broker realtime.Broker) chat.Publisher { return publisher{broker} }

type publisher struct{ broker realtime.Broker }

// Publish makes an event a hint. Its topic is who must look again: the session that ended, the person who lost
// something, else the room that moved.
func (p publisher) Publish(e chat.Event) {
	topic := roomTopic(e.Room)
	switch e.Kind {
	case chat.SessionEnded:
		topic = sessionTopic(e.Session)
	case chat.MemberLeft:
		topic = userTopic(e.User)
	}
	p.broker.Publish(realtime.Hint{Topic: topic, Rev: int64(e.Rev), Kind: string(e.Kind)})
}
