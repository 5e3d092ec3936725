package handlers_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/handlers"
	"chinwag/realtime"
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
	screen.hears(s, s.userID("ada")) // it has read what it missed: one that is late finds too much to be told piece by piece
	elsewhere, err := db.Open(t.Context(), s.place, silence{})
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
	if diff := cmp.Diff(append([]string{"here"}, want...), screen.log().texts()); diff != "" {
		t.Error(diff)
	}
}

// unruly is a broker as a bad network makes one: it loses hints, doubles them, keeps them back and gives them in another
// order, and makes some up.
type unruly struct {
	realtime.Broker

	mu     sync.Mutex
	random *rand.Rand
	kept   []realtime.Hint
}

// Publish does what it likes with a hint.
func (u *unruly) Publish(h realtime.Hint) {
	for _, h := range u.makes(h) {
		u.Broker.Publish(h)
	}
}

func (u *unruly) makes(h realtime.Hint) []realtime.Hint {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.kept = append(u.kept, h)
	var list []realtime.Hint
	for dice := u.random.IntN(8); dice > 0 && len(u.kept) > 0; dice-- {
		i := u.random.IntN(len(u.kept))
		h := u.kept[i]
		switch u.random.IntN(8) {
		case 0: // lost
		case 1: // doubled
			list = append(list, h, h)
		case 2: // once more, later
			list = append(list, h)
			continue
		case 3: // too far
			h.Rev += u.random.Int64N(1000)
			list = append(list, h)
		case 4: // far too far
			h.Rev = math.MaxInt64
			list = append(list, h)
		case 5:
			list = append(list, realtime.Hint{Topic: fmt.Sprint("room/", u.random.IntN(1000)), Rev: h.Rev, Kind: h.Kind}, h)
		default:
			list = append(list, h)
		}
		u.kept = append(u.kept[:i], u.kept[i+1:]...)
	}
	return list
}

func TestLiveScreensEqualFreshPagesWhateverBecomesOfHints(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	s.broker = &unruly{Broker: s.broker, random: rand.New(rand.NewPCG(8, 9))}
	s.restarts()
	people := []*browser{s.newcomer(), s.newcomer(), s.newcomer()}
	w := s.opensWorld(t, "Bad network", people, 20, true)
	defer w.ends()
	w.opens(people[1])
	w.opens(people[2])
	random := rand.New(rand.NewPCG(10, 11))
	for range 10 {
		for range 1 + random.IntN(30) {
			w.changes(random)
		}
		w.looks()
	}
	for _, p := range w.pages {
		if p.loads != 1 {
			t.Errorf("a page was loaded %d times", p.loads)
		}
	}
}

// A hint of what never happened makes a node look once. It neither looks again and again, nor overlooks what is told next.
func TestLiveFalseHintsCostALook(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	root := s.userID("root")
	screen := s.newcomer(general).watches(general, 0)
	screen.hears(s, root)
	for _, rev := range []int64{int64(s.rev()) + 1, 1000, math.MaxInt64} {
		quickly(t, func(int) func() {
			before := s.db.Queries()
			s.broker.Publish(realtime.Hint{Topic: "room/1", Rev: rev, Kind: string(chat.MessagePosted)})
			return func() {
				screen.hears(s, root)
				if took := s.db.Queries() - before; took > 30 {
					t.Errorf("it took %d statements", took)
				}
			}
		})
	}
}
