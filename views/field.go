package views

// fieldProps describes one labelled field of a form.
type fieldProps struct {
	name         string // of the field; see Form.fieldID for its id
	label        string
	hint         string // under the label; may be empty
	kind         string // type of the input; empty: text
	autocomplete string // what a browser may fill in
	first        bool   // the cursor is here when nothing is wrong
	list         string // id of what may be chosen instead of typed
	code         bool   // no capitals, no spell check: a name or an address
}

// hintID is the id of the line under a label.
func hintID(field string) string { return field + "-hint" }

// errorID is the id of the sentence under a field.
func errorID(field string) string { return field + "-error" }

// describedBy names what explains the field with an id: its hint, then its error.
func (p fieldProps) describedBy(id string, wrong bool) string {
	switch {
	case p.hint != "" && wrong:
		return hintID(id) + " " + errorID(id)
	case p.hint != "":
		return hintID(id)
	case wrong:
		return errorID(id)
	}
	return ""
}

func (p fieldProps) inputType() string {
	if p.kind == "" {
		return "text"
	}
	return p.kind
}
