package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"chinwag/chat"
)

// Whoever may see only what was said after they came gets nothing of the time before: not on pages, not by permalink, not
// caught up, and not live when somebody edits or deletes an old message.
func TestS38_ChangesOfOldMessagesStayWithThoseWhoMaySeeThem(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	secret := s.room("Secrets", chat.RoomPrivate, 5)
	ada, bob := s.newcomer(secret), s.newcomer(secret)
	s.runs(`UPDATE memberships SET since_seq = 5 WHERE room_id = $1 AND user_id = $2`, secret, bob.me())
	s.seedMessages(secret, "root", 1)
	theirs, whole := bob.watches(secret, 6), ada.watches(secret, 6)
	theirs.stays()
	whole.stays()
	root := s.userID("root")
	must(t, s.community.Edit(t.Context(), root, secret, 3, "an older secret"))
	must(t, s.community.Delete(t.Context(), chat.Actor{User: root}, secret, 4))
	must(t, s.community.Edit(t.Context(), root, secret, 6, "for everybody"))
	whole.shows("an older secret")
	whole.shows("for everybody")
	theirs.shows("for everybody")
	again := bob.watches(secret, 5) // caught up
	again.shows("for everybody")
	for what, text := range map[string]string{
		"live": strings.Join(theirs.got(), ""), "caught up": strings.Join(again.got(), ""), "page": bob.get(roomPath(secret)).is(http.StatusOK).Body,
	} {
		for _, hidden := range []string{"older secret", `id="m3"`, `id="m4"`, `class="m c" id="m6"`} {
			if strings.Contains(text, hidden) {
				t.Errorf("%s has %s", what, hidden)
			}
		}
	}
	for _, path := range []string{"/3", "/4/edit", "/5"} {
		bob.get(roomPath(secret) + path).is(http.StatusNotFound)
	}
	ada.get(roomPath(secret) + "/3").is(http.StatusOK)
}
