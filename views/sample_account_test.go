package views_test

import (
	"time"

	"github.com/a-h/templ"

	"chinwag/chat"
	"chinwag/views"
)

// devices are the browsers that somebody is signed in with, the first of them this one.
func (s sample) devices() []chat.Device {
	at := time.Date(2026, 11, 22, 9, 4, 0, 0, time.UTC)
	visits := []chat.Visit{
		{Address: "192.0.2.7", Browser: "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"},
		{Address: s.name, Browser: "curl/8.9"},
		{Browser: ""},
	}
	list := make([]chat.Device, len(visits))
	for i, visit := range visits {
		hash := chat.SessionHash([]string{"first", "second", "third"}[i])
		list[i] = chat.Device{Session: chat.Session{Hash: hash, SignedInAt: at, LastSeenAt: at.Add(time.Hour)}, Visit: visit}
	}
	return list
}

func (s sample) settings(email chat.Email) views.SettingsProps {
	return views.SettingsProps{Email: email, Devices: s.devices(), Here: "first"}
}

// refused is the page of settings with one of its forms sent back.
func (s sample) refused(form, field, sentence string) views.SettingsProps {
	p := s.settings(chat.Email{Address: s.name})
	p.Refused, p.Form = form, s.typed(field, sentence, map[string]any{"Limit": chat.PasswordMin})
	return p
}

// accountPages are those of one's own account.
func (s sample) accountPages() map[string]templ.Component {
	f, out := s.frame, s.signedOut()
	mail, stale, admin, none := f, f, f, out
	mail.Mail, out.Mail, stale.Stale = true, true, true
	root := *f.Viewer
	root.Role, admin.Viewer = chat.RoleAdmin, &root
	none.Mail = false
	name := map[string]any{"Name": s.name}
	return map[string]templ.Component{
		"settings":                     views.SettingsPage(mail, s.settings(chat.Email{})),
		"settings, mail off":           views.SettingsPage(f, s.settings(chat.Email{Address: s.name})),
		"settings, mail off, no mail":  views.SettingsPage(f, s.settings(chat.Email{})),
		"settings, not confirmed":      views.SettingsPage(mail, s.settings(chat.Email{Address: s.name})),
		"settings, confirmed":          views.SettingsPage(mail, s.settings(chat.Email{Address: s.name, Verified: true})),
		"settings, another to confirm": views.SettingsPage(mail, s.settings(chat.Email{Address: "old@x.test", Verified: true, Pending: s.name})),
		"settings, stale":              views.SettingsPage(stale, s.settings(chat.Email{})),
		"settings, administrator":      views.SettingsPage(admin, s.settings(chat.Email{})),
		"settings, wrong address":      views.SettingsPage(mail, s.refused(views.EmailPath, "email", "email.wrong")),
		"settings, no password":        views.SettingsPage(stale, s.refused(views.EmailPath, "current", "password.again")),
		"settings, wrong password":     views.SettingsPage(stale, s.refused(views.PasswordPath, "current", "password.not_yours")),
		"settings, short password":     views.SettingsPage(stale, s.refused(views.PasswordPath, "password", "password.short")),
		"settings, no format":          views.SettingsPage(stale, s.refused(views.DownloadPath, "format", "download.format")),
		"settings, download, stale":    views.SettingsPage(stale, s.refused(views.DownloadPath, "current", "password.again")),
		"settings, not sent again":     views.SettingsPage(mail, s.refused(views.ResendPath, "", "error.busy")),
		"settings, not ended":          views.SettingsPage(mail, s.refused(views.EndSessionPath, "", "error.busy")),
		"forgot":                       views.ForgotPage(out, views.Form{}),
		"forgot, wrong":                views.ForgotPage(out, s.typed("email", "email.wrong", nil)),
		"forgot, mail off":             views.ForgotPage(none, views.Form{}),
		"reset":                        views.ResetPage(out, views.Form{}, chat.User{ID: 7, Username: "ada"}, "token/1"),
		"reset, wrong":                 views.ResetPage(out, s.typed("password", "password.short", map[string]any{"Limit": chat.PasswordMin}), chat.User{ID: 7, Username: "ada"}, "token"),
		"reset, gone":                  views.ResetGonePage(out),
		"confirm":                      views.ConfirmPage(out, views.Form{}, s.name, *f.Viewer, "token"),
		"confirm, taken":               views.ConfirmPage(out, s.typed("", "email.taken", nil), s.name, *f.Viewer, "token"),
		"confirm, gone":                views.ConfirmGonePage(out),
		"leaving":                      views.LeavingPage(f, views.Form{}),
		"leaving, wrong name":          views.LeavingPage(f, s.typed("username", "leaving.username_wrong", name)),
		"leaving, no choice":           views.LeavingPage(f, s.typed("messages", "leaving.missing", nil)),
		"leaving, stale":               views.LeavingPage(stale, s.typed("current", "password.not_yours", nil)),
		"leaving, the last":            views.LeavingPage(f, s.typed("", "account.last", nil)),
	}
}

// download is the file with what is kept about somebody.
func (s sample) download() templ.Component {
	f, at := s.frame, s.messages[0].At
	return views.DownloadPage(f, views.DownloadProps{
		User: *f.Viewer, Email: chat.Email{Address: s.name, Verified: true}, MadeAt: at, Devices: s.devices(),
		Rooms:       []views.DownloadedRoom{{Name: s.name, JoinedAt: at}},
		Invitations: s.invitations(at),
		Log:         []chat.Entry{{ID: 1, At: at, Action: chat.RoleChanged, Detail: s.name, Address: "192.0.2.7"}},
	}, templ.Join(
		views.DownloadRoom(f, s.name), views.DownloadRoom(f, ""),
		views.DownloadMessage(f, views.DownloadedMessage{HTML: s.messages[0].HTML, At: at}),
		views.DownloadMessage(f, views.DownloadedMessage{HTML: s.messages[1].HTML, At: at, EditedAt: at, Older: []chat.Edit{{HTML: "<p>Before.</p>", At: at}}}),
	))
}
