package chat_test

import (
	"errors"
	"testing"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

// house is a community with two rooms: ann owns both, mia is a member of both, eve of none.
type house struct {
	*dbtest.DB
	ann, mia, eve   chat.UserID
	public, private chat.RoomID
}

func openHouse(t *testing.T) house {
	t.Helper()
	h := house{DB: open(t)}
	h.ann, h.mia, h.eve = h.NewPerson(t, "ann"), h.NewPerson(t, "mia"), h.NewPerson(t, "Eve")
	h.public = h.NewRoom(t, chat.RoomPublic, "Hall", h.ann, h.mia)
	h.private = h.NewRoom(t, chat.RoomPrivate, "Attic", h.ann, h.mia)
	return h
}

// joined says whether somebody is in a room.
func (h house) joined(t *testing.T, user chat.UserID, room chat.RoomID) bool {
	t.Helper()
	return dbtest.One[int](t, h.DB, `SELECT COUNT(*) FROM memberships WHERE user_id = $1 AND room_id = $2`, user, room) == 1
}

func TestJoin(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	h.Post(t, h.ann, h.public, "one")
	h.Post(t, h.ann, h.public, "two")
	must(t, h.Community.Join(t.Context(), h.eve, h.public))
	seen, err := h.DB.Room(t.Context(), h.eve, h.public)
	must(t, err)
	same(t, seen.Membership, &chat.Membership{Room: h.public, User: h.eve, Role: chat.MemberPlain, ReadSeq: 2, JoinedAt: h.Clock.Now()})

	must(t, h.Community.Join(t.Context(), h.ann, h.public)) // again
	if seen, err = h.DB.Room(t.Context(), h.ann, h.public); err != nil || seen.Membership.Role != chat.MemberOwner || seen.Members != 3 {
		t.Errorf("joining twice made %+v, %v", seen, err)
	}
	for name, room := range map[string]chat.RoomID{"hidden": h.private, "missing": 404} {
		if err := h.Community.Join(t.Context(), h.eve, room); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if h.joined(t, h.eve, h.private) {
		t.Error("in by joining")
	}
}

func TestLeave(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	before, err := h.SecurityRev(t.Context())
	must(t, err)
	must(t, h.Community.Leave(t.Context(), h.mia, h.private))
	if _, err := h.DB.Room(t.Context(), h.mia, h.private); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("still there: %v", err)
	}
	if !h.joined(t, h.ann, h.private) || !h.joined(t, h.mia, h.public) {
		t.Error("somebody else left too, or from another room")
	}
	told := []chat.Event{{Kind: chat.MemberLeft, Room: h.private, User: h.mia}}
	same(t, h.Events.List(), told)
	after, err := h.SecurityRev(t.Context())
	must(t, err)
	if after <= before {
		t.Errorf("security_rev %d after %d", after, before)
	}

	must(t, h.Community.Leave(t.Context(), h.eve, h.public)) // never was in
	for name, room := range map[string]chat.RoomID{"hidden": h.private, "missing": 404} {
		if err := h.Community.Leave(t.Context(), h.eve, room); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	same(t, h.Events.List(), told)
	if again, err := h.SecurityRev(t.Context()); err != nil || again != after {
		t.Errorf("security_rev moved to %d for nothing: %v", again, err)
	}

	must(t, h.Community.Leave(t.Context(), h.ann, h.private)) // the last one
	if n := dbtest.One[int](t, h.DB, `SELECT members FROM rooms WHERE id = $1`, h.private); n != 0 {
		t.Errorf("%d members", n)
	}
}

func TestAddMember(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	bob := h.NewPerson(t, "bob")
	h.Exec(t, `UPDATE users SET disabled = TRUE WHERE id = $1`, bob)
	h.Post(t, h.ann, h.private, "hello")
	for _, c := range []struct {
		name     string
		viewer   chat.UserID
		room     chat.RoomID
		username string
		err      error
		wrong    string
	}{
		{"by an outsider", h.eve, h.private, "Eve", chat.ErrNotFound, ""},
		{"to a room that is not there", h.ann, 404, "Eve", chat.ErrNotFound, ""},
		{"by a guest", h.eve, h.public, "Eve", chat.ErrForbidden, ""},
		{"nobody", h.ann, h.private, "nobody", nil, "member.unknown"},
		{"no name", h.ann, h.private, " ", nil, "member.unknown"},
		{"somebody disabled", h.ann, h.private, "bob", nil, "member.unknown"},
		{"by a plain member, any case", h.mia, h.private, " eVE ", nil, ""},
		{"who is in already", h.ann, h.private, "mia", nil, ""},
		{"the owner, by a plain member", h.mia, h.private, "ann", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := h.Community.AddMember(t.Context(), c.viewer, c.room, c.username)
			switch {
			case c.wrong != "":
				refused(t, err, "username", c.wrong)
			case !errors.Is(err, c.err):
				t.Errorf("%v, want %v", err, c.err)
			}
		})
	}
	seen, err := h.DB.Room(t.Context(), h.eve, h.private)
	must(t, err)
	same(t, seen.Membership, &chat.Membership{Room: h.private, User: h.eve, Role: chat.MemberPlain, ReadSeq: 1, JoinedAt: h.Clock.Now()})
	if seen.Members != 3 || h.joined(t, bob, h.private) || h.joined(t, h.eve, h.public) {
		t.Errorf("%+v", seen)
	}
	if seen, err = h.DB.Room(t.Context(), h.ann, h.private); err != nil || seen.Membership.Role != chat.MemberOwner {
		t.Errorf("the owner is %+v, %v", seen.Membership, err)
	}
}
