package views

import (
	"time"

	"github.com/a-h/templ"

	"chinwag/chat"
)

// Frame is what every page has around its content.
type Frame struct {
	Words     *Words
	Community string
	Zone      *time.Location // days are counted and times are drawn in it
	Viewer    *chat.User     // nil: signed out
	CSRF      string         // goes into every form
	Notice    string         // a sentence already, shown once
	Stale     bool           // forms for which the password must have been typed lately ask for it
	Mail      bool           // the server sends mail
	Rooms     []chat.Room    // the viewer's rooms, for the sidebar
	Here      chat.RoomID    // the room this page shows, or 0
	Script    string         // address of the script
	Style     string         // address of the style sheet
	PageStyle string         // address of what every page but the room has besides
}

// title is what the browser's tab says.
func (f Frame) title(page string) string { return page + " · " + f.community() }

// community is its name, or the program's while it has none.
func (f Frame) community() string {
	if f.Community == "" {
		return f.Words.T("program")
	}
	return f.Community
}

// pageProps is what one page says about itself.
type pageProps struct {
	title string
	class string    // how the style sheet knows the page
	live  string    // address of the socket; empty: nothing on the page is live
	skip  string    // id that the skip link leads to
	to    string    // catalogue key of the skip link
	at    chat.Seq  // the message the page was opened for, or 0
	here  placeLink // which of the sidebar's own links this page is
}

// classRoom is the class of a room's page, which is the one that has to be small.
const classRoom = "room"

// placeLink names the links of the sidebar that are no rooms.
type placeLink int

const (
	placeOther placeLink = iota
	placeRooms
	placeNewRoom
	placeSettings
)

// current marks the link to the page one is on.
func current(here bool) templ.Attributes {
	if !here {
		return nil
	}
	return templ.Attributes{"aria-current": "page"}
}
