package chat_test

import (
	"errors"
	"testing"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

func TestS11_EndingOneSession(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := member(t, d, "ann")
	bob := member(t, d, "bob")
	here, there, bobs := signsIn(t, d, "ann"), signsIn(t, d, "ann"), signsIn(t, d, "bob")
	before := securityRev(t, d)
	inSession := chat.WithSession(t.Context(), here.Hash)
	for name, hash := range map[string]chat.SessionHash{"somebody else's": bobs.Hash, "none": "no such session", "nothing": ""} {
		if err := d.Community.EndSession(inSession, chat.Actor{User: ann.ID}, hash); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if hasEnded(t, d, bobs) || securityRev(t, d) != before || len(d.Events.List()) != 0 {
		t.Errorf("and did something: %+v", d.Events.List())
	}
	must(t, d.Community.EndSession(inSession, chat.Actor{User: ann.ID, Address: "192.0.2.1"}, there.Hash))
	same(t, dbtest.All[string](t, d, `SELECT action || ' ' || detail || ' ' || address FROM audit WHERE actor_id = $1 AND action = 'sessions.ended'`, ann.ID),
		[]string{"sessions.ended one 192.0.2.1"})
	if !hasEnded(t, d, there) || replaced(t, d, there) || hasEnded(t, d, here) || securityRev(t, d) <= before {
		t.Error("it goes on, or another ended, or no node is told")
	}
	same(t, d.Events.List(), []chat.Event{{Kind: chat.SessionEnded, Session: there.Hash, User: ann.ID}})
	must(t, d.Community.SignOut(t.Context(), bobs.Hash))
	if err := d.Community.EndSession(chat.WithSession(t.Context(), bobs.Hash), chat.Actor{User: bob.ID}, here.Hash); !errors.Is(err, chat.ErrSignedOut) {
		t.Errorf("in a session that ended: %v", err)
	}
}

func TestS11_EndingAllSessions(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := member(t, d, "ann")
	member(t, d, "bob")
	here, there, bobs := signsIn(t, d, "ann"), signsIn(t, d, "ann"), signsIn(t, d, "bob")
	before := securityRev(t, d)
	must(t, d.Community.EndSessions(t.Context(), chat.Actor{User: ann.ID}, here.Hash))
	if hasEnded(t, d, here) || !hasEnded(t, d, there) || hasEnded(t, d, bobs) {
		t.Error("but one")
	}
	between := securityRev(t, d)
	must(t, d.Community.EndSessions(t.Context(), chat.Actor{User: ann.ID}, ""))
	if !hasEnded(t, d, here) || hasEnded(t, d, bobs) {
		t.Error("all of them")
	}
	if after := securityRev(t, d); between <= before || after <= between {
		t.Errorf("security_rev %d, %d, %d", before, between, after)
	}
	ended := chat.Event{Kind: chat.SessionEnded, User: ann.ID}
	same(t, d.Events.List(), []chat.Event{ended, ended})
}
