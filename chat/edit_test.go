package chat_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

func TestEdit(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	first := h.Post(t, h.mia, h.private, "helo")
	h.Post(t, h.ann, h.private, "hi")
	posted := h.Clock.Now()
	h.Clock.Move(time.Minute)
	h.Edit(t, h.mia, h.private, first, "hello")
	h.Clock.Move(time.Minute)
	must(t, h.Community.Edit(t.Context(), h.mia, h.private, first, "\r\n**hello**  \r\n"))

	m, err := h.Message(t.Context(), h.ann, h.private, first)
	must(t, err)
	same(t, m, chat.Message{
		Room: h.private, Seq: 1, Rev: 4, Born: 1, Body: "**hello**", HTML: chat.NewMarkup().Render("**hello**"),
		At: posted, EditedAt: h.Clock.Now(), Author: chat.User{ID: h.mia, Username: "mia", Role: chat.RoleMember},
	})
	same(t, h.Events.List()[2:], []chat.Event{
		{Kind: chat.MessageEdited, Room: h.private, Rev: 3}, {Kind: chat.MessageEdited, Room: h.private, Rev: 4},
	})
	older, err := h.Edits(t.Context(), h.ann, h.private, first)
	must(t, err)
	same(t, older, []chat.Edit{
		{Body: "helo", HTML: "<p>helo</p>", At: posted}, {Body: "hello", HTML: "<p>hello</p>", At: posted.Add(time.Minute)},
	})
	if last := dbtest.One[int](t, h.DB, `SELECT last_seq FROM rooms WHERE id = $1`, h.private); last != 2 {
		t.Errorf("an edit took number %d", last)
	}
	if read := dbtest.One[int](t, h.DB, `SELECT read_seq FROM memberships WHERE room_id = $1 AND user_id = $2`, h.private, h.mia); read != 1 {
		t.Errorf("an edit marked %d as read", read)
	}
}

// The same text again is no edit.
func TestEditToTheSame(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	seq := h.Post(t, h.mia, h.public, "hello")
	before, err := h.Message(t.Context(), h.ann, h.public, seq)
	must(t, err)
	h.Clock.Move(time.Minute)
	for _, body := range []string{"hello", "\r\nhello \n"} {
		h.Edit(t, h.mia, h.public, seq, body)
	}
	after, err := h.Message(t.Context(), h.ann, h.public, seq)
	must(t, err)
	same(t, after, before)
	if n := len(h.Events.List()); n != 1 {
		t.Errorf("%d events", n)
	}
	if seen, err := h.DB.Room(t.Context(), h.ann, h.public); err != nil || seen.Rev != 1 {
		t.Errorf("revision %d, %v", seen.Rev, err)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	seq, err := h.Community.Post(t.Context(), h.mia, h.private, "secret", "key-1")
	must(t, err)
	posted := h.Clock.Now()
	h.Post(t, h.ann, h.private, "hi")
	h.Clock.Move(time.Minute)
	h.Edit(t, h.mia, h.private, seq, "more secret")
	edited := h.Clock.Now()
	h.Clock.Move(time.Minute)
	for range 2 { // the second changes nothing
		h.Delete(t, h.mia, h.private, seq)
		h.Clock.Move(time.Minute)
	}

	m, err := h.Message(t.Context(), h.ann, h.private, seq)
	must(t, err)
	same(t, m, chat.Message{
		Room: h.private, Seq: 1, Rev: 4, Born: 1, At: posted, EditedAt: edited, DeletedAt: edited.Add(time.Minute),
		Author: chat.User{ID: h.mia, Username: "mia", Role: chat.RoleMember},
	})
	same(t, h.Events.List()[3:], []chat.Event{{Kind: chat.MessageDeleted, Room: h.private, Rev: 4}})
	if older, err := h.Edits(t.Context(), h.ann, h.private, seq); err != nil || len(older) > 0 {
		t.Errorf("%v, %v", older, err)
	}
	for _, table := range []string{"messages", "edits"} {
		if n := dbtest.One[int](t, h.DB, `SELECT COUNT(*) FROM `+table+` WHERE body LIKE '%secret%' OR html LIKE '%secret%'`); n != 0 {
			t.Errorf("%d secrets among the %s", n, table)
		}
	}
	// Its place answers for its key, for ever.
	if again, err := h.Community.Post(t.Context(), h.mia, h.private, "secret", "key-1"); err != nil || again != seq {
		t.Errorf("%d, %v; want %d", again, err, seq)
	}
	if _, err := h.Community.Post(t.Context(), h.mia, h.private, "another", "key-1"); !errors.Is(err, chat.ErrKeyReused) {
		t.Error(err)
	}
	if err := h.Community.Edit(t.Context(), h.mia, h.private, seq, "back"); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("edited what was deleted: %v", err)
	}
}

// Who may change what. Everything stands in the public hall and the private attic, of which ann is the owner and mia and
// bob are members; mia wrote it, and bob came after it.
func TestWhoMayEditAndDelete(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	bob, gil := h.NewPerson(t, "bob"), h.NewPerson(t, "gil")
	mod, boss := h.NewPerson(t, "mod"), h.NewPerson(t, "boss")
	room := map[string]chat.RoomID{"hall": h.public, "attic": h.private, "nowhere": 404}
	for _, id := range []chat.RoomID{h.public, h.private} {
		h.Post(t, h.mia, id, "hello")
		h.Post(t, h.mia, id, "gone")
		h.Delete(t, h.mia, id, 2)
		must(t, h.Community.AddMember(t.Context(), h.ann, id, "bob"))
		must(t, h.Community.AddMember(t.Context(), h.ann, id, "gil"))
	}
	h.Exec(t, `UPDATE memberships SET since_seq = 2 WHERE user_id = $1`, bob)
	h.Exec(t, `UPDATE memberships SET role = 'moderator' WHERE user_id = $1`, gil)
	h.Exec(t, `UPDATE users SET role = 'moderator' WHERE id = $1`, mod)
	h.Exec(t, `UPDATE users SET role = 'admin' WHERE id = $1`, boss)
	missing, forbidden := chat.ErrNotFound, chat.ErrForbidden
	for name, c := range map[string]struct {
		viewer       chat.UserID
		room         string
		seq          chat.Seq
		edit, delete error
	}{
		"the author":                               {h.mia, "hall", 1, nil, nil},
		"the author, in private":                   {h.mia, "attic", 1, nil, nil},
		"the author, of what is gone":              {h.mia, "hall", 2, missing, nil},
		"the author, of what is not there":         {h.mia, "hall", 3, missing, missing},
		"the author, of number nought":             {h.mia, "hall", 0, missing, missing},
		"the author, of a number below":            {h.mia, "hall", -1, missing, missing},
		"the author, elsewhere":                    {h.mia, "nowhere", 1, missing, missing},
		"a member who came later":                  {bob, "hall", 1, missing, missing},
		"a member who came later, private":         {bob, "attic", 1, missing, missing},
		"a guest":                                  {h.eve, "hall", 1, forbidden, forbidden},
		"a guest, of what is gone":                 {h.eve, "hall", 2, missing, forbidden},
		"an outsider":                              {h.eve, "attic", 1, missing, missing},
		"nobody":                                   {0, "attic", 1, missing, missing},
		"the room's owner":                         {h.ann, "hall", 1, forbidden, nil},
		"the room's owner, in private":             {h.ann, "attic", 1, forbidden, nil},
		"the room's moderator":                     {gil, "attic", 1, forbidden, nil},
		"the community's moderator":                {mod, "hall", 1, forbidden, nil},
		"the community's moderator, private":       {mod, "attic", 1, missing, missing},
		"an administrator":                         {boss, "hall", 1, forbidden, nil},
		"an administrator, in private":             {boss, "attic", 1, missing, missing},
		"an administrator, of what is not there":   {boss, "hall", 9, missing, missing},
		"the room's owner, of what is gone":        {h.ann, "attic", 2, missing, nil},
		"the room's owner, of what is not there":   {h.ann, "attic", 9, missing, missing},
		"an administrator, of what is gone":        {boss, "hall", 2, missing, nil},
		"a member who came later, of what is gone": {bob, "hall", 2, missing, missing},
	} {
		t.Run(name, func(t *testing.T) {
			told := len(h.Events.List())
			body := func() string {
				list := dbtest.All[string](t, h.DB, `SELECT body FROM messages WHERE room_id = $1 AND seq = $2`, room[c.room], c.seq)
				return strings.Join(list, "")
			}
			before := body()
			if err := h.Community.Edit(t.Context(), c.viewer, room[c.room], c.seq, name); !errors.Is(err, c.edit) || c.edit == nil && err != nil {
				t.Errorf("editing: %v, want %v", err, c.edit)
			}
			if after := body(); after != name && c.edit == nil || after != before && c.edit != nil {
				t.Errorf("%q became %q", before, after)
			}
			err := h.Community.Delete(t.Context(), chat.Actor{User: c.viewer}, room[c.room], c.seq)
			if !errors.Is(err, c.delete) || c.delete == nil && err != nil {
				t.Errorf("deleting: %v, want %v", err, c.delete)
			}
			if c.delete == nil && body() != "" {
				t.Errorf("%q stays", body())
			}
			if c.edit != nil && c.delete != nil && len(h.Events.List()) != told {
				t.Error("told of nothing")
			}
			// As it was, for the next one.
			h.Exec(t, `UPDATE messages SET body = 'hello', html = '<p>hello</p>', edited_at = 0, deleted_at = 0 WHERE seq = 1`)
		})
	}
}

func TestEditRefuses(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	seq := h.Post(t, h.mia, h.public, "hello")
	for name, c := range map[string]struct{ body, wrong string }{
		"nothing":      {" \r\n\u200b", "message.empty"},
		"one too many": {strings.Repeat("é", chat.BodyMax+1), "message.long"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, h.Community.Edit(t.Context(), h.mia, h.public, seq, c.body), "body", c.wrong)
		})
	}
	must(t, h.Community.Leave(t.Context(), h.mia, h.public))
	if err := h.Community.Edit(t.Context(), h.mia, h.public, seq, "hi"); !errors.Is(err, chat.ErrForbidden) {
		t.Errorf("editing after leaving: %v", err)
	}
	h.Delete(t, h.mia, h.public, seq) // it is still one's own
	if m, err := h.Message(t.Context(), h.ann, h.public, seq); err != nil || !m.Gone() {
		t.Errorf("%+v, %v", m, err)
	}
}

// A session that has ended changes nothing any more.
func TestEditAndDeleteWithADeadSession(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	seq := h.Post(t, h.mia, h.public, "hello")
	ctx := chat.WithSession(t.Context(), "no such session")
	for _, err := range []error{
		h.Community.Edit(ctx, h.mia, h.public, seq, "hi"), h.Community.Delete(ctx, chat.Actor{User: h.mia}, h.public, seq),
	} {
		if !errors.Is(err, chat.ErrSignedOut) {
			t.Error(err)
		}
	}
}

// Who edits and deletes at once meets whoever was first; what remains is one of them, and nothing of what was deleted.
func TestEditAndDeleteAtOnce(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	seq := h.Post(t, h.mia, h.public, "hello")
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			if i == 20 {
				if err := h.Community.Delete(context.Background(), chat.Actor{User: h.ann}, h.public, seq); err != nil {
					t.Error(err)
				}
				return
			}
			err := h.Community.Edit(context.Background(), h.mia, h.public, seq, strings.Repeat("hi ", i+1))
			if err != nil && !errors.Is(err, chat.ErrNotFound) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	m, err := h.Message(t.Context(), h.ann, h.public, seq)
	must(t, err)
	if !m.Gone() || m.Body != "" || int(m.Rev) != len(h.Events.List()) {
		t.Errorf("%+v after %d events", m, len(h.Events.List()))
	}
	if n := dbtest.One[int](t, h.DB, `SELECT COUNT(*) FROM edits`); n != 0 {
		t.Errorf("%d older versions", n)
	}
}
