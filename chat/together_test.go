package chat_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// crowd is a community of administrators who change each other, on two nodes, or on a server and a command beside it.
type crowd struct {
	salon
	on     [2]*dbtest.DB
	people []chat.UserID
}

func openCrowd(t *testing.T, administrators int) crowd {
	t.Helper()
	c := crowd{salon: openSalon(t, chat.RegistrationOpen)}
	c.on = [2]*dbtest.DB{c.DB, dbtest.OpenIn(t, c.Place)}
	for _, d := range c.on {
		d.Community.UseMail(true)
	}
	for i := range administrators {
		user := c.NewPerson(t, fmt.Sprint("admin-", i))
		c.Exec(t, `UPDATE users SET role = 'admin' WHERE id = $1`, user)
		must(t, c.Community.Join(t.Context(), user, c.hall))
		c.people = append(c.people, user)
	}
	return c
}

// enters gives somebody a session as signing in does, which looks whether they may. It says whether they got one.
func (c crowd) enters(t *testing.T, on *dbtest.DB, user chat.UserID) (s chat.Session, ok bool) {
	t.Helper()
	s.Hash = chat.SessionHash(chat.NewToken(32))
	must(t, on.Write(t.Context(), 0, func(tx chat.Tx) error {
		account, err := tx.AccountByID(user)
		ok = err == nil && !account.Disabled
		if !ok {
			return err
		}
		s.User = account.User
		return tx.CreateSession(chat.SessionRow{Hash: s.Hash, User: user, SignedInAt: on.Clock.Now()})
	}))
	return s, ok
}

// acts is one thing that somebody does at random in a session of theirs: mostly to somebody else.
func (c crowd) acts(t *testing.T, on *dbtest.DB, invitation string) error {
	t.Helper()
	me, other := c.people[rand.N(len(c.people))], c.people[rand.N(len(c.people))]
	s, ok := c.enters(t, on, me)
	if !ok {
		return nil
	}
	ctx, by := chat.WithSession(t.Context(), s.Hash), chat.Actor{User: me, Address: "192.0.2.1"}
	roles := []chat.Role{chat.RoleMember, chat.RoleModerator, chat.RoleAdmin, chat.RoleAdmin}
	does := []func() error{
		func() error { return on.Community.SetRole(ctx, by, other, roles[rand.N(len(roles))]) },
		func() error { return on.Community.SetRole(t.Context(), chat.Actor{}, other, chat.RoleAdmin) },
		func() error { return on.Community.Disable(ctx, by, other) },
		func() error { return on.Community.Enable(t.Context(), chat.Actor{}, other) },
		func() error { return on.Community.EndSessions(ctx, chat.Actor{User: me}, s.Hash) },
		func() error { return on.Community.Leave(ctx, me, c.hall) },
		func() error { return on.Community.Join(ctx, me, c.hall) },
		func() error { _, err := on.Community.AcceptInvitation(ctx, by, invitation); return err },
		func() error {
			_, err := on.Community.Post(ctx, me, c.hall, "hello", chat.NewToken(16))
			return err
		},
		func() error { return on.Community.Delete(ctx, chat.Actor{User: me}, c.hall, chat.Seq(1+rand.N(20))) },
		func() error { return on.Community.ChangeEmail(ctx, by, fmt.Sprintf("%s@x.test", chat.NewToken(4))) },
		func() error {
			_, err := on.Community.MakeResetLink(ctx, by, other)
			return err
		},
		func() error {
			return on.Community.ChangeCommunity(ctx, by, fmt.Sprint("Pub ", rand.N(3)), chat.RegistrationOpen, "UTC")
		},
		func() error {
			if rand.N(8) > 0 {
				return nil
			}
			return on.Community.DeleteAccount(ctx, s, by, true)
		},
	}
	return does[rand.N(len(does))]()
}

// isRefusal says whether a rule said no, rather than that something went wrong.
func isRefusal(err error) bool {
	var invalid *chat.Invalid
	return errors.As(err, &invalid) || errors.Is(err, chat.ErrForbidden) || errors.Is(err, chat.ErrNotFound) || errors.Is(err, chat.ErrSignedOut)
}

// replayed is what became of people by the log alone. It looks whether each line follows on the ones before it.
func (c crowd) replayed(t *testing.T) (role map[chat.UserID]string, disabled map[chat.UserID]bool) {
	t.Helper()
	role, disabled = map[chat.UserID]string{}, map[chat.UserID]bool{}
	for _, admin := range append(c.people, c.root) {
		role[admin] = "admin"
	}
	last := int64(0)
	for _, e := range c.wholeLog(t) {
		if e.ID != last+1 {
			t.Errorf("line %d after %d", e.ID, last)
		}
		last = e.ID
		switch e.Action {
		case chat.RoleChanged:
			from, to, _ := strings.Cut(e.Detail, " → ")
			if role[e.User] != from || from == to {
				t.Errorf("line %d: %s was %s", e.ID, e.Detail, role[e.User])
			}
			role[e.User] = to
		case chat.UserDisabled, chat.UserEnabled:
			if off := e.Action == chat.UserDisabled; disabled[e.User] == off {
				t.Errorf("line %d: %s twice", e.ID, e.Action)
			} else {
				disabled[e.User] = off
			}
		case chat.UserDeleted:
			role[e.User], disabled[e.User] = "member", true
		}
		some := false
		for user := range role {
			some = some || role[user] == "admin" && !disabled[user]
		}
		if !some {
			t.Errorf("line %d leaves no administrator", e.ID)
		}
	}
	return role, disabled
}

// wholeLog is all that was written down, oldest first.
func (c crowd) wholeLog(t *testing.T) (list []chat.Entry) {
	t.Helper()
	for q := (db.AuditQuery{}); ; {
		page, err := c.Audit(t.Context(), q)
		must(t, err)
		for _, e := range page.Entries {
			list = append([]chat.Entry{e.Entry}, list...)
		}
		if q.Before = page.Before; q.Before == 0 {
			return list
		}
	}
}

// Whatever people do to each other at the same moment: somebody administers, who is kept out is out, and the log tells how all
// of it came to be, in that order.
func TestAdministratorsAtOnce(t *testing.T) {
	t.Parallel()
	c := openCrowd(t, 6)

	const uses = 5
	id, token := c.invite(t, c.mod, chat.NewInvitation{Uses: uses, Room: c.hall})
	for range 20 {
		c.Post(t, c.root, c.hall, "hello")
	}
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for range 60 {
				if err := c.acts(t, c.on[w%2], token); err != nil && !isRefusal(err) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	role, disabled := c.replayed(t)
	for _, user := range c.people {
		is := dbtest.One[string](t, c.DB, `SELECT role || ' ' || CASE WHEN disabled THEN 'off' ELSE 'on' END FROM users WHERE id = $1`, user)
		want := role[user] + " on"
		if disabled[user] {
			want = role[user] + " off"
		}
		if is != want {
			t.Errorf("%d is %s, and by the log %s", user, is, want)
		}
	}
	for what, text := range map[string]string{
		"sessions of people who are kept out": `SELECT COUNT(*) FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.disabled`,
		"rooms with a wrong count":            `SELECT COUNT(*) FROM rooms r WHERE members <> (SELECT COUNT(*) FROM memberships m WHERE m.room_id = r.id)`,
		"uses too many":                       fmt.Sprintf(`SELECT COUNT(*) FROM invitations WHERE id = %d AND used > %d`, id, uses),
		"uses that were not written down": `SELECT COUNT(*) FROM invitations i
			WHERE used <> (SELECT COUNT(*) FROM audit a WHERE a.action = 'invitation.used' AND a.detail = CAST(i.id AS TEXT))`,
		"links that lead to somebody who is gone": `SELECT COUNT(*) FROM links l JOIN users u ON u.id = l.user_id WHERE u.deleted_at > 0`,
		"people who can sign in without a name":   `SELECT COUNT(*) FROM users WHERE username = '' AND NOT disabled`,
	} {
		if n := dbtest.One[int](t, c.DB, text); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
}
