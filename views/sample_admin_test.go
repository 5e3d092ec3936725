package views_test

import (
	"time"

	"github.com/a-h/templ"

	"chinwag/chat"
	"chinwag/views"
)

// invitations are one of each state.
func (s sample) invitations(now time.Time) []chat.Invitation {
	by, made := *s.frame.Viewer, now.Add(-24*time.Hour)
	return []chat.Invitation{
		{ID: 5, By: by, Room: 1, RoomName: s.name, CreatedAt: made, ExpiresAt: now.Add(time.Hour), Uses: 5, Used: 2},
		{ID: 4, By: by, CreatedAt: made},
		{ID: 3, By: by, Room: 2, CreatedAt: made, Uses: 1, Used: 1},
		{ID: 2, By: by, CreatedAt: made, ExpiresAt: made.Add(time.Hour)},
		{ID: 1, By: chat.User{ID: 9}, CreatedAt: made, RevokedAt: now, Used: 3},
		{ID: 6, By: by, CreatedAt: made, Void: true},
	}
}

// invitationPages are those of people who bring others in, and of those who come.
func (s sample) invitationPages() map[string]templ.Component {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	f, out, list := s.frame, s.signedOut(), s.invitations(now)
	link := "https://chat.example" + views.InvitedPath("5.token")
	return map[string]templ.Component{
		"invitations":        views.InvitationsPage(f, views.InvitationsProps{List: list, Rooms: f.Rooms, Now: now}),
		"invitations, none":  views.InvitationsPage(f, views.InvitationsProps{Rooms: f.Rooms, Closed: true, Now: now}),
		"invitations, wrong": views.InvitationsPage(f, views.InvitationsProps{Rooms: f.Rooms, Now: now, Form: s.typed("room", "invitation.room", nil)}),
		"invitation":         views.InvitationPage(f, views.InvitationProps{Invitation: list[0], Link: link, Now: now}),
		"invitation, closed": views.InvitationPage(f, views.InvitationProps{Invitation: list[1], Link: link, Closed: true, Now: now}),
		"invitation, over":   views.InvitationPage(f, views.InvitationProps{Invitation: list[4], Link: link, Now: now}),
		"invited":            views.InvitedPage(f, &list[0], s.name),
		"invited, no room":   views.InvitedPage(f, &list[1], s.name),
		"invited, gone":      views.InvitedPage(f, nil, s.name),
		"register":           views.RegisterPage(out, views.RegisterProps{Registration: chat.RegistrationOpen}),
		"register, wrong": views.RegisterPage(out, views.RegisterProps{
			Registration: chat.RegistrationOpen, Form: s.typed("username", "username.taken", nil),
		}),
		"register, invite":  views.RegisterPage(out, views.RegisterProps{Registration: chat.RegistrationInvite}),
		"register, invited": views.RegisterPage(out, views.RegisterProps{Registration: chat.RegistrationInvite, Invitation: &list[0], Token: "5.token"}),
		"register, gone":    views.RegisterPage(out, views.RegisterProps{Registration: chat.RegistrationInvite, Gone: true}),
		"register, closed":  views.RegisterPage(out, views.RegisterProps{Registration: chat.RegistrationClosed, Invitation: &list[1], Token: "5.token"}),
	}
}

// adminPages are those of administrators.
func (s sample) adminPages() map[string]templ.Component {
	f := s.frame
	stale := f
	stale.Stale, stale.Mail = true, true
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	someone := views.Person{User: *f.Viewer, Email: chat.Email{Address: "ada@example.org"}, LastSeenAt: at}
	someone.Role = chat.RoleModerator
	shutOut := views.Person{User: *f.Viewer, Disabled: true}
	wrong := s.typed("current", "password.again", nil)
	wrong.ID = views.ActDisable
	failed := []views.FailedJob{{Kind: chat.JobMailReset, Created: at, At: at, Attempts: 3, Problem: s.name}, {Kind: chat.JobMailConfirm, Created: at, Attempts: 1, Problem: s.name}}
	return map[string]templ.Component{
		"admin": views.AdminPage(f, views.AdminProps{
			People: 1234, Rooms: 7, Settings: s.typedAs("community", "", ""), Test: s.typedAs("mail", "", ""),
		}),
		"admin, stale": views.AdminPage(stale, views.AdminProps{
			Mail: views.MailProps{From: "chat@example.org", Waiting: 3}, Failed: failed, Settings: s.typedAs("community", "zone", "zone.unknown"), Test: s.typedAs("mail", "", ""),
		}),
		"people":          views.PeoplePage(f, views.PeopleProps{People: []views.Person{someone, shutOut}, Text: s.name, Next: views.PeopleAfterPath("a", "admins", "ada")}),
		"people, none":    views.PeoplePage(f, views.PeopleProps{Text: s.name, Show: "disabled"}),
		"person":          views.PersonPage(stale, views.PersonProps{Person: someone}),
		"person, wrong":   views.PersonPage(stale, views.PersonProps{Person: someone, Form: wrong}),
		"person, link":    views.PersonPage(f, views.PersonProps{Person: someone, Link: "https://chat.example/reset/token"}),
		"person, shut":    views.PersonPage(f, views.PersonProps{Person: shutOut}),
		"person, oneself": views.PersonPage(f, views.PersonProps{Person: someone, Myself: true}),
		"log":             views.AuditPage(f, views.AuditProps{Lines: s.lines(at), Action: string(chat.RoleChanged), Who: s.name, Next: views.AuditBeforePath("", "ada", 40)}),
		"log, none":       views.AuditPage(f, views.AuditProps{Who: s.name}),
	}
}

// typedAs is one of a page's several forms.
func (s sample) typedAs(id, field, sentence string) views.Form {
	form := s.typed(field, sentence, nil)
	form.ID = id
	form.Values["zone"], form.Values["to"] = s.name, s.name
	return form
}

// lines are one of each kind that the log has, and one of a kind that we do not know.
func (s sample) lines(at time.Time) []views.AuditLine {
	var lines []views.AuditLine
	for i, action := range append(chat.AuditActions(), "thing.done") {
		lines = append(lines, views.AuditLine{
			Entry: chat.Entry{ID: int64(i), At: at, Action: action, Detail: s.name, Address: "192.0.2.7", Room: 4},
			By:    *s.frame.Viewer, About: *s.frame.Viewer, RoomName: s.name,
		})
	}
	lines[0].By = chat.User{}
	lines[1].About = chat.User{ID: 9}
	lines[2].RoomName = ""
	return lines
}
