package views

import (
	"strings"

	"chinwag/chat"
)

// Mail is what a mail says, before it is drawn: once as text and once as HTML, with the same words.
type Mail struct {
	Subject string
	said    []string // why it came
	button  string   // what its link does; empty: there is none
	link    string
	after   []string // how long that works, and what to do if one did not ask for it
	foot    string   // whom it is from
}

// NewMail puts a letter into words. The origin is the public one, where its link leads. Of the person it says the username
// alone, which is plain: the address may be somebody's who never heard of the community.
func NewMail(f Frame, letter chat.Letter, origin string) Mail {
	w, name, community := f.Words, "@"+letter.User.Username, f.community()
	m := Mail{foot: w.T("letter.foot", "Community", community, "Address", origin)}
	switch letter.Kind {
	case chat.JobMailReset:
		m.Subject = w.T("letter.reset.subject", "Community", community)
		m.said = []string{w.T("letter.reset.said", "Name", name, "Community", community)}
		m.button, m.link = w.T("letter.reset.button"), origin+ResetPath(letter.Token)
		m.after = []string{w.T("letter.reset.works"), w.T("letter.reset.otherwise")}
	case chat.JobMailConfirm:
		m.Subject = w.T("letter.confirm.subject", "Community", community)
		m.said = []string{w.T("letter.confirm.said", "Name", name, "Community", community, "Email", letter.To)}
		m.button, m.link = w.T("letter.confirm.button"), origin+ConfirmPath(letter.Token)
		m.after = []string{w.T("letter.confirm.works"), w.T("letter.confirm.otherwise")}
	case chat.JobMailEmailChanged:
		m.Subject = w.T("letter.email_changed.subject", "Community", community)
		m.said = []string{w.T("letter.email_changed.said", "Name", name, "Community", community)}
		m.after = []string{w.T("letter.email_changed.otherwise")}
	case chat.JobMailPasswordChanged:
		m.Subject = w.T("letter.password_changed.subject", "Community", community)
		m.said = []string{w.T("letter.password_changed.said", "Name", name, "Community", community)}
		m.button, m.link = w.T("letter.password_changed.button"), origin+ForgotPath
		m.after = []string{w.T("letter.password_changed.otherwise")}
	}
	return m
}

// NewTestMail is what an administrator sends to see whether mail works.
func NewTestMail(f Frame, origin string) Mail {
	community := f.community()
	return Mail{
		Subject: f.Words.T("mail.test_subject", "Community", community),
		said:    []string{f.Words.T("mail.test_text", "Community", community)},
		foot:    f.Words.T("letter.foot", "Community", community, "Address", origin),
	}
}

// Text is the mail for those who read no HTML.
func (m Mail) Text() string {
	parts := m.said
	if m.link != "" {
		parts = append(parts, m.button+":\n"+m.link)
	}
	parts = append(parts, m.after...)
	return strings.Join(append(parts, "-- \n"+m.foot), "\n\n") + "\n" // two dashes and a space begin a signature
}

// Sender is what mails say they are from.
func (f Frame) Sender() string { return f.community() }
