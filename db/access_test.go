package db_test

import (
	"testing"

	"chinwag/chat"
	"chinwag/db"
)

func TestGrantedSaysHowFarARoomHasCome(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann, bob, eve := d.NewPerson(t, "ann"), d.NewPerson(t, "bob"), d.NewPerson(t, "eve")
	hall := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
	attic := d.NewRoom(t, chat.RoomPrivate, "Attic", ann, bob)
	for _, room := range []chat.RoomID{hall, attic} {
		d.Edit(t, ann, room, d.Post(t, ann, room, "hello"), "hello!")
	}
	d.Exec(t, `UPDATE rooms SET head_rev = 2, floor_rev = 1 WHERE id = $1`, attic)
	d.Exec(t, `UPDATE memberships SET since_seq = 1 WHERE user_id = $1`, bob)
	session := map[chat.UserID]chat.SessionHash{}
	for _, user := range []chat.UserID{ann, bob, eve} {
		session[user] = signIn(t, d, user)
	}
	inHall := db.Granted{Room: true, Rev: 2, LastSeq: 1}
	inAttic := db.Granted{Room: true, Rev: 2, FloorRev: 1, LastSeq: 1}
	late := inAttic
	late.SinceSeq = 1
	want := map[db.Access]db.Granted{
		{Session: session[ann], Room: hall}:  inHall,
		{Session: session[ann], Room: attic}: inAttic,
		{Session: session[bob], Room: attic}: late,
		{Session: session[bob], Room: hall}:  inHall,
		{Session: session[eve], Room: hall}:  inHall,
		{Session: session[eve], Room: attic}: {},
		{Session: session[eve], Room: 404}:   {},
		{Session: session[eve], Room: 0}:     {},
	}
	asked := []db.Access{{Session: "no such session", Room: hall}}
	for a := range want {
		asked = append(asked, a)
	}
	got, err := d.Granted(t.Context(), asked)
	must(t, err)
	for a, g := range got {
		if g.Session.Hash != a.Session || g.Session.User.ID == 0 {
			t.Errorf("%+v belongs to %+v", a, g.Session)
		}
		g.Session = chat.Session{}
		got[a] = g
	}
	same(t, got, want)
}
