package handlers

import (
	"fmt"
	"strconv"

	"chinwag/chat"
	"chinwag/realtime"
)

// Topics of the broker. Hints are about a room, or about people: somebody has lost a session or a membership, or something is
// to be done for them.

const hintsOfPeople = "people"

func hintsOfRoom(room chat.RoomID) string { return "room/" + strconv.FormatInt(int64(room), 10) }

// Topics of the hub: a person's, a session's, and a room's as those see it who may see what came after a message.

func roomTopic(room chat.RoomID, since chat.Seq) string {
	return fmt.Sprintf("room/%d/%d", room, since)
}
func userTopic(user chat.UserID) string { return fmt.Sprintf("user/%d", user) }

func sessionTopic(session chat.SessionHash) string { return "session/" + string(session) }

// Publisher tells the nodes of what happened: where, how far, what kind, and nothing private.
func Publisher(broker realtime.Broker) chat.Publisher { return publisher{broker} }

type publisher struct{ broker realtime.Broker }

// Publish makes an event a hint of the room that moved, or of the person who lost something: what that was, their
// sockets are asked about again.
func (p publisher) Publish(e chat.Event) {
	h := realtime.Hint{Topic: hintsOfRoom(e.Room), Rev: int64(e.Rev), Who: int64(e.User), Kind: string(e.Kind)}
	switch e.Kind {
	case chat.SessionEnded, chat.MemberLeft, chat.JobQueued:
		h.Topic, h.Rev = hintsOfPeople, 0
	}
	p.broker.Publish(h)
}
