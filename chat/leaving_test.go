package chat_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// deleteAccount ends somebody's account, in a session of theirs.
func (s salon) deleteAccount(t *testing.T, user chat.UserID, erase bool) {
	t.Helper()
	session, err := s.Session(t.Context(), s.signedIn(t, user))
	must(t, err)
	must(t, s.Community.DeleteAccount(t.Context(), session, chat.Actor{User: user, Address: "192.0.2.3"}, erase))
}

// leaveAll does what the account left to be done.
func (s salon) leaveAll(t *testing.T) {
	t.Helper()
	for {
		job, taken, err := s.Community.TakeJob(t.Context())
		must(t, err)
		if !taken {
			return
		}
		if job.Kind != chat.JobAccountLeave {
			t.Fatalf("%+v", job)
		}
		must(t, s.Community.LeaveAll(t.Context(), job.Payload.User, job.Payload.Erase))
		must(t, s.Community.FinishJob(t.Context(), job))
	}
}

func TestDeleteAccount(t *testing.T) {
	t.Parallel()
	s := openSalon(t, chat.RegistrationOpen)
	s.Exec(t, `UPDATE users SET display_name = 'Ann Secret', email = 'ann@secret.test', email_key = 'ann@secret.test', email_verified = TRUE,
		password_hash = '$secret' WHERE id = $1`, s.ann)
	must(t, s.Community.Join(t.Context(), s.ann, s.hall))
	must(t, s.Community.AddMember(t.Context(), s.mod, s.attic, "ann"))
	s.Post(t, s.ann, s.hall, "it stays")
	other := s.signedIn(t, s.ann)
	before, err := s.Settings(t.Context())
	must(t, err)
	s.deleteAccount(t, s.ann, false)

	// At once there is nobody of that name, in no session, and nothing is kept of who it was.
	if _, err := s.Session(t.Context(), other); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("a session goes on: %v", err)
	}
	for _, key := range []string{"ann", "ann@secret.test", "Ann Secret"} {
		if account, err := s.Account(t.Context(), chat.NameKey(key)); !errors.Is(err, chat.ErrNotFound) {
			t.Errorf("%s: %+v, %v", key, account, err)
		}
	}
	refused(t, s.Community.AddMember(t.Context(), s.mod, s.attic, "ann"), "username", "member.unknown")
	refused(t, s.Community.AddMember(t.Context(), s.mod, s.attic, fmt.Sprintf("deleted/%d", s.ann)), "username", "member.unknown")
	if _, _, err := s.Community.SignIn(t.Context(), chat.Visit{}, fmt.Sprintf("deleted/%d", s.ann), ""); err == nil {
		t.Error("signed in to it")
	}
	members, err := s.Members(t.Context(), s.root, s.hall)
	must(t, err)
	people, err := s.People(t.Context(), db.PeopleQuery{})
	must(t, err)
	if len(members) != 1 || len(people.People) != 2 {
		t.Errorf("%d members, %d people", len(members), len(people.People))
	}
	same(t, dbtest.All[string](t, s.DB, `SELECT display_name || email || email_key || password_hash || role FROM users WHERE username = ''`),
		[]string{"member"})
	after, err := s.Settings(t.Context())
	must(t, err)
	if after.FacesRev <= before.FacesRev {
		t.Error("what was drawn before is not drawn again")
	}
	page, err := s.History(t.Context(), s.root, s.hall, db.Page{})
	must(t, err)
	if author := page.Messages[0].Author; !author.Deleted() || author.ID != s.ann || author.Name() != "" || page.Messages[0].Gone() {
		t.Errorf("%+v", page.Messages[0])
	}
	same(t, s.log(t), []chat.Entry{{ActorID: s.ann, Action: chat.UserDeleted, User: s.ann, Address: "192.0.2.3", Detail: "keep"}})

	// Soon after they have left, and what they said stays.
	s.leaveAll(t)
	for _, room := range []chat.RoomID{s.hall, s.attic} {
		seen, err := s.DB.Room(t.Context(), s.mod, room)
		must(t, err)
		if s.in(t, s.ann, room) || seen.Members != 1 || !s.Events.Has(chat.Event{Kind: chat.MemberLeft, Room: room, User: s.ann}) {
			t.Errorf("room %d: %+v", room, seen)
		}
	}
	same(t, dbtest.All[string](t, s.DB, `SELECT body FROM messages`), []string{"it stays"})

	// The name is free, and whoever takes it is somebody else.
	second, err := s.register(t, "ann", "")
	must(t, err)
	if second.ID == s.ann {
		t.Error("the same number again")
	}
	s.deleteAccount(t, second.ID, false) // a name may be given up twice
}

// What was still to be mailed to somebody is not kept when they go.
func TestNoMailWaitsForWhoIsGone(t *testing.T) {
	t.Parallel()
	s := openSalon(t, chat.RegistrationOpen)
	s.Community.UseMail(true)
	must(t, s.Community.ChangeEmail(t.Context(), chat.Actor{User: s.ann}, "ann@secret.test"))
	must(t, s.Community.ChangeEmail(t.Context(), chat.Actor{User: s.mod}, "mod@example.org"))
	s.deleteAccount(t, s.ann, false)
	got := []string{}
	for {
		job, taken, err := s.Community.TakeJob(t.Context())
		must(t, err)
		if !taken {
			break
		}
		got = append(got, string(job.Kind)+" "+job.Payload.Email)
	}
	same(t, got, []string{"mail.confirm mod@example.org", "account.leave "})
}

func TestTheOnlyAdministratorCannotGo(t *testing.T) {
	t.Parallel()
	s := openSalon(t, chat.RegistrationOpen)
	session, err := s.Session(t.Context(), s.signedIn(t, s.root))
	must(t, err)
	refused(t, s.Community.DeleteAccount(t.Context(), session, chat.Actor{User: s.root}, true), "", "account.last")
	if _, err := s.Session(t.Context(), session.Hash); err != nil {
		t.Error(err)
	}
	if _, taken, err := s.Community.TakeJob(t.Context()); err != nil || taken || len(s.log(t)) != 0 {
		t.Errorf("something is left to be done: %v", err)
	}
	must(t, s.Community.SetRole(t.Context(), chat.Actor{User: s.root}, s.ann, chat.RoleAdmin))
	s.deleteAccount(t, s.root, true)
}

// An account is deleted by a session that lives, once.
func TestDeleteAccountTwice(t *testing.T) {
	t.Parallel()
	s := openSalon(t, chat.RegistrationOpen)
	session, err := s.Session(t.Context(), s.signedIn(t, s.ann))
	must(t, err)
	must(t, s.Community.DeleteAccount(t.Context(), session, chat.Actor{User: s.ann}, false))
	if err := s.Community.DeleteAccount(t.Context(), session, chat.Actor{User: s.ann}, true); !errors.Is(err, chat.ErrSignedOut) {
		t.Error(err)
	}
	if n := dbtest.One[int](t, s.DB, `SELECT COUNT(*) FROM jobs`); n != 1 {
		t.Errorf("%d jobs", n)
	}
}

// chatty has ann say a lot in two rooms, more than goes in one transaction, with older versions, and others beside her.
func chatty(t *testing.T) salon {
	t.Helper()
	s := openSalon(t, chat.RegistrationOpen)
	must(t, s.Community.AddMember(t.Context(), s.mod, s.attic, "ann"))
	must(t, s.Community.Join(t.Context(), s.ann, s.hall))
	for i := range 230 {
		seq := s.Post(t, s.ann, s.hall, fmt.Sprint("anns ", i))
		if i%50 == 0 {
			s.Edit(t, s.ann, s.hall, seq, fmt.Sprint("anns too ", i))
			s.Post(t, s.root, s.hall, fmt.Sprint("others' ", i))
		}
	}
	s.Edit(t, s.ann, s.attic, s.Post(t, s.ann, s.attic, "anns in private"), "anns, still private")
	s.Post(t, s.mod, s.attic, "others' in private")
	return s
}

// erased says what is wrong with a community that ann has left with all she said.
func (s salon) erased(t *testing.T) {
	t.Helper()
	for _, column := range []string{"messages.body", "messages.html", "edits.body", "edits.html"} {
		table, name, _ := strings.Cut(column, ".")
		if n := dbtest.One[int](t, s.DB, `SELECT COUNT(*) FROM `+table+` WHERE `+name+` LIKE '%anns%'`); n != 0 {
			t.Errorf("%s has %d of ann's", column, n)
		}
	}
	if n := dbtest.One[int](t, s.DB, `SELECT COUNT(*) FROM messages WHERE body LIKE 'others%'`); n != 6 {
		t.Errorf("%d of the others', want 6", n)
	}
	if n := dbtest.One[int](t, s.DB, `SELECT COUNT(*) FROM memberships WHERE user_id = $1`, s.ann); n != 0 {
		t.Errorf("in %d rooms", n)
	}
	// Each deletion took a revision of its own, and none took two.
	for _, wrong := range dbtest.All[string](t, s.DB, `
		SELECT r.name || ': ' || r.rev || ' is not ' || MAX(m.rev) FROM rooms r JOIN messages m ON m.room_id = r.id
		GROUP BY r.id, r.name, r.rev HAVING r.rev <> MAX(m.rev) OR COUNT(DISTINCT m.rev) <> COUNT(*)`) {
		t.Error(wrong)
	}
}

func TestEraseAllThatSomebodySaid(t *testing.T) {
	t.Parallel()
	s := chatty(t)
	before := dbtest.One[int](t, s.DB, `SELECT SUM(rev) FROM rooms`)
	s.deleteAccount(t, s.ann, true)
	s.leaveAll(t)
	s.erased(t)
	if n := dbtest.One[int](t, s.DB, `SELECT SUM(rev) FROM rooms`); n != before+231 {
		t.Errorf("%d revisions were taken for 231 messages", n-before)
	}
	told := 0
	for _, e := range s.Events.List() {
		if e.Kind == chat.MessageDeleted {
			told++
		}
	}
	if told != 231 {
		t.Errorf("%d deletions were told of", told)
	}
	// To do it again changes nothing.
	revs := dbtest.All[int64](t, s.DB, `SELECT rev FROM messages ORDER BY room_id, seq`)
	must(t, s.Community.LeaveAll(t.Context(), s.ann, true))
	same(t, dbtest.All[int64](t, s.DB, `SELECT rev FROM messages ORDER BY room_id, seq`), revs)
}

// breaking is a store that stops in the middle of things.
type breaking struct {
	chat.Store
	left int
}

var errBroke = errors.New("it broke")

func (b *breaking) Write(ctx context.Context, room chat.RoomID, fn func(chat.Tx) error) error {
	if b.left--; b.left < 0 {
		return errBroke
	}
	return b.Store.Write(ctx, room, fn)
}

// doubting is a store that does every second thing without saying so.
type doubting struct {
	chat.Store
	writes int
}

func (d *doubting) Write(ctx context.Context, room chat.RoomID, fn func(chat.Tx) error) error {
	err := d.Store.Write(ctx, room, fn)
	if d.writes++; err == nil && d.writes%2 == 0 {
		return chat.ErrUnknown
	}
	return err
}

// What may have been done is asked for again, and takes no second revision.
func TestEraseWhenAnswersAreLost(t *testing.T) {
	t.Parallel()
	s := chatty(t)
	before := dbtest.One[int](t, s.DB, `SELECT SUM(rev) FROM rooms`)
	s.deleteAccount(t, s.ann, true)
	rules := chat.New(&doubting{Store: s.DB}, []byte(strings.Repeat("k", 32)), s.Clock.Now)
	for errors.Is(rules.LeaveAll(t.Context(), s.ann, true), chat.ErrUnknown) {
		t.Log("again")
	}
	s.erased(t)
	if n := dbtest.One[int](t, s.DB, `SELECT SUM(rev) FROM rooms`); n != before+231 {
		t.Errorf("%d revisions were taken for 231 messages", n-before)
	}
}

// However often it is interrupted, and wherever, the end is the same.
func TestLeavingGoesOnWhereItWasInterrupted(t *testing.T) {
	t.Parallel()
	s := chatty(t)
	s.deleteAccount(t, s.ann, true)
	broken := 0
	for last := -1; ; {
		store := &breaking{Store: s.DB, left: 1}
		err := chat.New(store, []byte(strings.Repeat("k", 32)), s.Clock.Now).LeaveAll(t.Context(), s.ann, true)
		if err == nil {
			break
		}
		if !errors.Is(err, errBroke) {
			t.Fatal(err)
		}
		left := dbtest.One[int](t, s.DB, `SELECT COUNT(*) FROM messages WHERE author_id = $1 AND deleted_at = 0`, s.ann) +
			dbtest.One[int](t, s.DB, `SELECT COUNT(*) FROM memberships WHERE user_id = $1`, s.ann)
		if left == last {
			t.Fatal("it does not go on")
		}
		last = left
		broken++
	}
	if broken < 3 {
		t.Errorf("it was interrupted %d times", broken)
	}
	s.erased(t)
}

// Whoever is added to rooms while they go is in none of them afterwards.
func TestNobodyIsAddedWhoIsGone(t *testing.T) {
	t.Parallel()
	s := openSalon(t, chat.RegistrationOpen)
	for round := range 10 {
		name := fmt.Sprint("guest-", round)
		guest := s.NewPerson(t, name)
		var all sync.WaitGroup
		for i := range 4 {
			room := s.NewRoom(t, chat.RoomPrivate, fmt.Sprint("Room ", i), s.mod)
			all.Go(func() {
				var unknown *chat.Invalid
				if err := s.Community.AddMember(t.Context(), s.mod, room, name); err != nil && !errors.As(err, &unknown) {
					t.Error(err)
				}
			})
		}
		all.Go(func() {
			s.deleteAccount(t, guest, false)
			s.leaveAll(t)
		})
		all.Wait()
		if n := dbtest.One[int](t, s.DB, `SELECT COUNT(*) FROM memberships WHERE user_id = $1`, guest); n != 0 {
			t.Fatalf("round %d: in %d rooms", round, n)
		}
	}
}
