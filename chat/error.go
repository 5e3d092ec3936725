package chat

import (
	"errors"
	"fmt"
)

// What a rule can answer beside "done". Handlers turn each into a status and a sentence in one place.
var (
	// ErrNotFound says that a thing does not exist, or that this viewer may not know it does: both look the same.
	ErrNotFound = errors.New("not found")
	// ErrForbidden refuses an act on something the viewer may know about.
	ErrForbidden = errors.New("forbidden")
	// ErrSignedOut says that the session is missing, ended or too old.
	ErrSignedOut = errors.New("signed out")
	// ErrKeyReused says that a send's key was already spent on another text.
	ErrKeyReused = errors.New("key already used for another message")
	// ErrBusy says that more is waiting than the server takes on; the same request may succeed in a second.
	ErrBusy = errors.New("busy")
	// ErrUnknown says that the database went away before it told whether the write was kept. It is a kind of ErrBusy: the
	// same request may be made again, and of a send the key tells what became of it.
	ErrUnknown = fmt.Errorf("%w: nobody knows whether it was kept", ErrBusy)
	// ErrNoSpace says that the disk is full: nothing was written, and it may succeed once there is room again.
	ErrNoSpace = errors.New("no space left")
)

// Invalid is what a person typed and cannot have. Sentence is a key of the message catalogue; Args fill its gaps.
type Invalid struct {
	Field    string         // the form field the sentence stands beside; empty: the form as a whole
	Sentence string         // catalogue key, for example "username.taken"
	Args     map[string]any // values for the sentence's gaps
}

func (e *Invalid) Error() string { return fmt.Sprintf("invalid %s: %s", e.Field, e.Sentence) }

func invalid(field, sentence string) error { return &Invalid{Field: field, Sentence: sentence} }

func invalidLength(field, sentence string, limit int) error {
	return &Invalid{Field: field, Sentence: sentence, Args: map[string]any{"Limit": limit}}
}
