package chat_test

import (
	"strings"
	"testing"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

func TestCreateRoom(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := d.NewPerson(t, "ann")
	for name, c := range map[string]struct {
		in           chat.NewRoom
		field, wrong string
	}{
		"no name":         {chat.NewRoom{Kind: chat.RoomPublic}, "name", "room.name.missing"},
		"nothing to see":  {chat.NewRoom{Kind: chat.RoomPublic, Name: " \u200b\n"}, "name", "room.name.missing"},
		"long name":       {chat.NewRoom{Kind: chat.RoomPublic, Name: strings.Repeat("👋", 81)}, "name", "room.name.long"},
		"long topic":      {chat.NewRoom{Kind: chat.RoomPublic, Name: "x", Topic: strings.Repeat("👋", 251)}, "topic", "room.topic.long"},
		"no kind":         {chat.NewRoom{Name: "x"}, "kind", "room.kind.missing"},
		"an unknown kind": {chat.NewRoom{Kind: "secret", Name: "x"}, "kind", "room.kind.missing"},
	} {
		t.Run(name, func(t *testing.T) {
			room, err := d.Community.CreateRoom(t.Context(), ann, c.in)
			refused(t, err, c.field, c.wrong)
			if room != 0 {
				t.Errorf("and made room %d", room)
			}
		})
	}
	if n := dbtest.One[int](t, d, `SELECT COUNT(*) FROM rooms`); n != 0 {
		t.Fatalf("%d rooms", n)
	}

	room, err := d.Community.CreateRoom(t.Context(), ann, chat.NewRoom{
		Kind: chat.RoomPrivate, Name: "  The\tÉclair \u202e" + strings.Repeat("👋", 69) + "\n", Topic: strings.Repeat("é", 250) + " ",
	})
	must(t, err)
	if room != 1 {
		t.Errorf("number %d: the refused ones took some", room)
	}
	seen, err := d.Room(t.Context(), ann, room)
	must(t, err)
	same(t, seen, chat.RoomSeen{
		Room: chat.Room{
			ID: room, Kind: chat.RoomPrivate, Name: "The Éclair " + strings.Repeat("👋", 69), Topic: strings.Repeat("é", 250), Members: 1,
		},
		Membership: &chat.Membership{Room: room, User: ann, Role: chat.MemberOwner, JoinedAt: d.Clock.Now()},
	})
	if key := dbtest.One[string](t, d, `SELECT name_key FROM rooms`); !strings.HasPrefix(key, "the éclair ") {
		t.Errorf("key %q", key)
	}
}

func TestModerates(t *testing.T) {
	t.Parallel()
	member := func(role chat.MemberRole) *chat.Membership { return &chat.Membership{Role: role} }
	for name, c := range map[string]struct {
		membership *chat.Membership
		role       chat.Role
		want       bool
	}{
		"a guest":                             {nil, chat.RoleMember, false},
		"a member":                            {member(chat.MemberPlain), chat.RoleMember, false},
		"a room's moderator":                  {member(chat.MemberModerator), chat.RoleMember, true},
		"a room's owner":                      {member(chat.MemberOwner), chat.RoleMember, true},
		"the community's moderator":           {nil, chat.RoleModerator, true},
		"an administrator":                    {nil, chat.RoleAdmin, true},
		"the community's moderator, a member": {member(chat.MemberPlain), chat.RoleModerator, true},
		"an administrator, a member":          {member(chat.MemberPlain), chat.RoleAdmin, true},
		"somebody of no role":                 {member(""), "", false},
	} {
		seen := chat.RoomSeen{Membership: c.membership}
		if got := seen.Moderates(chat.User{Role: c.role}); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWhoMayChange(t *testing.T) {
	t.Parallel()
	const ann, bob chat.UserID = 1, 2
	joined := &chat.Membership{Role: chat.MemberPlain}
	for name, c := range map[string]struct {
		membership   *chat.Membership
		viewer       chat.User
		edit, delete bool
	}{
		"the author":               {joined, chat.User{ID: ann, Role: chat.RoleMember}, true, true},
		"the author, who left":     {nil, chat.User{ID: ann, Role: chat.RoleMember}, false, true},
		"somebody else":            {joined, chat.User{ID: bob, Role: chat.RoleMember}, false, false},
		"somebody who keeps order": {joined, chat.User{ID: bob, Role: chat.RoleModerator}, false, true},
	} {
		seen, message := chat.RoomSeen{Membership: c.membership}, chat.Message{Author: chat.User{ID: ann}}
		if seen.MayEdit(c.viewer, message) != c.edit || seen.MayDelete(c.viewer, message) != c.delete {
			t.Errorf("%s: edit %v, delete %v", name, seen.MayEdit(c.viewer, message), seen.MayDelete(c.viewer, message))
		}
	}
}
