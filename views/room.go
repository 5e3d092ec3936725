package views

import (
	"time"

	"chinwag/chat"
)

// RoomProps is what a page of a room shows.
type RoomProps struct {
	Room     chat.RoomSeen
	Messages []Drawn   // oldest first
	Older    bool      // there are older messages than these
	Newer    bool      // there are newer messages than these, so the page is not live
	At       chat.Seq  // the message the page was opened for, or 0
	Key      string    // the composer's: what makes sending twice harmless
	Form     Form      // the composer's
	Chosen   EditProps // the message of At, if the viewer may change it
}

// live says whether the page ends at the newest message and so takes what comes live.
func (p RoomProps) live() bool { return !p.Newer }

// first and last are the numbers of the oldest and newest message shown; 0 if there are none.
func (p RoomProps) first() chat.Seq {
	if len(p.Messages) == 0 {
		return 0
	}
	return p.Messages[0].Seq
}

func (p RoomProps) last() chat.Seq {
	if len(p.Messages) == 0 {
		return 0
	}
	return p.Messages[len(p.Messages)-1].Seq
}

func (p RoomProps) page(f Frame) pageProps {
	props := pageProps{title: p.Room.Name, class: classRoom, skip: idBody, to: "skip.composer", at: p.At}
	if p.live() {
		props.live = LivePath(p.Room.ID, p.Room.Rev)
	}
	if !p.Room.Joined() {
		props.skip, props.to = idComposer, "skip.join"
	}
	return props
}

// row is how one message is drawn.
type row struct {
	message *chat.Message
	words   *Words
	zone    *time.Location
	grouped bool // continues the one before it: no name
	day     bool // a date stands above it
	swap    bool // replaces its older self wherever it is on the page
}

// liveRow draws a message as everyone sees it below the one before it.
func liveRow(f Frame, m *chat.Message) row {
	return row{message: m, words: f.Words, zone: f.Zone, grouped: m.Grouped(f.Zone), day: m.NewDay(f.Zone)}
}

// firstRow draws a message that has nothing above it on the page.
func firstRow(f Frame, m *chat.Message) row {
	return row{message: m, words: f.Words, zone: f.Zone, day: true}
}

// swapping is the same row, replacing its older self.
func (r row) swapping() row { r.swap = true; return r }
