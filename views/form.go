package views

import "chinwag/chat"

// Form is what was typed into a form and what is wrong with it. The zero value is an empty form.
type Form struct {
	ID      string            // tells the fields of a page's several forms apart; empty where there is one
	Values  map[string]string // by field name
	Problem *chat.Invalid
}

// Value is what a field shows again. Passwords are never given back.
func (f Form) Value(field string) string {
	if field == "password" || field == "current" {
		return ""
	}
	return f.Values[field]
}

// fieldID is the id of a field: its name, on a page of several forms after the form's own.
func (f Form) fieldID(field string) string {
	if f.ID == "" {
		return field
	}
	return f.ID + "-" + field
}

// Sentence says what is wrong with a field; empty if nothing is.
func (f Form) Sentence(w *Words, field string) string {
	if !f.wrong(field) {
		return ""
	}
	return w.TError(f.Problem)
}

// Whole says what is wrong with the form as a whole; empty if nothing is.
func (f Form) Whole(w *Words) string { return f.Sentence(w, "") }

func (f Form) wrong(field string) bool { return f.Problem != nil && f.Problem.Field == field }

// focus says whether a field has the cursor when the page opens: the wrong one, else the one that comes first.
func (f Form) focus(field string, first bool) bool {
	if f.Problem != nil && f.Problem.Field != "" {
		return f.wrong(field)
	}
	return first
}

// chosen says whether a radio button is on: the one that was, else the one that comes first.
func (f Form) chosen(field, value string, first bool) bool {
	if v := f.Values[field]; v != "" {
		return v == value
	}
	return first
}
