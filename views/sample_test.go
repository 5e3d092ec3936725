package views_test

import (
	"bytes"
	"context"
	"maps"
	"testing"
	"time"

	"github.com/a-h/templ"

	"chinwag/chat"
	"chinwag/views"
)

// nonce stands in every page that the tests draw.
const nonce = "bm9uY2U"

func newWords(tb testing.TB) *views.Words {
	tb.Helper()
	words, err := views.NewWords()
	if err != nil {
		tb.Fatal(err)
	}
	return words
}

// draw is a component's HTML.
func draw(tb testing.TB, component templ.Component) string {
	tb.Helper()
	var b bytes.Buffer
	if err := component.Render(templ.WithNonce(context.Background(), nonce), &b); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// sample is a community in which everybody and everything is called by one name.
type sample struct {
	frame    views.Frame
	room     chat.RoomSeen
	messages []chat.Message
	name     string
}

// newSample has as many rooms and messages as asked; three people take turns, two messages each.
func newSample(tb testing.TB, name string, rooms, messages int) sample {
	tb.Helper()
	people := []chat.User{
		{ID: 7, Username: "ada", DisplayName: name},
		{ID: 8, Username: "grace", DisplayName: name},
		{ID: 9, Username: "linus", DisplayName: name},
	}
	s := sample{name: name, frame: views.Frame{
		Words: newWords(tb), Community: name, Zone: time.UTC, Viewer: &people[0], CSRF: "csrf-token", Here: 1,
		Script: "/static/app.0123abcd.js", Style: "/static/app.4567cdef.css", PageStyle: "/static/page.89ab0123.css",
	}}
	for id := 1; id <= rooms; id++ {
		kind := chat.RoomPublic
		if id%2 == 0 {
			kind = chat.RoomPrivate
		}
		s.frame.Rooms = append(s.frame.Rooms, chat.Room{
			ID: chat.RoomID(id), Kind: kind, Name: name, Topic: name, Rev: 345, LastSeq: 345, Members: id,
		})
	}
	s.room = chat.RoomSeen{Room: s.frame.Rooms[0], Membership: &chat.Membership{Room: 1, User: 7}}
	at := time.Date(2026, 11, 22, 9, 4, 3, 0, time.UTC)
	for i := range messages {
		m := chat.Message{
			Room: 1, Seq: chat.Seq(i + 40), Rev: chat.Rev(i + 340), Author: people[i/2%3],
			HTML: "<p>The kiln is at nine hundred degrees, so please leave the door shut until tomorrow.</p>", At: at,
		}
		if i > 0 {
			m.PrevAuthor, m.PrevAt = s.messages[i-1].Author.ID, s.messages[i-1].At
		}
		s.messages = append(s.messages, m)
		at = at.Add(2 * time.Minute)
	}
	return s
}

func (s sample) props() views.RoomProps {
	return views.RoomProps{Room: s.room, Messages: views.Undrawn(s.messages), Older: true, Key: "2nFh0pXl8S3q4ZbWcV1u7A"}
}

// signedOut is the frame as a stranger sees it.
func (s sample) signedOut() views.Frame {
	f := s.frame
	f.Viewer, f.Rooms, f.Here = nil, nil, 0
	return f
}

// pages are all pages in their main states, by name.
func (s sample) pages() map[string]templ.Component {
	f, out, p := s.frame, s.signedOut(), s.props()
	f.Notice = f.Words.T("notice.left", "Room", s.name)
	guest, history, empty, wrong := p, p, p, p
	guest.Room.Membership = nil
	history.Newer, history.At = true, p.Messages[0].Seq
	empty.Messages, empty.Older = nil, false
	wrong.Form = s.typed("body", "message.long", map[string]any{"Limit": chat.BodyMax})
	wrongEdit, others, chosen := s.editProps(), s.editProps(), p
	wrongEdit.Form = s.typed("body", "message.empty", nil)
	others.MayEdit = false
	others.Edits = []chat.Edit{{Body: s.name, HTML: "<p>The kiln is hot.</p>", At: others.Message.At}}
	chosen.Chosen, chosen.At = s.editProps(), p.Messages[0].Seq
	directory := []chat.DirectoryRoom{{Room: f.Rooms[0], Joined: true}, {Room: f.Rooms[1]}}
	members := []chat.Member{{User: *f.Viewer, Role: chat.MemberOwner}, {User: *f.Viewer, Role: chat.MemberModerator}}
	all := map[string]templ.Component{
		"setup":             views.SetupPage(out, views.Form{}, "token"),
		"setup, wrong":      views.SetupPage(out, s.typed("registration", "registration.missing", nil), "token"),
		"login":             views.LoginPage(out, s.typed("", "", nil), chat.RegistrationOpen),
		"login, wrong":      views.LoginPage(out, s.typed("password", "login.wrong", nil), chat.RegistrationClosed),
		"rooms":             views.RoomsPage(f, directory, s.name),
		"rooms, no match":   views.RoomsPage(f, nil, s.name),
		"rooms, none":       views.RoomsPage(f, nil, ""),
		"new room":          views.NewRoomPage(f, views.Form{}),
		"new room, wrong":   views.NewRoomPage(f, s.typed("name", "room.name.missing", nil)),
		"room":              views.RoomPage(f, p),
		"room, guest":       views.RoomPage(f, guest),
		"room, history":     views.RoomPage(f, history),
		"room, empty":       views.RoomPage(f, empty),
		"room, wrong":       views.RoomPage(f, wrong),
		"members":           views.MembersPage(f, s.room, members, views.Form{}),
		"members, wrong":    views.MembersPage(f, s.room, members, s.typed("username", "member.unknown", map[string]any{"Name": s.name})),
		"error":             views.ErrorPage(f, 404, f.Words.T("error.not_found"), s.name, s.name),
		"error, signed out": views.ErrorPage(out, 401, f.Words.T("error.signed_out"), s.name, ""),
		"edit":              views.EditPage(f, s.editProps()),
		"edit, wrong":       views.EditPage(f, wrongEdit),
		"edit, another's":   views.EditPage(f, others),
		"chosen":            views.RoomPage(f, chosen),
		"login, waiting":    views.LoginPage(out, s.waiting(), chat.RegistrationOpen),
		"moved":             views.MovedPage("https://chat.example/", out),
	}
	for _, more := range []map[string]templ.Component{s.invitationPages(), s.adminPages(), s.accountPages()} {
		maps.Copy(all, more)
	}
	return all
}

// fragments are all that htmx and the socket bring, by name.
func (s sample) fragments() map[string]templ.Component {
	f, p := s.frame, s.props()
	return map[string]templ.Component{
		"message":   views.Message(f, s.messages[0]),
		"appended":  views.Appended(f, views.Undrawn(s.messages)),
		"changed":   views.Changed(f, s.messages[1]),
		"older":     views.OlderMessages(f, p, s.messages[0]),
		"composer":  views.Composer(f, p),
		"posted":    views.Posted(f, p),
		"behind":    views.FarBehind(f, 1, 1234, 41),
		"reload":    views.FarBehind(f, 1, 0, 0),
		"edit":      views.EditComposer(f, s.editProps()),
		"sign in":   views.SignInComposer(s.signedOut(), s.waiting()),
		"room lost": views.RoomLost(f),
		"error":     views.ErrorFragment(f, f.Words.T("error.busy"), s.name),
	}
}

// editProps is a message that its author changes.
func (s sample) editProps() views.EditProps {
	message := s.messages[0]
	message.Body = s.name
	return views.EditProps{Room: s.room, Message: message, MayEdit: true, MayDelete: true}
}

// waiting is a message that goes out once its author has signed in again.
func (s sample) waiting() views.Form {
	form := s.typed("", "login.unsent", nil)
	form.Values["key"], form.Values["room"] = s.name, "1"
	return form
}

// typed is a form in which every field holds the name, with one thing wrong; nothing is, if the sentence is empty.
func (s sample) typed(field, sentence string, args map[string]any) views.Form {
	form := views.Form{Values: map[string]string{}}
	for _, name := range []string{"username", "password", "next", "community", "display_name", "email", "name", "topic", "body"} {
		form.Values[name] = s.name
	}
	if sentence != "" {
		form.Problem = &chat.Invalid{Field: field, Sentence: sentence, Args: args}
	}
	return form
}
