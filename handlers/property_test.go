package handlers_test

import (
	"flag"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chinwag/chat"
)

// Whatever people do in whatever order, and whenever lines drop: a page that is live shows what a fresh one does.
func TestScreensEqualAFreshPageWhateverHappens(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	people := []*browser{s.newcomer(), s.newcomer(), s.newcomer()}
	runs := 0
	fewRuns(t)
	rapid.Check(t, func(t *rapid.T) {
		runs++
		w := s.opensWorld(t, fmt.Sprintf("World %d", runs), people,
			rapid.IntRange(0, 60).Draw(t, "messages before"), rapid.Bool().Draw(t, "one came late"))
		defer w.ends()
		t.Repeat(map[string]func(*rapid.T){
			"post":       w.post,
			"burst":      w.burst,
			"edit":       w.edit,
			"delete":     w.delete,
			"open":       w.open,
			"disconnect": w.disconnect,
			"reconnect":  w.reconnect,
			"turn":       w.turn,
			"look":       func(*rapid.T) { w.looks() },
		})
		for _, p := range w.pages {
			w.returns(p)
		}
		w.looks()
	})
}

// fewRuns asks for as many runs as there is time for each time the tests run; -rapid.checks asks for more.
func fewRuns(t *testing.T) {
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		must(t, flag.Set("rapid.checks", "20"))
	}
}

func (w *world) post(t *rapid.T) { w.posts(w.person(t), "said") }

func (w *world) person(t *rapid.T) *browser {
	return w.people[rapid.IntRange(0, len(w.people)-1).Draw(t, "person")]
}

// burst posts many at once, sometimes more than a page can be caught up with.
func (w *world) burst(t *rapid.T) {
	w.bursts(w.person(t), rapid.SampledFrom([]int{3, 10, 40, 210}).Draw(t, "messages"))
}

// message picks one that stands; newer ones more often, as people do. There may be none.
func (w *world) message(t *rapid.T) (i int, there bool) {
	if len(w.said) == 0 {
		return 0, false
	}
	i = len(w.said) - 1 - rapid.IntRange(0, len(w.said)-1).Draw(t, "back from the newest")
	return i, !w.said[i].gone
}

func (w *world) edit(t *rapid.T) {
	if i, there := w.message(t); there {
		w.edits(i, rapid.SampledFrom([]string{"better", "best", "**loud**", "😀"}).Draw(t, "text")) // the same again changes nothing
	}
}

func (w *world) delete(t *rapid.T) {
	if i, there := w.message(t); there {
		w.deletes(i)
	}
}

// open loads the room's newest page and opens its socket.
func (w *world) open(t *rapid.T) {
	if len(w.pages) == 6 {
		return
	}
	w.opens(w.person(t))
}

func (w *world) page(t *rapid.T) *openPage {
	return w.pages[rapid.IntRange(0, len(w.pages)-1).Draw(t, "page")]
}

// disconnect drops a page's line, wherever it is in what comes down.
func (w *world) disconnect(t *rapid.T) { w.page(t).drops() }

func (w *world) reconnect(t *rapid.T) { w.returns(w.page(t)) }

// turn goes to another page of the room.
func (w *world) turn(t *rapid.T) {
	p := w.page(t)
	seq := rapid.IntRange(1, max(1, len(w.said))).Draw(t, "message")
	path := fmt.Sprintf(rapid.SampledFrom([]string{"%s", "%s?before=%d", "%s?after=%d", "%s/%d"}).Draw(t, "address"), roomPath(w.room), seq)
	path, _, _ = strings.Cut(path, "%!") // the newest page has no number
	if seq >= len(w.said) || chat.Seq(seq) <= w.hidden && strings.HasSuffix(path, "/"+strconv.Itoa(seq)) {
		path = roomPath(w.room) // the other pages would be empty, or not this person's to see
	}
	w.loads(p, path)
}
