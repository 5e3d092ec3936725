package views

import "chinwag/chat"

// Ids that the script, the live channel and the tests know the page by.
const (
	idSidebar  = "sidebar"
	idPane     = "pane"
	idLine     = "line"  // says what is wrong with the connection
	idOlder    = "older" // above the log: what is read by scrolling up
	idLog      = "log"
	idTail     = "tail" // the list that live messages are appended to; only a page that ends at the newest has it
	idNewest   = "newest"
	idComposer = "composer"
	idBody     = "body"
	idKey      = "key" // of the next send
	idAlert    = "alert"

	idBodyError = "body-error"
	idBodyHint  = "body-hint"
	idCancel    = "cancel" // ends changing a message
)

// ErrorTarget is where htmx puts a refusal that has no place of its own.
const ErrorTarget = "#" + idBodyError

// MessageID is the id of a message's row, the only ids among the rows of a log.
func MessageID(seq chat.Seq) string { return "m" + itoa(seq) }

// selector turns an id into what htmx takes as a target.
func selector(id string) string { return "#" + id }
