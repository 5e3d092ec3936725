package chat_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

// salon is a community by invitation: root is its administrator, mod a moderator, ann a member. The hall is public; the attic is
// mod's alone.
type salon struct {
	*dbtest.DB
	root, mod, ann chat.UserID
	hall, attic    chat.RoomID
}

func openSalon(t *testing.T, registration chat.Registration) salon {
	t.Helper()
	s := salon{DB: openFor(t, registration)}
	s.root, s.mod, s.ann = s.NewPerson(t, "root"), s.NewPerson(t, "mod"), s.NewPerson(t, "ann")
	s.Exec(t, `UPDATE users SET role = 'admin' WHERE id = $1`, s.root)
	s.Exec(t, `UPDATE users SET role = 'moderator' WHERE id = $1`, s.mod)
	s.hall, s.attic = s.NewRoom(t, chat.RoomPublic, "Hall", s.root), s.NewRoom(t, chat.RoomPrivate, "Attic", s.mod)
	return s
}

// invite makes an invitation, and gives its number and its link's token.
func (s salon) invite(t *testing.T, by chat.UserID, in chat.NewInvitation) (int64, string) {
	t.Helper()
	id, err := s.Community.Invite(t.Context(), chat.Actor{User: by, Address: "192.0.2.1"}, in)
	must(t, err)
	made, err := s.DB.Invitation(t.Context(), id)
	must(t, err)
	return id, s.Community.InvitationToken(made)
}

func (s salon) register(t *testing.T, name, invite string) (chat.User, error) {
	t.Helper()
	_, user, err := s.Community.Register(t.Context(), chat.Visit{Address: "192.0.2.2"}, chat.NewUser{
		Username: name, Password: goodPassword, Invite: invite,
	})
	return user, err
}

// in says whether somebody is in a room.
func (s salon) in(t *testing.T, user chat.UserID, room chat.RoomID) bool {
	t.Helper()
	return dbtest.One[int](t, s.DB, `SELECT COUNT(*) FROM memberships WHERE user_id = $1 AND room_id = $2`, user, room) == 1
}

func (s salon) used(t *testing.T, id int64) int {
	t.Helper()
	return dbtest.One[int](t, s.DB, `SELECT used FROM invitations WHERE id = $1`, id)
}

func TestInvite(t *testing.T) {
	t.Parallel()
	s := openSalon(t, chat.RegistrationInvite)
	for name, c := range map[string]struct {
		by       chat.UserID
		in       chat.NewInvitation
		err      error
		field    string
		sentence string
	}{
		"an administrator":                {by: s.root, in: chat.NewInvitation{Days: 7, Uses: 25, Room: s.hall}},
		"a moderator, of their own room":  {by: s.mod, in: chat.NewInvitation{Days: 1, Uses: 1, Room: s.attic}},
		"for ever, for all":               {by: s.mod},
		"a member":                        {by: s.ann, in: chat.NewInvitation{Days: 7, Uses: 1}, err: chat.ErrForbidden},
		"nobody":                          {by: 404, err: chat.ErrNotFound},
		"a room that is hidden from them": {by: s.root, in: chat.NewInvitation{Room: s.attic}, field: "room", sentence: "invitation.room"},
		"a room that is not there":        {by: s.root, in: chat.NewInvitation{Room: 404}, field: "room", sentence: "invitation.room"},
		"other days":                      {by: s.root, in: chat.NewInvitation{Days: 8}, field: "days", sentence: "invitation.days"},
		"days of the past":                {by: s.root, in: chat.NewInvitation{Days: -1}, field: "days", sentence: "invitation.days"},
		"other uses":                      {by: s.root, in: chat.NewInvitation{Uses: 2}, field: "uses", sentence: "invitation.uses"},
	} {
		t.Run(name, func(t *testing.T) {
			id, err := s.Community.Invite(t.Context(), chat.Actor{User: c.by}, c.in)
			switch {
			case c.sentence != "":
				refused(t, err, c.field, c.sentence)
			case !errors.Is(err, c.err):
				t.Errorf("%v, want %v", err, c.err)
			}
			if (id > 0) != (c.err == nil && c.sentence == "") {
				t.Errorf("number %d", id)
			}
		})
	}
	id, token := s.invite(t, s.mod, chat.NewInvitation{Days: 7, Uses: 5, Room: s.attic})
	i, err := s.Community.Invitation(t.Context(), token)
	must(t, err)
	same(t, i, chat.Invitation{
		ID: id, By: chat.User{ID: s.mod, Username: "mod", Role: chat.RoleModerator}, Room: s.attic, RoomName: "Attic",
		CreatedAt: s.Clock.Now(), ExpiresAt: s.Clock.Now().Add(7 * 24 * time.Hour), Uses: 5,
	})
}

// A token is hard to guess, has one spelling, and stands nowhere.
func TestS06_InvitationTokensCannotBeGuessed(t *testing.T) {
	t.Parallel()
	s := openSalon(t, chat.RegistrationInvite)
	id, token := s.invite(t, s.root, chat.NewInvitation{})
	_, second := s.invite(t, s.root, chat.NewInvitation{})
	first, err := s.DB.Invitation(t.Context(), id)
	must(t, err)
	restored := first // of the same number, made after an older database was put back
	restored.CreatedAt = restored.CreatedAt.Add(time.Minute)
	number, seal, _ := strings.Cut(token, ".")
	_, otherSeal, _ := strings.Cut(second, ".")
	if len(seal) < 22 { // characters of base64 for 128 bits
		t.Errorf("token %s", token)
	}
	stranger := chat.New(s.DB, []byte(strings.Repeat("x", 32)), s.Clock.Now)
	for _, wrong := range []string{
		"", ".", number, number + ".", seal, number + "." + otherSeal, "+" + token, "0" + token, token + "=", token + "\n", " " + token,
		token[:len(token)-1], strings.ToUpper(token), "9." + seal, "-" + token, number + "." + seal + "." + seal,
		stranger.InvitationToken(first), s.Community.InvitationToken(chat.Invitation{ID: 404}), s.Community.InvitationToken(restored),
	} {
		if i, err := s.Community.Invitation(t.Context(), wrong); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("%q: %+v, %v", wrong, i, err)
		}
	}
	for _, file := range dbtest.Files(t, s.Place) {
		content, err := os.ReadFile(file)
		must(t, err)
		if bytes.Contains(content, []byte(seal)) {
			t.Errorf("the token stands in %s", file)
		}
	}
}

func TestRegisterByInvitation(t *testing.T) {
	t.Parallel()
	for _, registration := range []chat.Registration{chat.RegistrationOpen, chat.RegistrationInvite} {
		t.Run(string(registration), func(t *testing.T) {
			t.Parallel()
			s := openSalon(t, registration)
			s.Exec(t, `UPDATE rooms SET is_default = TRUE WHERE id = $1`, s.hall)
			s.Post(t, s.mod, s.attic, "hello")
			id, token := s.invite(t, s.mod, chat.NewInvitation{Days: 1, Uses: 5, Room: s.attic})
			toHall, hallToken := s.invite(t, s.root, chat.NewInvitation{Room: s.hall})
			eve, err := s.register(t, "eve", token)
			must(t, err)
			bob, err := s.register(t, "bob", hallToken)
			must(t, err)
			if !s.in(t, eve.ID, s.attic) || !s.in(t, eve.ID, s.hall) || s.in(t, bob.ID, s.attic) || !s.in(t, bob.ID, s.hall) {
				t.Error("they are not where they were invited to")
			}
			if s.used(t, id) != 1 || s.used(t, toHall) != 1 {
				t.Errorf("used %d and %d times", s.used(t, id), s.used(t, toHall))
			}
			if eve.Role != chat.RoleMember {
				t.Errorf("%+v", eve)
			}
			if read := dbtest.One[int](t, s.DB, `SELECT read_seq FROM memberships WHERE user_id = $1 AND room_id = $2`, eve.ID, s.attic); read != 1 {
				t.Errorf("read up to %d", read)
			}
		})
	}
}

// Whatever is wrong with an invitation, the answer is one, and it comes before anything is said about names.
func TestS05_InvitationsOfNoUseLookAlike(t *testing.T) {
	t.Parallel()
	s := openSalon(t, chat.RegistrationInvite)
	revoked, revokedToken := s.invite(t, s.root, chat.NewInvitation{})
	must(t, s.Community.RevokeInvitation(t.Context(), chat.Actor{User: s.root}, revoked))
	_, usedUp := s.invite(t, s.root, chat.NewInvitation{Uses: 1})
	_, err := s.register(t, "first", usedUp)
	must(t, err)
	_, disabled := s.invite(t, s.mod, chat.NewInvitation{})
	demotedBy := s.NewPerson(t, "demoted")
	s.Exec(t, `UPDATE users SET role = 'moderator' WHERE id = $1`, demotedBy)
	_, demoted := s.invite(t, demotedBy, chat.NewInvitation{})
	s.Exec(t, `UPDATE users SET role = 'member' WHERE id = $1`, demotedBy)
	s.Exec(t, `UPDATE users SET disabled = TRUE WHERE id = $1`, s.mod)
	_, expired := s.invite(t, s.root, chat.NewInvitation{Days: 1})
	s.Clock.Move(24 * time.Hour)
	for name, token := range map[string]string{
		"revoked": revokedToken, "used up": usedUp, "expired": expired, "never made": s.Community.InvitationToken(chat.Invitation{ID: 404}), "forged": "1.x",
		"by somebody disabled": disabled, "by somebody who may not any more": demoted,
	} {
		for _, username := range []string{"ann", "nobody-yet"} {
			_, err := s.register(t, username, token)
			refused(t, err, "invite", "invitation.gone")
		}
		if i, err := s.Community.Invitation(t.Context(), token); !errors.Is(err, chat.ErrNotFound) || i.ID != 0 {
			t.Errorf("%s: %+v, %v", name, i, err)
		}
		if _, err := s.Community.AcceptInvitation(t.Context(), chat.Actor{User: s.ann}, token); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("%s, accepted: %v", name, err)
		}
	}
	if _, err := s.register(t, "ann", ""); !errors.Is(err, chat.ErrForbidden) {
		t.Errorf("without one: %v", err)
	}
	all, err := s.Invitations(t.Context(), s.root, s.Clock.Now())
	must(t, err)
	for _, i := range all {
		if !i.Over(s.Clock.Now()) {
			t.Errorf("the list says of invitation %d that it works", i.ID)
		}
	}
	if n := dbtest.One[int](t, s.DB, `SELECT COUNT(*) FROM users`); n != 5 {
		t.Errorf("%d accounts, want root, mod, ann, first and demoted", n)
	}
}

// A minute before its end an invitation works, and afterwards it does not.
func TestAnInvitationEndsInTime(t *testing.T) {
	t.Parallel()
	s := openSalon(t, chat.RegistrationInvite)
	_, token := s.invite(t, s.root, chat.NewInvitation{Days: 1})
	_, forever := s.invite(t, s.root, chat.NewInvitation{})
	s.Clock.Move(24*time.Hour - time.Millisecond)
	_, err := s.Community.Invitation(t.Context(), token)
	must(t, err)
	s.Clock.Move(time.Millisecond)
	if _, err := s.Community.Invitation(t.Context(), token); !errors.Is(err, chat.ErrNotFound) {
		t.Error(err)
	}
	s.Clock.Move(10000 * time.Hour)
	_, err = s.Community.Invitation(t.Context(), forever)
	must(t, err)
}

func TestAClosedCommunityTakesNobody(t *testing.T) {
	t.Parallel()
	s := openSalon(t, chat.RegistrationClosed)
	id, token := s.invite(t, s.root, chat.NewInvitation{Room: s.hall})
	if _, err := s.register(t, "eve", token); !errors.Is(err, chat.ErrForbidden) {
		t.Error(err)
	}
	if s.used(t, id) != 0 {
		t.Error("it was counted")
	}
	// Those who are in already may follow it into its room.
	room, err := s.Community.AcceptInvitation(t.Context(), chat.Actor{User: s.ann}, token)
	must(t, err)
	if room != s.hall || !s.in(t, s.ann, s.hall) {
		t.Errorf("room %d", room)
	}
}

// Twenty people follow a link at once that may be used once more.
func TestS06_TheLastUseOfAnInvitationIsOnes(t *testing.T) {
	t.Parallel()
	s := openSalon(t, chat.RegistrationInvite)
	id, token := s.invite(t, s.mod, chat.NewInvitation{Uses: 5, Room: s.attic})
	s.Exec(t, `UPDATE invitations SET used = 4`)
	var all sync.WaitGroup
	answers := make(chan error, 40)
	for i := range 20 {
		all.Go(func() {
			_, err := s.register(t, fmt.Sprintf("guest-%d", i), token)
			answers <- err
		})
		member := s.NewPerson(t, fmt.Sprintf("member-%d", i))
		all.Go(func() {
			_, err := s.Community.AcceptInvitation(t.Context(), chat.Actor{User: member}, token)
			answers <- err
		})
	}
	all.Wait()
	close(answers)
	won := 0
	for err := range answers {
		var gone *chat.Invalid
		switch {
		case err == nil:
			won++
		case errors.As(err, &gone) && gone.Sentence == "invitation.gone", errors.Is(err, chat.ErrNotFound):
		default:
			t.Error(err)
		}
	}
	members := dbtest.One[int](t, s.DB, `SELECT members FROM rooms WHERE id = $1`, s.attic)
	if won != 1 || s.used(t, id) != 5 || members != 2 {
		t.Errorf("%d won, used %d times, %d members", won, s.used(t, id), members)
	}
	if n := dbtest.One[int](t, s.DB, `SELECT COUNT(*) FROM memberships WHERE room_id = $1`, s.attic); n != members {
		t.Errorf("%d memberships of %d members", n, members)
	}
	if guests := dbtest.One[int](t, s.DB, `SELECT COUNT(*) FROM users WHERE username LIKE 'guest%'`); guests > 1 {
		t.Errorf("%d accounts", guests)
	}
}

func TestAcceptInvitation(t *testing.T) {
	t.Parallel()
	s := openSalon(t, chat.RegistrationInvite)
	id, token := s.invite(t, s.mod, chat.NewInvitation{Uses: 1, Room: s.attic})
	elsewhere, nowhere := s.invite(t, s.mod, chat.NewInvitation{Uses: 1})
	accept := func(user chat.UserID, token string, want chat.RoomID) {
		t.Helper()
		room, err := s.Community.AcceptInvitation(t.Context(), chat.Actor{User: user}, token)
		must(t, err)
		if room != want {
			t.Errorf("room %d, want %d", room, want)
		}
	}
	accept(s.ann, nowhere, 0)
	accept(s.mod, token, s.attic) // who is in already
	if s.used(t, id) != 0 || s.used(t, elsewhere) != 0 {
		t.Error("counted what changed nothing")
	}
	accept(s.ann, token, s.attic)
	if s.used(t, id) != 1 || !s.in(t, s.ann, s.attic) {
		t.Errorf("used %d times", s.used(t, id))
	}
}

// Nobody shows others a room that they left.
func TestAnInvitationToALostRoom(t *testing.T) {
	t.Parallel()
	s := openSalon(t, chat.RegistrationInvite)
	_, token := s.invite(t, s.mod, chat.NewInvitation{Room: s.attic})
	must(t, s.Community.Leave(t.Context(), s.mod, s.attic))
	i, err := s.Community.Invitation(t.Context(), token)
	must(t, err)
	if i.RoomName != "" {
		t.Errorf("it tells of %s", i.RoomName)
	}
	if _, err := s.Community.AcceptInvitation(t.Context(), chat.Actor{User: s.ann}, token); !errors.Is(err, chat.ErrNotFound) {
		t.Error(err)
	}
	eve, err := s.register(t, "eve", token)
	must(t, err)
	if s.in(t, eve.ID, s.attic) || s.in(t, s.ann, s.attic) {
		t.Error("somebody is in")
	}
}

func TestRevokeInvitation(t *testing.T) {
	t.Parallel()
	s := openSalon(t, chat.RegistrationInvite)
	mods, token := s.invite(t, s.mod, chat.NewInvitation{Room: s.attic})
	roots, _ := s.invite(t, s.root, chat.NewInvitation{Room: s.hall})
	for name, c := range map[string]struct {
		by  chat.UserID
		id  int64
		err error
	}{
		"a member":              {s.ann, mods, chat.ErrForbidden},
		"a moderator, others'":  {s.mod, roots, chat.ErrNotFound},
		"one that is not there": {s.root, 404, chat.ErrNotFound},
	} {
		if err := s.Community.RevokeInvitation(t.Context(), chat.Actor{User: c.by}, c.id); !errors.Is(err, c.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	eve, err := s.register(t, "eve", token)
	must(t, err)
	for range 2 { // the second changes nothing
		must(t, s.Community.RevokeInvitation(t.Context(), chat.Actor{User: s.root}, mods))
		s.Clock.Move(time.Minute)
	}
	must(t, s.Community.RevokeInvitation(t.Context(), chat.Actor{User: s.root}, roots))
	if _, err := s.register(t, "late", token); err == nil {
		t.Error("it still works")
	}
	if !s.in(t, eve.ID, s.attic) {
		t.Error("whoever it brought is gone")
	}
	seen := func(viewer chat.UserID) (list []string) {
		all, err := s.Invitations(t.Context(), viewer, s.Clock.Now())
		must(t, err)
		for _, i := range all {
			list = append(list, fmt.Sprint(i.ID, " ", i.By.Username, " ", i.RoomName, " ", i.Over(s.Clock.Now())))
		}
		return list
	}
	live, _ := s.invite(t, s.mod, chat.NewInvitation{})
	same(t, seen(s.root), []string{fmt.Sprint(live, " mod  false"), fmt.Sprint(roots, " root Hall true"), fmt.Sprint(mods, " mod  true")})
	same(t, seen(s.mod), []string{fmt.Sprint(live, " mod  false"), fmt.Sprint(mods, " mod Attic true")})
	same(t, seen(s.ann), nil)
	for viewer, want := range map[chat.UserID]error{s.root: nil, s.mod: nil, s.ann: chat.ErrNotFound} {
		if i, err := s.InvitationOf(t.Context(), viewer, mods); !errors.Is(err, want) || want == nil && i.ID != mods {
			t.Errorf("%d: %+v, %v", viewer, i, err)
		}
	}
	if _, err := s.InvitationOf(t.Context(), s.mod, roots); !errors.Is(err, chat.ErrNotFound) {
		t.Error(err)
	}
}
