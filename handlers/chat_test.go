package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chinwag/chat"
)

func TestTwoPeopleChatWithoutScript(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	root := s.stranger()
	root.opens("/setup?token=" + setupToken).is(http.StatusOK)
	root.submits("/setup?token="+setupToken, "community", "The Pub", "username", "ada", "password", password, "registration", "open").
		is(http.StatusOK).sees("General")
	root.opens("/setup?token=" + setupToken).is(http.StatusNotFound)

	bob := s.stranger()
	bob.signsUp("bob")
	room := bob.makesRoom("Music", chat.RoomPublic)
	bob.says(room, "Anybody there?").is(http.StatusOK)

	root.opens("/rooms?q=musi").sees("Music")
	root.opens(roomPath(room)).sees("Anybody there?")
	root.post(roomPath(room)+"/messages", "body", "not yet", "key", "k1").is(http.StatusUnprocessableEntity).sees("not yet")
	root.submitsFrom(roomPath(room), roomPath(room)+"/join").is(http.StatusOK)
	root.says(room, "**Here** I am").is(http.StatusOK)

	p := bob.opens(roomPath(room))
	if diff := cmp.Diff([]string{"bob: Anybody there?", "ada: Here I am"}, p.messages()); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(p.Body, "<strong>Here</strong>") {
		t.Error("emphasis was not drawn")
	}
	bob.opens(roomPath(room) + "/2").is(http.StatusOK).sees("Here I am")

	bob.submitsFrom(roomPath(room), roomPath(room)+"/leave").sees("Music")
	bob.submitsFrom("/rooms", "/logout").sees("Sign in")
	bob.get(roomPath(room)).is(http.StatusUnauthorized).misses("Here I am")
	bob.signsIn("bob", password).is(http.StatusOK)
}
