package handlers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/handlers"
)

// silence is a publisher whose hints are all lost.
type silence struct{}

func (silence) Publish(chat.Event) {}

// Another program writes far more than one piece into a room, and nobody is told: the screens of this one find out by
// themselves, and show every message once, in order.
func TestLiveFindsWhatNoHintTold(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	ada := s.person("ada")
	screen := ada.watches(general, 0)
	elsewhere, err := db.Open(t.Context(), s.dir, silence{})
	must(t, err)
	t.Cleanup(func() { must(t, elsewhere.Close()) })
	rules := chat.New(elsewhere, []byte(strings.Repeat("k", 32)), time.Now)
	want := make([]string, 2*handlers.BehindAfter+50)
	for i := range want {
		want[i] = fmt.Sprintf("word %d", i+1)
		_, err := rules.Post(t.Context(), s.userID("ada"), general, want[i], chat.NewToken(16))
		must(t, err)
	}
	screen.shows(want[len(want)-1])
	if diff := cmp.Diff(want, screen.log().texts()); diff != "" {
		t.Error(diff)
	}
}
