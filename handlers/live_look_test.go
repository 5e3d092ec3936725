package handlers_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fasthttp/websocket"

	"chinwag/chat"
)

// Rights and sessions end where no hint comes from, and somebody speaks at that moment: those who lost them get nothing of it.
func TestS28_NothingIsSentToThoseWhoLostTheirRightBefore(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	secret := s.room("Secrets", chat.RoomPrivate, 0)
	stays := s.newcomer(secret).watches(secret, 0)
	for i := range 3 {
		later := fmt.Sprintf("not for them %d", i)
		bob, eve := s.newcomer(secret), s.newcomer(secret)
		theirs, hers := bob.watches(secret, 0), eve.watches(secret, 0)
		s.seedMessages(secret, "root", 1)
		for _, screen := range []*screen{stays, theirs, hers} {
			screen.shows(fmt.Sprintf("message %d from root", 1+2*i))
		}
		s.runs(`DELETE FROM memberships WHERE room_id = $1 AND user_id = $2`, secret, bob.me())
		s.runs(`DELETE FROM sessions WHERE user_id = $1`, eve.me())
		s.runs(`UPDATE community SET security_rev = security_rev + 1`)
		_, err := s.community.Post(t.Context(), s.userID("root"), secret, later, chat.NewToken(16))
		must(t, err)
		stays.shows(later)
		eventually(t, func() bool { return theirs.log().lost })
		hers.closesWith(websocket.ClosePolicyViolation)
		if got := strings.Join(append(theirs.got(), hers.got()...), ""); strings.Contains(got, later) {
			t.Errorf("they got %s", got)
		}
	}
}
