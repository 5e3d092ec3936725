package views

// fieldProps describes one labelled field of a form.
type fieldProps struct {
	name         string // of the field; also its id
	label        string
	hint         string // under the label; may be empty
	kind         string // type of the input; empty: text
	autocomplete string // what a browser may fill in
	first        bool   // the cursor is here when nothing is wrong
	code         bool   // no capitals, no spell check: a name or an address
}

func (p fieldProps) hintID() string  { return p.name + "-hint" }
func (p fieldProps) errorID() string { return errorID(p.name) }

// errorID is the id of the sentence under a field.
func errorID(field string) string { return field + "-error" }

// describedBy names what explains the field: its hint, then its error.
func (p fieldProps) describedBy(wrong bool) string {
	switch {
	case p.hint != "" && wrong:
		return p.hintID() + " " + p.errorID()
	case p.hint != "":
		return p.hintID()
	case wrong:
		return p.errorID()
	}
	return ""
}

func (p fieldProps) inputType() string {
	if p.kind == "" {
		return "text"
	}
	return p.kind
}
