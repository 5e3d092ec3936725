package db_test

import (
	"testing"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

func TestMembersStandByName(t *testing.T) {
	t.Parallel()
	d := open(t)
	zoe, ann, bob := d.NewPerson(t, "Zoe"), d.NewPerson(t, "ann"), d.NewPerson(t, "Bob")
	room := d.NewRoom(t, chat.RoomPrivate, "Attic", zoe, ann, bob)
	d.Exec(t, `UPDATE users SET display_name = 'Ann A.', face_rev = 3, role = 'admin' WHERE id = $1`, ann)
	list, err := d.Members(t.Context(), bob, room)
	must(t, err)
	same(t, list, []chat.Member{
		{User: chat.User{ID: ann, Username: "ann", DisplayName: "Ann A.", Role: chat.RoleAdmin, FaceRev: 3}, Role: chat.MemberPlain},
		{User: chat.User{ID: bob, Username: "Bob", Role: chat.RoleMember}, Role: chat.MemberPlain},
		{User: chat.User{ID: zoe, Username: "Zoe", Role: chat.RoleMember}, Role: chat.MemberOwner},
	})
}

// The number of members that stands with the room is the number of memberships, whatever happened to them.
func TestMembersAreCounted(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann, bob := d.NewPerson(t, "ann"), d.NewPerson(t, "bob")
	room := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
	for range 2 { // coming twice and leaving twice changes nothing
		must(t, d.Community.Join(t.Context(), bob, room))
		must(t, d.Community.Join(t.Context(), bob, room))
		if n := dbtest.One[int](t, d, `SELECT members FROM rooms WHERE id = $1`, room); n != 2 {
			t.Errorf("%d members, want 2", n)
		}
		must(t, d.Community.Leave(t.Context(), bob, room))
		must(t, d.Community.Leave(t.Context(), bob, room))
		if n := dbtest.One[int](t, d, `SELECT members FROM rooms WHERE id = $1`, room); n != 1 {
			t.Errorf("%d members, want 1", n)
		}
	}
}

func TestReadMarkOnlyRises(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := d.NewPerson(t, "ann")
	room := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
	for _, c := range []struct{ mark, want chat.Seq }{{3, 3}, {7, 7}, {5, 7}, {7, 7}, {8, 8}} {
		var m chat.Membership
		must(t, d.Write(t.Context(), room, func(tx chat.Tx) (err error) {
			if err = tx.MarkRead(room, ann, c.mark); err == nil {
				m, err = tx.Membership(room, ann)
			}
			return err
		}))
		if m.ReadSeq != c.want {
			t.Errorf("%d after %d, want %d", m.ReadSeq, c.mark, c.want)
		}
	}
}
