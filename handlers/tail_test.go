package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/views/viewstest"
)

// A page of the newest messages ends at the newest, whatever was changed lately: far more than its own messages, or only
// the oldest ones.
func TestNewestPageEndsAtTheNewestMessage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ from, to int }{
		"the oldest deleted": {1, 66}, "all but the newest deleted": {1, 99}, "some in the middle deleted": {30, 95},
	} {
		for _, seen := range []bool{false, true} { // whether somebody looked before
			t.Run(fmt.Sprint(name, ", seen before ", seen), func(t *testing.T) {
				t.Parallel()
				s := openSite(t, withoutLimits)
				ada := s.person("ada")
				s.seedMessages(general, "ada", 100)
				if seen {
					ada.opens(roomPath(general))
				}
				for seq := c.from; seq <= c.to; seq++ {
					must(t, s.community.Delete(t.Context(), chat.Actor{User: s.userID("ada")}, general, chat.Seq(seq)))
				}
				screen, err := viewstest.Open(ada.get(roomPath(general)).is(http.StatusOK).Body)
				must(t, err)
				if rows := screen.Rows; len(rows) != 50 || rows[0].ID != "m51" || rows[49].ID != "m100" {
					t.Errorf("%d rows, from %s to %s", len(rows), rows[0].ID, rows[len(rows)-1].ID)
				}
			})
		}
	}
}

// After a restart the first to come is often a screen that missed a little. The pages that follow are at hand all the same.
func TestPagesAreAtHandAfterAScreenCameBack(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	ada := s.person("ada")
	s.seedMessages(general, "ada", 100)
	s.server.ForgetRooms()
	ada.watches(general, 98).shows("message 100 from ada")
	ada.get(roomPath(general)).is(http.StatusOK)
	before := s.db.Queries()
	ada.get(roomPath(general)).is(http.StatusOK)
	first := s.db.Queries() - before
	if first > 4 { // the session, the room, the sidebar, and now and then the settings
		t.Errorf("the second page took %d statements", first)
	}
}

// So long are these that fewer of them are kept than a page shows.
func TestPagesOfLongMessagesAreWhole(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.newcomer(general)
	long := strings.Repeat("long ", chat.BodyMax/5-1) + "word"
	for range db.PageLength + 5 {
		_, err := s.community.Post(t.Context(), s.userID("root"), general, long, chat.NewToken(16))
		must(t, err)
	}
	for range 2 {
		if n := len(bob.get(roomPath(general)).is(http.StatusOK).messageIDs()); n != db.PageLength {
			t.Errorf("the page shows %d messages", n)
		}
	}
}
