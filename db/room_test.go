package db_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// Every read of a room names the viewer, and answers somebody who may not know the room as if there were none.
func TestReadsShowAViewerWhatIsTheirs(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann, mia, eve := d.NewPerson(t, "ann"), d.NewPerson(t, "mia"), d.NewPerson(t, "eve")
	sessions := map[chat.UserID]chat.SessionHash{ann: signIn(t, d, ann), mia: signIn(t, d, mia), eve: signIn(t, d, eve)}
	for kind, viewers := range map[chat.RoomKind]map[string]struct {
		viewer chat.UserID
		see    bool
	}{
		chat.RoomPublic: {
			"owner": {ann, true}, "member": {mia, true}, "guest": {eve, true},
		},
		chat.RoomPrivate: {
			"owner": {ann, true}, "member": {mia, true}, "outsider": {eve, false}, "nobody": {0, false}, "somebody unknown": {999, false},
		},
	} {
		room := d.NewRoom(t, kind, string(kind), ann, mia)
		seq := d.Post(t, ann, room, "said in "+string(kind))
		for name, c := range viewers {
			for read, do := range reads(d, c.viewer, sessions[c.viewer], room, seq) {
				t.Run(fmt.Sprintf("%s/%s/%s", kind, name, read), func(t *testing.T) {
					saw, err := do(t)
					if err != nil && !errors.Is(err, chat.ErrNotFound) {
						t.Fatal(err)
					}
					if saw != c.see {
						t.Errorf("saw it: %v, want %v (%v)", saw, c.see, err)
					}
				})
			}
		}
	}
}

// reads are all ways to learn of a room or of what is said in it; each says whether the viewer did.
func reads(
	d *dbtest.DB, viewer chat.UserID, session chat.SessionHash, room chat.RoomID, seq chat.Seq,
) map[string]func(*testing.T) (bool, error) {
	history := func(which db.Page) func(*testing.T) (bool, error) {
		return func(t *testing.T) (bool, error) {
			h, err := d.History(t.Context(), viewer, room, which)
			return h.Room.ID != 0 || len(h.Messages) > 0, err
		}
	}
	return map[string]func(*testing.T) (bool, error){
		"History":        history(db.Page{}),
		"History before": history(db.Page{Before: seq + 1}),
		"History after":  history(db.Page{After: seq - 1}),
		"History at":     history(db.Page{At: seq}),
		"Room": func(t *testing.T) (bool, error) {
			seen, err := d.Room(t.Context(), viewer, room)
			return seen.ID != 0, err
		},
		"Room in a rule": func(t *testing.T) (saw bool, err error) {
			err = d.Write(t.Context(), room, func(tx chat.Tx) error {
				seen, err := tx.Room(viewer, room)
				saw = seen.ID != 0
				return err
			})
			return saw, err
		},
		"Message": func(t *testing.T) (bool, error) {
			m, err := d.Message(t.Context(), viewer, room, seq)
			return m.Seq != 0, err
		},
		"Granted": func(t *testing.T) (bool, error) {
			page := db.Access{Session: session, Room: room}
			granted, err := d.Granted(t.Context(), []db.Access{page})
			return granted[page].Room || granted[page].Rev > 0 || granted[page].LastSeq > 0, err
		},
		"Members": func(t *testing.T) (bool, error) {
			list, err := d.Members(t.Context(), viewer, room)
			return len(list) > 0, err
		},
		"Directory": func(t *testing.T) (bool, error) {
			list, err := d.Directory(t.Context(), viewer, "")
			return slices.ContainsFunc(list, func(r chat.DirectoryRoom) bool { return r.ID == room }), err
		},
	}
}

func TestMissingIsHidden(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann, eve := d.NewPerson(t, "ann"), d.NewPerson(t, "eve")
	room := d.NewRoom(t, chat.RoomPrivate, "Attic", ann)
	_, missing := d.Room(t.Context(), eve, 404)
	_, hidden := d.Room(t.Context(), eve, room)
	if missing == nil || hidden == nil || missing.Error() != hidden.Error() {
		t.Errorf("missing: %v, hidden: %v", missing, hidden)
	}
}

// A room says how the viewer stands in it.
func TestRoomKnowsItsViewer(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann, mia, eve := d.NewPerson(t, "ann"), d.NewPerson(t, "mia"), d.NewPerson(t, "eve")
	room := d.NewRoom(t, chat.RoomPublic, "Hall", ann, mia)
	d.Post(t, ann, room, "hello")
	d.Post(t, ann, room, "hello again")
	d.Exec(t, `UPDATE memberships SET since_seq = 1, read_seq = 1 WHERE user_id = $1`, mia)
	for viewer, want := range map[chat.UserID]*chat.Membership{
		ann: {Room: room, User: ann, Role: chat.MemberOwner, ReadSeq: 2, JoinedAt: d.Clock.Now()},
		mia: {Room: room, User: mia, Role: chat.MemberPlain, SinceSeq: 1, ReadSeq: 1, JoinedAt: d.Clock.Now()},
		eve: nil,
	} {
		seen, err := d.Room(t.Context(), viewer, room)
		must(t, err)
		same(t, seen, chat.RoomSeen{
			Room:       chat.Room{ID: room, Kind: chat.RoomPublic, Name: "Hall", LastSeq: 2, Rev: 2, Members: 2},
			Membership: want,
		})
	}
}

// Who came later reads nothing from before, by any way there is.
func TestNothingFromBeforeOnesTime(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann, mia := d.NewPerson(t, "ann"), d.NewPerson(t, "mia")
	for _, kind := range []chat.RoomKind{chat.RoomPublic, chat.RoomPrivate} {
		room := d.NewRoom(t, kind, string(kind), ann, mia)
		d.Fill(t, ann, room, 120)
		d.Exec(t, `UPDATE memberships SET since_seq = 60 WHERE room_id = $1 AND user_id = $2`, room, mia)
		got := []chat.Message{}
		for seq := range chat.Seq(122) {
			for _, which := range []db.Page{{Before: seq}, {After: seq}, {At: seq}} {
				h, err := d.History(t.Context(), mia, room, which)
				if err != nil && !errors.Is(err, chat.ErrNotFound) {
					t.Fatal(err)
				}
				got = append(got, h.Messages...)
			}
			if m, err := d.Message(t.Context(), mia, room, seq); err == nil {
				got = append(got, m)
			}
		}
		if len(got) == 0 {
			t.Errorf("%s: saw nothing at all", kind)
		}
		for _, m := range got {
			if m.Seq <= 60 || m.Seq == 61 && (m.PrevAuthor != 0 || !m.PrevAt.IsZero()) {
				t.Fatalf("%s: saw %+v", kind, m)
			}
		}
	}
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann, eve := d.NewPerson(t, "ann"), d.NewPerson(t, "eve")
	for _, name := range []string{
		"General", "general chat", "100% wool", "100 wool", "snake_case", "snakeXcase", `back\slash`, "O'Brien's", `"quoted"`, "ÉCLAIR", "Straße", "ＷＩＤＥ",
	} {
		d.NewRoom(t, chat.RoomPublic, name, ann)
	}
	d.NewRoom(t, chat.RoomPrivate, "Secret general", ann)
	for words, want := range map[string][]string{
		"general":      {"General", "general chat"},
		"  GENERAL ":   {"General", "general chat"},
		"chat":         {"general chat"},
		"%":            {"100% wool"},
		"100%":         {"100% wool"},
		"_":            {"snake_case"},
		"snake_case":   {"snake_case"},
		`\`:            {`back\slash`},
		`\%`:           {},
		"'":            {"O'Brien's"},
		"o'brien":      {"O'Brien's"},
		`"`:            {`"quoted"`},
		"éclair":       {"ÉCLAIR"},
		"STRASSE":      {"Straße"},
		"wide":         {"ＷＩＤＥ"},
		"％":            {"100% wool"},
		"secret":       {},
		"no such room": {},
		"' OR 1=1 --":  {},
		"$1":           {},
		"a\x00b":       {},
	} {
		t.Run(words, func(t *testing.T) { same(t, names(t, d, eve, words), want) })
	}
	same(t, names(t, d, ann, "general"), []string{"General", "general chat", "Secret general"})
	if n := len(names(t, d, eve, "")); n != 12 {
		t.Errorf("%d rooms, want 12", n)
	}
}

func names(t *testing.T, d *dbtest.DB, viewer chat.UserID, words string) []string {
	t.Helper()
	list, err := d.Directory(t.Context(), viewer, words)
	must(t, err)
	found := []string{}
	for _, r := range list {
		found = append(found, r.Name)
		if joined := dbtest.One[int](t, d, `SELECT COUNT(*) FROM memberships WHERE room_id = $1 AND user_id = $2`, r.ID, viewer); r.Joined != (joined == 1) {
			t.Errorf("%s: joined %v", r.Name, r.Joined)
		}
	}
	return found
}

func TestRoomsOf(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann, mia := d.NewPerson(t, "ann"), d.NewPerson(t, "mia")
	zoo := d.NewRoom(t, chat.RoomPrivate, "zoo", ann)
	hall := d.NewRoom(t, chat.RoomPublic, "Hall", mia, ann)
	d.NewRoom(t, chat.RoomPublic, "Elsewhere", mia)
	list, err := d.RoomsOf(t.Context(), ann)
	must(t, err)
	same(t, list, []chat.Room{
		{ID: hall, Kind: chat.RoomPublic, Name: "Hall"},
		{ID: zoo, Kind: chat.RoomPrivate, Name: "zoo"},
	})
}
