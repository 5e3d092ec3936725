package views

import (
	"net/url"
	"time"

	"chinwag/chat"
)

// Person is somebody as administrators see them.
type Person struct {
	chat.User
	Email      chat.Email
	Disabled   bool
	LastSeenAt time.Time // zero: never, or not since their last session ended
}

// PeopleProps is a page of the list of people.
type PeopleProps struct {
	People []Person
	Text   string // what is looked for
	Show   string // which of them: see peopleShown
	Next   string // address of the next page; empty: there is none
}

// peopleShown are the parts of the list that may be asked for.
func peopleShown(w *Words) []option {
	return []option{
		{"", w.T("people.show_all")},
		{"admins", w.T("people.show_admins")},
		{"moderators", w.T("people.show_moderators")},
		{"disabled", w.T("people.show_disabled")},
	}
}

// PeopleAfterPath is the next page of a list of people.
func PeopleAfterPath(text, show, after string) string {
	return PeoplePath + "?" + url.Values{"q": {text}, "show": {show}, "after": {after}}.Encode()
}

// PersonProps is one person with what can be done.
type PersonProps struct {
	Person Person
	Myself bool   // the viewer, who does none of this to themselves
	Link   string // by which they choose another password; empty: none was made just now
	Form   Form   // of the act that was refused, by its ID; empty: of none
}

// The forms of a person's page, by what they do.
const (
	ActRole    = "role"
	ActDisable = "disable"
	ActEnable  = "enable"
	ActReset   = "reset"
)

// form is the one of an act: as it was refused, or new.
func (p PersonProps) form(act string) Form {
	if p.Form.ID == act {
		return p.Form
	}
	return Form{ID: act, Values: map[string]string{"role": string(p.Person.Role)}}
}

// offers says whether an act's form stands on the page.
func (p PersonProps) offers(act string) bool {
	switch act {
	case ActEnable:
		return !p.Myself && p.Person.Disabled
	case ActDisable, ActReset:
		return !p.Myself && !p.Person.Disabled
	default:
		return !p.Myself
	}
}

// aside is what is wrong with an act that the page does not offer: somebody else may have done it meanwhile.
func (p PersonProps) aside(w *Words) string {
	if p.offers(p.Form.ID) {
		return ""
	}
	return w.TError(p.Form.Problem)
}

// refused says whether an act was tried and did not go through.
func (p PersonProps) refused(act string) bool { return p.Form.ID == act && p.Form.Problem != nil }
