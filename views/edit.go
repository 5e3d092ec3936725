package views

import "chinwag/chat"

// EditProps is what a page to change a message shows. Whoever sees it may delete the message.
type EditProps struct {
	Room      chat.RoomSeen
	Message   chat.Message
	Own       bool        // the viewer wrote it
	Moderates bool        // the viewer keeps order in the room
	Edits     []chat.Edit // older versions, oldest first, for who keeps order
	Form      Form
}

// title says whose message it is.
func (p EditProps) title(w *Words) string {
	if p.Writable() {
		return w.T("edit.title")
	}
	return w.T("edit.title_other", "Name", p.Message.Author.Name())
}

// body is what the box holds: what was typed and refused, else the message as it stands.
func (p EditProps) body() string {
	if typed, ok := p.Form.Values["body"]; ok {
		return typed
	}
	return p.Message.Body
}

func (p EditProps) editPath() string { return EditPath(p.Message.Room, p.Message.Seq) }

func (p EditProps) deletePath() string { return DeletePath(p.Message.Room, p.Message.Seq) }

func (p EditProps) messagePath() string { return MessagePath(p.Message.Room, p.Message.Seq) }

// Writable says whether the viewer may give the message another text: who left the room may only delete.
func (p EditProps) Writable() bool { return p.Own && p.Room.Joined() }

// Any says whether there is a message that the viewer may do something with.
func (p EditProps) Any() bool {
	return p.Message.Seq != 0 && !p.Message.Gone() && (p.Own || p.Moderates)
}
