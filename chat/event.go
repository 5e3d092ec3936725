package chat

// EventKind says what happened, as noun.pastTense.
type EventKind string

// What happens in a community.
const (
	MessagePosted  EventKind = "message.posted"  // Room, Rev
	MessageEdited  EventKind = "message.edited"  // Room, Rev
	MessageDeleted EventKind = "message.deleted" // Room, Rev
	MemberLeft     EventKind = "member.left"     // Room, User
	SessionEnded   EventKind = "session.ended"   // Session, User
	JobQueued      EventKind = "job.queued"      // something is to be done; what that is stands in the table
)

// Event is something that is true by now: it was committed.
type Event struct {
	Kind    EventKind
	Room    RoomID
	Rev     Rev
	User    UserID
	Session SessionHash
}

// Publisher is told of every event after its commit, in the order of commits, before the writer gets its answer.
// It must not block: the next commit waits for it.
type Publisher interface {
	Publish(Event)
}
