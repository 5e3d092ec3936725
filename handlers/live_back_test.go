package handlers_test

import (
	"slices"
	"testing"

	"chinwag/chat"
)

// A standby that takes over without having heard of all, or a copy that was put back: the room has come less far than its
// pages have. They load again, and show what is really there, also once the room has come as far a second time.
func TestRoomsThatLostMessagesAreLoadedAgain(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.newcomer(general)
	kept := s.seedMessages(general, "root", 3)
	open := bob.opensSocket("?room=1&after=3")
	s.seedMessages(general, "root", 4) // and these are lost
	eventually(t, func() bool { return len(open.log().rows) == 4 })
	s.runs(`DELETE FROM messages WHERE seq > 3`)
	s.runs(`UPDATE rooms SET last_seq = 3, rev = 3 WHERE id = 1`)
	eventually(t, func() bool { return open.log().reload })

	var said []string
	for _, text := range kept {
		said = append(said, "root: "+text)
	}
	for range 5 {
		if got := bob.get(roomPath(general)).messages(); !slices.Equal(got, said) {
			t.Fatalf("the page shows %q, want %q", got, said)
		}
		screen := bob.watches(general, s.rev())
		if _, err := s.community.Post(t.Context(), s.userID("root"), general, "said again", chat.NewToken(16)); err != nil {
			t.Fatal(err)
		}
		eventually(t, func() bool { return len(screen.log().rows) == 1 })
		said = append(said, "root: said again")
		must(t, screen.conn.Close())
	}
}
