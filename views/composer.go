package views

// problem is what is wrong with what the composer was given; empty if nothing is. A refusal of the whole send, such as too
// many at once, stands in the same place as one about the text: there is only one field.
func (p RoomProps) problem(w *Words) string { return w.TError(p.Form.Problem) }

func (p RoomProps) wrong() bool { return p.Form.Problem != nil }

// focusBody says whether the cursor waits in the composer: not where somebody came to read an older message.
func (p RoomProps) focusBody() bool { return p.wrong() || p.At == 0 && p.live() }
