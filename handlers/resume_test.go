package handlers_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/handlers"
	"chinwag/realtime"
)

// A page comes back after many posts, edits and deletions: either it shows what a fresh one does, or it is told how many
// messages it missed and where it was. In neither case there is a hole.
func TestComingBackAfterManyChanges(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	people := []*browser{s.newcomer(), s.newcomer(), s.newcomer()}
	for _, changes := range []int{1, 50, handlers.BehindAfter, handlers.BehindAfter + 1, 500} {
		t.Run(fmt.Sprintf("%d changes", changes), func(t *testing.T) {
			w := s.opensWorld(t, fmt.Sprintf("After %d", changes), people, 120, true)
			defer w.ends()
			random := rand.New(rand.NewPCG(uint64(changes), 1))
			away, late := w.pages[0], w.opens(people[2])
			before := len(w.said)
			away.drops()
			late.drops()
			for range changes {
				w.changes(random)
			}
			w.returns(away)
			w.returns(late)
			if changes <= handlers.BehindAfter {
				w.looks()
				if away.loads+late.loads != 2 {
					t.Error("a page had to be loaded again")
				}
				return
			}
			eventually(t, func() bool { return away.behind() && late.behind() })
			missed := len(w.said) - before
			if !strings.Contains(away.screen.Line, fmt.Sprint(missed)) || missed == 0 {
				t.Errorf("after %d messages the page says %q", missed, away.screen.Line)
			}
			// Where it was is a page that goes on from what it shows.
			there := away.viewer.in(t).get(fmt.Sprintf("%s/%d", roomPath(w.room), before+1)).is(http.StatusOK)
			if there.byID(fmt.Sprintf("m%d", before)) == nil {
				t.Error("where it was, the message before is not to be seen")
			}
			w.looks() // loads them again
			w.looks()
		})
	}
}

// changes does one thing by chance.
func (w *world) changes(random *rand.Rand) {
	i := len(w.said) - 1 - random.IntN(min(len(w.said), 150))*random.IntN(2)
	switch dice := random.IntN(10); {
	case dice < 4 && !w.said[i].gone:
		w.edits(i, fmt.Sprintf("edited %d", random.Int64()))
	case dice < 6 && !w.said[i].gone:
		w.deletes(i)
	default:
		w.posts(w.people[random.IntN(3)], "said")
	}
}

// A line drops after every frame that comes, while much is said, changed and deleted. Each time the page asks for exactly
// what is missing: the cursor is right after every frame.
func TestLineThatDropsAfterEveryFrame(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	people := []*browser{s.newcomer(), s.newcomer(), s.newcomer()}
	w := s.opensWorld(t, "Broken line", people, 20, false)
	defer w.ends()
	p := w.pages[0]
	p.drops()
	random := rand.New(rand.NewPCG(2, 3))
	for turn := range 100 {
		for range 1 + random.IntN(5) {
			w.changes(random)
		}
		conn, _, err := p.viewer.shakesHands(strings.TrimPrefix(p.screen.Socket(), "/live"), nil)
		must(t, err)
		before := p.screen.Rev
		_, frame, err := conn.ReadMessage()
		must(t, err)
		must(t, p.screen.Take(string(frame)))
		must(t, conn.Close())
		if p.screen.Rev <= before {
			t.Fatalf("turn %d: after a frame the cursor is at %d, and was at %d", turn, p.screen.Rev, before)
		}
		if p.hasHole() {
			t.Fatalf("turn %d: a hole: %+v", turn, p.screen.Rows)
		}
	}
	w.returns(p)
	w.looks()
	if rev := s.number(`SELECT rev FROM rooms WHERE id = $1`, w.room); p.loads != 1 || rev != p.screen.Rev {
		t.Errorf("the cursor is at %d after %d loads, the room at %d", p.screen.Rev, p.loads, rev)
	}
}

// More happened than is read at a time, and no hint told of it: one message was posted early in that and deleted late. The
// line drops after the first frame. What the page shows then is how the room was, so that what it asks for is all it lacks.
func TestLineThatDropsInTheMiddleOfALongRange(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	people := []*browser{s.newcomer(), s.newcomer(), s.newcomer()}
	w := s.opensWorld(t, "Long range", people, 3, false)
	defer w.ends()
	p := w.pages[0]
	p.drops()
	conn, _, err := p.viewer.shakesHands(strings.TrimPrefix(p.screen.Socket(), "/live"), nil)
	must(t, err)
	s.withoutHints(func() {
		w.bursts(people[0], handlers.BehindAfter+50)
		w.deletes(100)
		w.edits(110, "better")
		w.bursts(people[0], 5)
	})
	_, frame, err := conn.ReadMessage() // the watch has found it
	must(t, err)
	must(t, p.screen.Take(string(frame)))
	must(t, conn.Close())
	if p.hasHole() {
		t.Errorf("a hole: %+v", p.screen.Rows)
	}
	w.returns(p)
	w.looks()
}

// withoutHints lets something happen through another program on the same data.
func (s *site) withoutHints(do func()) {
	s.t.Helper()
	other, err := db.Open(s.t.Context(), s.place, handlers.Publisher(realtime.NewMemory()))
	must(s.t, err)
	ours := s.community
	s.community = chat.New(other, []byte(strings.Repeat("k", 32)), s.clock.now)
	do()
	s.community = ours
	must(s.t, other.Close())
}
