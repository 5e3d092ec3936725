package realtime_test

import (
	"slices"
	"strings"
	"testing"

	"chinwag/realtime"

	"pgregory.net/rapid"
)

// world is a community in small: a database that knows how far each topic has come, how much of that was sent, the hub,
// and the pages that are open.
type world struct {
	hub       *realtime.Hub
	bound     int
	committed map[string]int64
	sent      map[string]int64
	pages     []*page
}

var modelTopics = []string{"room/1", "room/2", "user/ada", "user/bob"}

// TestScreensAgreeWithTheModel takes random steps. Every batch must be exactly what the model expects, and in the end
// every page must show each rev of its topics since it was drawn: all of them, once, in order.
func TestScreensAgreeWithTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bound := rapid.IntRange(2, 12).Draw(t, "frames that fit") * realtime.Cost(10)
		w := &world{
			hub:       realtime.NewHub(bound),
			bound:     bound,
			committed: map[string]int64{},
			sent:      map[string]int64{},
		}
		w.open(t)
		w.open(t)
		t.Repeat(map[string]func(*rapid.T){
			"open":    w.open,
			"leave":   w.leave,
			"close":   w.close,
			"commit":  func(t *rapid.T) { w.committed[drawTopic(t)]++ },
			"send":    func(t *rapid.T) { w.sendNext(drawTopic(t), rapid.Int64Range(1, 3).Draw(t, "at once")) },
			"lose":    w.lose,
			"post":    w.post,
			"repeat":  w.repeat,
			"whisper": w.whisper,
			"read":    func(t *rapid.T) { w.read(w.drawPage(t)) },
			"skip":    func(t *rapid.T) { w.drawPage(t).skip() },
			"take":    w.take,
			"write":   w.write,
			"evict":   w.evict,
			"end":     w.end,
			"":        w.check,
		})
		w.settle(t)
	})
}

func drawTopic(t *rapid.T) string { return rapid.SampledFrom(modelTopics).Draw(t, "topic") }

// drawPage gives one of the open pages; there is always one.
func (w *world) drawPage(t *rapid.T) *page {
	if len(w.pages) == 0 {
		w.open(t)
	}
	return rapid.SampledFrom(w.pages).Draw(t, "page")
}

func (w *world) open(t *rapid.T) {
	topics := rapid.SliceOfDistinct(rapid.SampledFrom(modelTopics), rapid.ID).Draw(t, "topics")
	p := &page{screen: w.hub.Open(topics...), bound: w.bound, topics: map[string]*follow{}}
	for _, topic := range topics {
		p.follow(topic, w.committed[topic])
	}
	w.pages = append(w.pages, p)
}

func (w *world) leave(t *rapid.T) {
	p, topic := w.drawPage(t), drawTopic(t)
	p.screen.Leave(topic)
	p.forget(topic)
}

func (w *world) close(t *rapid.T) {
	p := w.drawPage(t)
	p.screen.Close()
	w.pages = slices.DeleteFunc(w.pages, func(other *page) bool { return other == p })
	if _, ok := p.screen.Take(); ok {
		t.Fatal("something waits for a closed screen")
	}
}

// post commits and sends all that waits to be sent.
func (w *world) post(t *rapid.T) {
	topic := drawTopic(t)
	w.committed[topic] += rapid.Int64Range(1, 4).Draw(t, "changes")
	for w.sent[topic] < w.committed[topic] {
		w.sendNext(topic, 1)
	}
}

// sendNext sends the oldest changes that were committed and not yet sent, as many as are given, in one frame.
func (w *world) sendNext(topic string, many int64) {
	m := message{topic: topic, from: w.sent[topic]}
	for w.sent[topic] < w.committed[topic] && w.sent[topic] < m.from+many {
		w.sent[topic]++
		m.text += text(topic, w.sent[topic])
	}
	if m.rev = w.sent[topic]; m.rev > m.from {
		w.send(m)
	}
}

// lose forgets to send a change that was committed.
func (w *world) lose(t *rapid.T) {
	if topic := drawTopic(t); w.sent[topic] < w.committed[topic] {
		w.sent[topic]++
	}
}

// repeat sends a change once more, as a doubled hint would.
func (w *world) repeat(t *rapid.T) {
	topic := drawTopic(t)
	if w.sent[topic] > 0 {
		rev := rapid.Int64Range(1, w.sent[topic]).Draw(t, "rev")
		w.send(message{topic, rev - 1, rev, text(topic, rev)})
	}
}

// whisper sends a frame without a rev, of any size up to too large.
func (w *world) whisper(t *rapid.T) {
	size := rapid.IntRange(1, w.bound).Draw(t, "size")
	w.send(message{topic: drawTopic(t), text: "<" + strings.Repeat("~", size) + ">"})
}

func (w *world) send(m message) {
	w.hub.Send(m.topic, m.from, m.rev, []byte(m.text))
	for _, p := range w.pages {
		if p.topics[m.topic] != nil {
			p.expect(m)
		}
	}
}

// read looks into the database; more may happen before the page skips.
func (w *world) read(p *page) {
	for topic, f := range p.topics {
		if f.mustRead {
			f.read = w.committed[topic]
		}
	}
}

func (w *world) take(t *rapid.T) {
	if p := w.drawPage(t); !p.mustRead() {
		p.take(t)
	}
}

// write is a writer's whole turn: it catches up and takes till nothing waits.
func (w *world) write(t *rapid.T) { w.writeTo(t, w.drawPage(t)) }

func (w *world) writeTo(t *rapid.T, p *page) {
	for again := true; again; again = p.take(t) {
		w.read(p)
		p.skip()
	}
}

func (w *world) evict(t *rapid.T) {
	topic, who := drawTopic(t), drawTopic(t)
	var last []byte
	if rapid.Bool().Draw(t, "with a last word") {
		last = []byte("<bye>")
	}
	w.hub.Evict(topic, who, last)
	for _, p := range w.pages {
		if p.topics[topic] == nil || p.topics[who] == nil {
			continue
		}
		p.forget(topic)
		if last != nil {
			p.expect(message{text: string(last)})
		}
	}
}

func (w *world) end(t *rapid.T) {
	topic, code := drawTopic(t), rapid.SampledFrom([]int{1008, 1012}).Draw(t, "code")
	w.hub.End(topic, code)
	for _, p := range w.pages {
		if p.topics[topic] != nil {
			p.topics, p.waiting, p.behind = nil, nil, false
			p.code = code
		}
	}
}

// check holds after every step: what waits is bounded, and counts are right.
func (w *world) check(t *rapid.T) {
	watching := map[string]int{}
	for _, p := range w.pages {
		frames, cost := p.screen.Waiting()
		if frames != len(p.waiting) || cost != p.cost() || cost > w.bound {
			t.Fatalf("%d frames wait at a cost of %d, want %d at %d within %d",
				frames, cost, len(p.waiting), p.cost(), w.bound)
		}
		for topic := range p.topics {
			watching[topic]++
		}
	}
	if got := w.hub.Topics(); got != len(watching) {
		t.Fatalf("%d topics are kept, want %d", got, len(watching))
	}
	for _, topic := range modelTopics {
		if got := w.hub.Count(topic); got != watching[topic] {
			t.Fatalf("%s: count %d, want %d", topic, got, watching[topic])
		}
	}
}

// settle sends all that is committed, lets every page take and catch up until nothing waits, and holds what it shows
// against the database.
func (w *world) settle(t *rapid.T) {
	for _, topic := range modelTopics {
		w.committed[topic]++ // after which nobody can think that nothing was lost
		for w.sent[topic] < w.committed[topic] {
			w.sendNext(topic, 1)
		}
	}
	for _, p := range w.pages {
		w.writeTo(t, p)
		for topic, f := range p.topics {
			var want strings.Builder
			for rev := f.from + 1; rev <= w.committed[topic]; rev++ {
				want.WriteString(text(topic, rev))
			}
			if got := only(p.shown, topic, true); got != want.String() {
				t.Fatalf("%s: the page shows %q, want %q", topic, got, want.String())
			}
		}
	}
	w.check(t)
}
