package db_test

import (
	"errors"
	"fmt"
	"testing"

	"chinwag/chat"
	"chinwag/db"
)

func TestOwnMessages(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann, bob := d.NewPerson(t, "ann"), d.NewPerson(t, "bob")
	hall, attic := d.NewRoom(t, chat.RoomPublic, "Hall", ann, bob), d.NewRoom(t, chat.RoomPrivate, "Attic", bob, ann)
	d.Post(t, ann, attic, "in the attic")
	for i := range 300 {
		d.Post(t, ann, hall, fmt.Sprint("**", i+1, "**"))
	}
	d.Post(t, bob, hall, "bob's")
	d.Edit(t, ann, hall, 2, "two")
	d.Edit(t, ann, hall, 2, "two again")
	d.Delete(t, bob, hall, d.Post(t, bob, hall, "bob's, gone"))
	d.Edit(t, ann, hall, 3, "three")
	d.Delete(t, ann, hall, 3)
	must(t, d.Community.Leave(t.Context(), ann, attic))

	var list []db.OwnMessage
	must(t, d.OwnMessages(t.Context(), ann, func(m db.OwnMessage) error {
		list = append(list, m)
		return nil
	}))
	if len(list) != 300 {
		t.Fatalf("%d messages", len(list))
	}
	now := d.Clock.Now()
	same(t, list[0], db.OwnMessage{Room: hall, RoomName: "Hall", Seq: 1, Body: "**1**", HTML: "<p><strong>1</strong></p>", At: now})
	same(t, list[1], db.OwnMessage{
		Room: hall, RoomName: "Hall", Seq: 2, Body: "two again", HTML: "<p>two again</p>", At: now, EditedAt: now,
		Older: []chat.Edit{{Body: "**2**", HTML: "<p><strong>2</strong></p>", At: now}, {Body: "two", HTML: "<p>two</p>", At: now}},
	})
	if list[2].Seq != 4 || list[298].Seq != 300 {
		t.Errorf("%d and %d", list[2].Seq, list[298].Seq)
	}
	same(t, list[299], db.OwnMessage{Room: attic, Seq: 1, Body: "in the attic", HTML: "<p>in the attic</p>", At: now}) // whatever it is called by now

	enough := errors.New("enough")
	n := 0
	if err := d.OwnMessages(t.Context(), ann, func(db.OwnMessage) error {
		n++
		return enough
	}); !errors.Is(err, enough) || n != 1 {
		t.Errorf("%v after %d", err, n)
	}
}

// However long they were here, all of it comes, in order.
func TestOwnMessagesOfYears(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := d.NewPerson(t, "ann")
	room := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
	const many = 100000
	d.Fill(t, ann, room, many)
	last := chat.Seq(0)
	must(t, d.OwnMessages(t.Context(), ann, func(m db.OwnMessage) error {
		if last++; m.Seq != last || m.Body != fmt.Sprint("message ", last) {
			t.Fatalf("message %d, %q after %d", m.Seq, m.Body, last-1)
		}
		return nil
	}))
	if last != many {
		t.Errorf("%d messages", last)
	}
}

func TestOwnData(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann, bob := d.NewPerson(t, "ann"), d.NewPerson(t, "bob")
	d.Exec(t, `UPDATE users SET role = 'moderator', email = 'ann@example.org', email_key = 'ann@example.org', display_name = 'Ann A.' WHERE id = $1`, ann)
	hall := d.NewRoom(t, chat.RoomPublic, "Hall", bob, ann)
	attic := d.NewRoom(t, chat.RoomPrivate, "Attic", ann)
	d.NewRoom(t, chat.RoomPrivate, "Not hers", bob)
	hash := signIn(t, d, ann)
	signIn(t, d, bob)
	id, err := d.Community.Invite(t.Context(), chat.Actor{User: ann, Address: "192.0.2.7"}, chat.NewInvitation{Room: attic})
	must(t, err)
	note(t, d, chat.Entry{ActorID: bob, Action: chat.RoleChanged, User: ann, Address: "192.0.2.66", Detail: "member → moderator"})
	note(t, d, chat.Entry{ActorID: bob, Action: chat.PasswordChanged, User: bob, Address: "192.0.2.66"})
	note(t, d, chat.Entry{ActorID: ann, Action: chat.PasswordChanged, User: ann, Address: "192.0.2.7"})

	own, err := d.OwnData(t.Context(), ann)
	must(t, err)
	now := d.Clock.Now()
	me := chat.User{ID: ann, Username: "ann", DisplayName: "Ann A.", Role: chat.RoleModerator, CreatedAt: now}
	if len(own.Devices) != 1 || own.Devices[0].Hash != hash || own.Devices[0].Address != "192.0.2.1" {
		t.Errorf("%+v", own.Devices)
	}
	own.Devices = nil
	same(t, own, db.OwnData{
		User: me, Email: chat.Email{Address: "ann@example.org"},
		Rooms: []db.OwnRoom{
			{chat.Room{ID: attic, Kind: chat.RoomPrivate, Name: "Attic", Members: 1}, chat.Membership{Room: attic, User: ann, Role: chat.MemberOwner, JoinedAt: now}},
			{chat.Room{ID: hall, Kind: chat.RoomPublic, Name: "Hall", Members: 2}, chat.Membership{Room: hall, User: ann, Role: chat.MemberPlain, JoinedAt: now}},
		},
		Invitations: []chat.Invitation{{
			ID: id, By: chat.User{ID: ann, Username: "ann", DisplayName: "Ann A.", Role: chat.RoleModerator}, Room: attic, RoomName: "Attic", CreatedAt: now,
		}},
		Log: []chat.Entry{ // of bob's acts not from where, nor whose they were
			{ID: 1, At: now, ActorID: ann, Action: chat.InvitationMade, Address: "192.0.2.7", Detail: "1"},
			{ID: 2, At: now, Action: chat.RoleChanged, User: ann, Detail: "member → moderator"},
			{ID: 4, At: now, ActorID: ann, Action: chat.PasswordChanged, User: ann, Address: "192.0.2.7"},
		},
	})
	if _, err := d.OwnData(t.Context(), 404); !errors.Is(err, chat.ErrNotFound) {
		t.Error(err)
	}
}
