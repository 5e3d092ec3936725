package chat_test

import (
	"errors"
	"slices"
	"testing"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

// What is done to accounts and the community is written down; what was refused is not.
func TestWhatIsWrittenDown(t *testing.T) {
	t.Parallel()
	s := openSalon(t, chat.RegistrationOpen)
	ctx, by := t.Context(), chat.Actor{User: s.root, Address: "192.0.2.1"}
	first, token := s.invite(t, s.root, chat.NewInvitation{Uses: 5, Room: s.hall})
	eve, err := s.register(t, "eve", token)
	must(t, err)
	_, err = s.register(t, "EVE", token)
	refused(t, err, "username", "username.taken")
	_, err = s.Community.AcceptInvitation(ctx, chat.Actor{User: s.ann, Address: "192.0.2.3"}, token)
	must(t, err)
	must(t, s.Community.RevokeInvitation(ctx, by, first))
	bob, err := s.Community.AddUser(ctx, chat.NewUser{Username: "bob", Password: goodPassword}, chat.RoleModerator)
	must(t, err)
	seq := s.Post(t, s.ann, s.hall, "hello")
	own := s.Post(t, s.ann, s.hall, "bye")
	for range 2 { // the second changes nothing
		must(t, s.Community.Delete(ctx, by, s.hall, seq))
		s.Delete(t, s.ann, s.hall, own)
	}
	if err := s.Community.Delete(ctx, chat.Actor{User: eve.ID}, s.hall, s.Post(t, s.ann, s.hall, "again")); !errors.Is(err, chat.ErrForbidden) {
		t.Error(err)
	}
	must(t, s.Community.NoteDownload(ctx, chat.Actor{User: s.ann, Address: "192.0.2.3"}, "json"))
	must(t, s.Community.NoteMailTest(ctx, by))
	if err := s.Community.NoteMailTest(ctx, chat.Actor{User: s.ann}); !errors.Is(err, chat.ErrForbidden) {
		t.Error(err)
	}
	same(t, s.log(t), []chat.Entry{
		{ActorID: s.root, Action: chat.InvitationMade, Address: "192.0.2.1", Detail: "1"},
		{ActorID: eve.ID, Action: chat.UserRegistered, User: eve.ID, Address: "192.0.2.2"},
		{ActorID: eve.ID, Action: chat.InvitationUsed, User: s.root, Address: "192.0.2.2", Detail: "1"},
		{ActorID: s.ann, Action: chat.InvitationUsed, User: s.root, Address: "192.0.2.3", Detail: "1"},
		{ActorID: s.root, Action: chat.InvitationRevoked, User: s.root, Address: "192.0.2.1", Detail: "1"},
		{Action: chat.UserAdded, User: bob.ID, Detail: "moderator"},
		{ActorID: s.root, Action: chat.MessageRemoved, User: s.ann, Room: s.hall, Address: "192.0.2.1", Detail: "1"},
		{ActorID: s.ann, Action: chat.DataDownloaded, User: s.ann, Address: "192.0.2.3", Detail: "json"},
		{ActorID: s.root, Action: chat.MailTested, Address: "192.0.2.1"},
	})
	same(t, dbtest.All[int64](t, s.DB, `SELECT id FROM audit ORDER BY id`), []int64{1, 2, 3, 4, 5, 6, 7, 8, 9})
	for _, action := range dbtest.All[string](t, s.DB, `SELECT DISTINCT action FROM audit`) {
		if !slices.Contains(chat.AuditActions(), chat.AuditAction(action)) {
			t.Errorf("nobody can look for %s", action)
		}
	}
}

func TestSetUpIsWrittenDown(t *testing.T) {
	t.Parallel()
	s := salon{DB: open(t)}
	_, err := s.Community.SetUp(t.Context(), chat.Visit{Address: "192.0.2.1"}, chat.NewCommunity{
		Name: "Ours", Username: "root", Password: goodPassword, Registration: chat.RegistrationOpen,
	})
	must(t, err)
	same(t, s.log(t), []chat.Entry{{ActorID: 1, Action: chat.UserRegistered, User: 1, Address: "192.0.2.1", Detail: "admin"}})
}
