package chat_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// log is what was written down, oldest first, without numbers and times.
func (s salon) log(t *testing.T) (list []chat.Entry) {
	t.Helper()
	page, err := s.Audit(t.Context(), db.AuditQuery{})
	must(t, err)
	for _, e := range page.Entries {
		if e.ID == 0 || e.At.IsZero() {
			t.Errorf("%+v", e)
		}
		e.Entry.ID, e.Entry.At = 0, time.Time{}
		list = append(list, e.Entry)
	}
	slices.Reverse(list)
	return list
}

// signedIn gives somebody a session.
func (s salon) signedIn(t *testing.T, user chat.UserID) chat.SessionHash {
	t.Helper()
	hash := chat.SessionHash(chat.NewToken(32))
	must(t, s.Write(t.Context(), 0, func(tx chat.Tx) error {
		return tx.CreateSession(chat.SessionRow{Hash: hash, User: user, SignedInAt: s.Clock.Now()})
	}))
	return hash
}

func (s salon) role(t *testing.T, user chat.UserID) chat.Role {
	t.Helper()
	return chat.Role(dbtest.One[string](t, s.DB, `SELECT role FROM users WHERE id = $1`, user))
}

func TestChangeCommunity(t *testing.T) {
	t.Parallel()
	s := openSalon(t, chat.RegistrationInvite)
	const open = chat.RegistrationOpen
	for name, c := range map[string]struct {
		by           chat.UserID
		name         string
		registration chat.Registration
		zone         string
		err          error
		field, wrong string
	}{
		"a moderator":           {by: s.mod, name: "Ours", registration: open, zone: "UTC", err: chat.ErrForbidden},
		"a member":              {by: s.ann, name: "Ours", registration: open, zone: "UTC", err: chat.ErrForbidden},
		"no name":               {by: s.root, name: " ", registration: open, zone: "UTC", field: "community", wrong: "community.missing"},
		"a long name":           {by: s.root, name: strings.Repeat("é", 81), registration: open, zone: "UTC", field: "community", wrong: "community.long"},
		"no registration":       {by: s.root, name: "Ours", zone: "UTC", field: "registration", wrong: "registration.missing"},
		"no zone":               {by: s.root, name: "Ours", registration: open, field: "zone", wrong: "zone.unknown"},
		"the machine's zone":    {by: s.root, name: "Ours", registration: open, zone: "Local", field: "zone", wrong: "zone.unknown"},
		"no such zone":          {by: s.root, name: "Ours", registration: open, zone: "Mars/Olympus", field: "zone", wrong: "zone.unknown"},
		"a zone out of the way": {by: s.root, name: "Ours", registration: open, zone: "../../etc/passwd", field: "zone", wrong: "zone.unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			err := s.Community.ChangeCommunity(t.Context(), chat.Actor{User: c.by}, c.name, c.registration, c.zone)
			if c.wrong != "" {
				refused(t, err, c.field, c.wrong)
			} else if !errors.Is(err, c.err) {
				t.Errorf("%v, want %v", err, c.err)
			}
		})
	}
	want, err := s.Settings(t.Context())
	must(t, err)
	for range 2 { // the second changes nothing
		must(t, s.Community.ChangeCommunity(t.Context(), chat.Actor{User: s.root, Address: "192.0.2.9"}, " Ours\n", open, "Europe/Berlin"))
	}
	got, err := s.Settings(t.Context())
	must(t, err)
	want.Name, want.Registration, want.Zone = "Ours", open, "Europe/Berlin"
	same(t, got, want)
	same(t, s.log(t), []chat.Entry{{
		ActorID: s.root, Action: chat.SettingsChanged, Address: "192.0.2.9",
		Detail: "name: Test → Ours; registration: invite → open; zone: UTC → Europe/Berlin",
	}})
}

func TestSetRole(t *testing.T) {
	t.Parallel()
	s := openSalon(t, chat.RegistrationInvite)
	gone := s.NewPerson(t, "gone")
	s.Exec(t, `UPDATE users SET username = '', username_key = 'deleted/x' WHERE id = $1`, gone)
	for name, c := range map[string]struct {
		by, user chat.UserID
		role     chat.Role
		err      error
		field    string
		wrong    string
	}{
		"by a moderator":       {by: s.mod, user: s.ann, role: chat.RoleModerator, err: chat.ErrForbidden},
		"by a member":          {by: s.ann, user: s.ann, role: chat.RoleAdmin, err: chat.ErrForbidden},
		"by nobody":            {by: 404, user: s.ann, role: chat.RoleAdmin, err: chat.ErrNotFound},
		"of nobody":            {by: s.root, user: 404, role: chat.RoleAdmin, err: chat.ErrNotFound},
		"of a deleted account": {by: s.root, user: gone, role: chat.RoleAdmin, err: chat.ErrNotFound},
		"no role":              {by: s.root, user: s.ann, field: "role", wrong: "role.missing"},
		"no such role":         {by: s.root, user: s.ann, role: "owner", field: "role", wrong: "role.missing"},
		"one's own":            {by: s.root, user: s.root, role: chat.RoleMember, wrong: "role.own"},
		"the last by command":  {by: 0, user: s.root, role: chat.RoleMember, wrong: "role.last"},
	} {
		t.Run(name, func(t *testing.T) {
			err := s.Community.SetRole(t.Context(), chat.Actor{User: c.by}, c.user, c.role)
			if c.wrong != "" {
				refused(t, err, c.field, c.wrong)
			} else if !errors.Is(err, c.err) {
				t.Errorf("%v, want %v", err, c.err)
			}
		})
	}
	same(t, s.log(t), nil)
	if s.role(t, s.root) != chat.RoleAdmin || s.role(t, s.ann) != chat.RoleMember {
		t.Error("a role was changed all the same")
	}
	anns, mods := s.signedIn(t, s.ann), s.signedIn(t, s.mod)
	rev, err := s.SecurityRev(t.Context())
	must(t, err)
	by := chat.Actor{User: s.root, Address: "192.0.2.9"}
	must(t, s.Community.SetRole(t.Context(), by, s.ann, chat.RoleAdmin))
	must(t, s.Community.SetRole(t.Context(), by, s.mod, chat.RoleModerator)) // which they are
	must(t, s.Community.SetRole(t.Context(), chat.Actor{}, s.root, chat.RoleMember))
	if s.role(t, s.ann) != chat.RoleAdmin || s.role(t, s.root) != chat.RoleMember {
		t.Error("the roles are as they were")
	}
	if _, err := s.Session(t.Context(), anns); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("ann goes on as what she was: %v", err)
	}
	_, err = s.Session(t.Context(), mods)
	must(t, err)
	if now, err := s.SecurityRev(t.Context()); err != nil || now <= rev {
		t.Errorf("security_rev %d after %d, %v", now, rev, err)
	}
	if !s.Events.Has(chat.Event{Kind: chat.SessionEnded, User: s.ann}) {
		t.Error("nobody was told")
	}
	same(t, s.log(t), []chat.Entry{
		{ActorID: s.root, Action: chat.RoleChanged, User: s.ann, Address: "192.0.2.9", Detail: "member → admin"},
		{Action: chat.RoleChanged, User: s.root, Detail: "admin → member"},
	})
}

// Two administrators take each other's role at once: one of them stays.
func TestTheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(s salon, by, user chat.UserID) error{
		"of each other's role": func(s salon, by, user chat.UserID) error {
			return s.Community.SetRole(t.Context(), chat.Actor{User: by}, user, chat.RoleMember)
		},
		"of each other": func(s salon, by, user chat.UserID) error {
			return s.Community.Disable(t.Context(), chat.Actor{User: by}, user)
		},
		"by going": func(s salon, by, _ chat.UserID) error {
			hash := s.signedIn(t, by)
			return s.Community.DeleteAccount(t.Context(), chat.Session{Hash: hash, User: chat.User{ID: by}}, chat.Actor{User: by}, false)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openSalon(t, chat.RegistrationInvite)
			s.Exec(t, `UPDATE users SET role = 'admin' WHERE id = $1`, s.ann)
			var all sync.WaitGroup
			answers := make(chan error, 2)
			all.Go(func() { answers <- act(s, s.root, s.ann) })
			all.Go(func() { answers <- act(s, s.ann, s.root) })
			all.Wait()
			close(answers)
			refusals := 0
			for err := range answers {
				if err != nil {
					refusals++
				}
			}
			if n := dbtest.One[int](t, s.DB, `SELECT COUNT(*) FROM users WHERE role = 'admin' AND NOT disabled`); n != 1 || refusals != 1 {
				t.Errorf("%d administrators after %d refusals", n, refusals)
			}
		})
	}
}

func TestDisable(t *testing.T) {
	t.Parallel()
	s := openSalon(t, chat.RegistrationInvite)
	by := chat.Actor{User: s.root, Address: "192.0.2.9"}
	refused(t, s.Community.Disable(t.Context(), by, s.root), "", "disable.own")
	refused(t, s.Community.Disable(t.Context(), chat.Actor{}, s.root), "", "disable.last")
	for _, who := range []chat.UserID{s.mod, s.ann} {
		if err := s.Community.Disable(t.Context(), chat.Actor{User: who}, s.root); !errors.Is(err, chat.ErrForbidden) {
			t.Error(err)
		}
		if err := s.Community.Enable(t.Context(), chat.Actor{User: who}, s.root); !errors.Is(err, chat.ErrForbidden) {
			t.Error(err)
		}
	}
	if err := s.Community.Disable(t.Context(), by, 404); !errors.Is(err, chat.ErrNotFound) {
		t.Error(err)
	}
	hash := s.signedIn(t, s.ann)
	for range 2 { // the second changes nothing
		must(t, s.Community.Disable(t.Context(), by, s.ann))
	}
	if !s.Events.Has(chat.Event{Kind: chat.SessionEnded, User: s.ann}) {
		t.Error("nobody was told")
	}
	if n := dbtest.One[int](t, s.DB, `SELECT COUNT(*) FROM sessions`); n != 0 {
		t.Errorf("%d sessions", n)
	}
	refused(t, s.Community.AddMember(t.Context(), s.root, s.hall, "ann"), "username", "member.unknown")
	for range 2 {
		must(t, s.Community.Enable(t.Context(), by, s.ann))
	}
	if _, err := s.Session(t.Context(), hash); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("the old session is back: %v", err)
	}
	must(t, s.Community.AddMember(t.Context(), s.root, s.hall, "ann"))
	same(t, s.log(t), []chat.Entry{
		{ActorID: s.root, Action: chat.UserDisabled, User: s.ann, Address: "192.0.2.9"},
		{ActorID: s.root, Action: chat.UserEnabled, User: s.ann, Address: "192.0.2.9"},
	})
	// An administrator who is disabled administers nothing, even in a request that was on its way.
	s.Exec(t, `UPDATE users SET role = 'admin', disabled = TRUE WHERE id = $1`, s.mod)
	if err := s.Community.Disable(t.Context(), chat.Actor{User: s.mod}, s.ann); !errors.Is(err, chat.ErrForbidden) {
		t.Error(err)
	}
}
