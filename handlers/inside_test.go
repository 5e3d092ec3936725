package handlers_test

import (
	"regexp"
	"testing"
)

// inside is what an answer never holds: paths, stacks, SQL, versions, the words of libraries, keys of the catalogue.
var inside = regexp.MustCompile(`(?i)\.go\b|goroutine|panic:|runtime error|/root/|/home/|/tmp/|\bSELECT\b .* FROM|\bINSERT INTO\b|\bno such\b|sql:|sqlite|` +
	`fasthttp|fiber|websocket:|goldmark|nil pointer|chinwag/|strconv|unexpected|cannot find|go1\.|` +
	`\b(error|message|live|login|register|setup|community|registration|user|username|password|display_name|email|rooms?|newroom|members?|composer|notice|moved|invitations?|admin|people|person|log|role|zone|disable)\.[a-z_]+\b`)

// noInternals holds that an answer tells nothing of how the server is made.
func noInternals(t *testing.T, answer string) {
	t.Helper()
	if at := inside.FindStringIndex(answer); at != nil {
		t.Errorf("an answer shows the inside: …%s…", answer[max(0, at[0]-80):min(len(answer), at[1]+80)])
	}
}
