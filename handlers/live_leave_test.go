package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/fasthttp/websocket"

	"chinwag/chat"
)

// Whoever leaves a private room in one tab loses it in the others at once: the pane is replaced, and nothing of the
// room comes any more. The socket stays, for it is the person's.
func TestS28_LeavingAPrivateRoomClearsTheOtherTabs(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	secret := s.room("Secrets", chat.RoomPrivate, 2)
	bob, eve := s.newcomer(secret), s.newcomer(secret)
	tab, elsewhere := bob.watches(secret, 2), bob.watches(general, 0)
	theirs := eve.watches(secret, 2)
	tab.stays()
	bob.submitsFrom(roomPath(secret), roomPath(secret)+"/leave").is(http.StatusOK)
	eventually(t, func() bool { return tab.log().lost })
	s.seedMessages(secret, "root", 20)
	theirs.shows("message 22 from root")
	s.seedMessages(general, "root", 1)
	elsewhere.shows("message 1 from root")
	tab.stays()
	if frames := tab.got(); len(frames) != 1 || strings.Contains(frames[0], "from root") {
		t.Errorf("the tab got %q", frames)
	}
	if elsewhere.log().lost || theirs.log().lost {
		t.Error("a page of another room or person was cleared")
	}
	for _, path := range []string{"", "/1", "/members", "?before=2"} {
		bob.get(roomPath(secret) + path).is(http.StatusNotFound)
	}
	bob.get("/rooms").is(http.StatusOK).misses("Secrets")
	if _, res, err := bob.shakesHands("?room=2&after=2", nil); err == nil || res.StatusCode != http.StatusNotFound {
		t.Errorf("the room's socket opens again: %v", err)
	}
	bob.post("/logout")
	tab.closesWith(websocket.ClosePolicyViolation)
}

// Taken away behind the server's back, as another node would.
func TestS28_LosingARoomElsewhereClearsThePage(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	secret := s.room("Secrets", chat.RoomPrivate, 2)
	bob := s.newcomer(secret)
	tab := bob.watches(secret, 2)
	tab.stays()
	s.runs(`DELETE FROM memberships WHERE room_id = $1 AND user_id = $2`, secret, bob.me())
	s.runs(`UPDATE community SET security_rev = security_rev + 1`)
	eventually(t, func() bool { return tab.log().lost })
	s.seedMessages(secret, "root", 3)
	tab.stays()
	if frames := tab.got(); len(frames) != 1 {
		t.Errorf("the tab got %q", frames)
	}
}

func TestLivePublicRoomStaysReadableAfterLeaving(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	market := s.room("Market", chat.RoomPublic, 0)
	bob := s.newcomer(market)
	tab := bob.watches(market, 0)
	bob.submitsFrom(roomPath(market), roomPath(market)+"/leave").is(http.StatusOK)
	s.seedMessages(market, "root", 1)
	tab.shows("message 1 from root")
	if tab.log().lost {
		t.Error("the page of a room that anybody may read was cleared")
	}
}
