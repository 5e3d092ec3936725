package views

import "chinwag/chat"

// RegisterProps is what the page that makes an account shows.
type RegisterProps struct {
	Registration chat.Registration
	Invitation   *chat.Invitation // that somebody follows; nil: none, or one that is gone
	Token        string           // of the invitation
	Gone         bool             // there was an invitation in the address that works no more
	Form         Form
}

// open says whether whoever sees the page may make an account.
func (p RegisterProps) open() bool { return p.Registration.Admits(p.Invitation != nil) }

// closed says why nobody may make an account here.
func (p RegisterProps) closed(w *Words) string {
	switch {
	case p.Registration != chat.RegistrationInvite:
		return w.T("register.closed")
	case p.Gone:
		return w.T("invitation.ask")
	default:
		return w.T("register.invite")
	}
}

// signIn leads to the sign-in page and keeps the invitation.
func (p RegisterProps) signIn() string {
	if p.Invitation == nil {
		return LoginPath
	}
	return SignInPath(InvitedPath(p.Token))
}
