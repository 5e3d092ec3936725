package chat

import (
	"context"
	"time"
	"unicode/utf8"
)

// Lengths of a room's words, in characters.
const (
	roomNameMax = 80
	topicMax    = 250
)

// RoomKind says who may know and read a room.
type RoomKind string

// The kinds of rooms.
const (
	RoomPublic  RoomKind = "public"  // every signed-in person may read it and join
	RoomPrivate RoomKind = "private" // exists for its members only
)

// Room is a place where messages stand in one order.
type Room struct {
	ID       RoomID
	Kind     RoomKind
	Name     string
	Topic    string
	LastSeq  Seq // the newest message's number
	Rev      Rev // the newest change's number
	HeadRev  Rev // the newest change of the head: name, topic, kind, roles
	FloorRev Rev // cursors below it must reload
	Members  int
}

// RoomSeen is a room as one viewer sees it.
type RoomSeen struct {
	Room
	Membership *Membership // nil: the viewer reads as a guest of a public room
}

// Joined says whether the viewer is a member.
func (r RoomSeen) Joined() bool { return r.Membership != nil }

// SinceSeq is the message up to which nothing is the viewer's to read; 0: all is.
func (r RoomSeen) SinceSeq() Seq {
	if r.Membership == nil {
		return 0
	}
	return r.Membership.SinceSeq
}

// Moderates says whether the viewer, who is u, keeps order in the room: as its owner or moderator, or as one of the
// community's, who does so in every room that may be seen.
func (r RoomSeen) Moderates(u User) bool {
	if u.Role == RoleModerator || u.Role == RoleAdmin {
		return true
	}
	return r.Joined() && (r.Membership.Role == MemberModerator || r.Membership.Role == MemberOwner)
}

// MayEdit says whether the viewer, who is u, may give a message another text: as its author, unless they left the room.
func (r RoomSeen) MayEdit(u User, m Message) bool { return m.Author.ID == u.ID && r.Joined() }

// MayDelete says whether the viewer, who is u, may erase a message: as its author, or because they keep order.
func (r RoomSeen) MayDelete(u User, m Message) bool { return m.Author.ID == u.ID || r.Moderates(u) }

// NewRoom is what somebody fills in to make a room.
type NewRoom struct {
	Name  string
	Kind  RoomKind
	Topic string // optional
}

// CreateRoom makes a room and its owner's membership. Invalid says which field is wrong.
func (c *Community) CreateRoom(ctx context.Context, viewer UserID, in NewRoom) (RoomID, error) {
	row := RoomRow{Kind: in.Kind, Name: oneLine(in.Name), Topic: oneLine(in.Topic), CreatedBy: viewer, CreatedAt: c.now()}
	row.NameKey = Fold(row.Name)
	if row.Name == "" {
		return 0, invalid("name", "room.name.missing")
	}
	if utf8.RuneCountInString(row.Name) > roomNameMax {
		return 0, invalidLength("name", "room.name.long", roomNameMax)
	}
	if utf8.RuneCountInString(row.Topic) > topicMax {
		return 0, invalidLength("topic", "room.topic.long", topicMax)
	}
	if row.Kind != RoomPublic && row.Kind != RoomPrivate {
		return 0, invalid("kind", "room.kind.missing")
	}
	err := c.write(ctx, 0, func(tx Tx) error {
		return c.createRoom(tx, &row)
	})
	return row.ID, err
}

// RoomRow is a new room as it is stored.
type RoomRow struct {
	ID        RoomID
	Kind      RoomKind
	Name      string
	NameKey   string
	Topic     string
	Default   bool // newcomers are members from the start
	CreatedBy UserID
	CreatedAt time.Time
}

func (c *Community) createRoom(tx Tx, row *RoomRow) error {
	id, err := tx.Next("room")
	if err != nil {
		return err
	}
	row.ID = RoomID(id)
	if err := tx.CreateRoom(*row); err != nil {
		return err
	}
	return c.addMember(tx, Room{ID: row.ID}, row.CreatedBy, MemberOwner)
}

// DirectoryRoom is a room as the directory lists it.
type DirectoryRoom struct {
	Room
	Joined bool // the viewer is a member
}
