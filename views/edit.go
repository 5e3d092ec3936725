package views

import "chinwag/chat"

// EditProps is what a page to change a message shows.
type EditProps struct {
	Room      chat.RoomSeen
	Message   chat.Message
	MayEdit   bool        // the viewer may give it another text
	MayDelete bool        // the viewer may erase it
	Edits     []chat.Edit // older versions, oldest first, for who keeps order
	Form      Form
}

// title says whose message it is.
func (p EditProps) title(w *Words) string {
	if p.MayEdit {
		return w.T("edit.title")
	}
	return w.T("edit.title_other", "Name", personName(w, p.Message.Author))
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
