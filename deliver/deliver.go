// Package deliver brings out of the building what the community sends: mails, by the SMTP server of whoever runs it. It
// also does what waits in the table of jobs, one after the other ([Runner]).
//
// It holds no rule and draws nothing: who gets what is decided in chat, how it looks in views.
package deliver

// Mail is one message to one person, twice: as text and as HTML.
type Mail struct {
	From    string // the sender's name; the address is the server's own
	To      string // one address
	Subject string
	Text    string
	HTML    string
	ID      string // the Message-ID before its @: the same for each attempt at the same mail
}

// Refused says that a mail was not taken.
type Refused struct {
	Permanent bool   // it will not be taken later either
	Answer    string // in the words of the server, or of the way there; never a password
}

func (r *Refused) Error() string { return r.Answer }
