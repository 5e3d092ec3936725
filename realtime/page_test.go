package realtime_test

import (
	"fmt"
	"slices"
	"strings"

	"chinwag/realtime"

	"pgregory.net/rapid"
)

// page is one open page of the model: what it shows, and by the simplest means what ought to wait for it.
type page struct {
	screen *realtime.Screen
	bound  int
	topics map[string]*follow
	shown  string // all that was read and given, one after the other

	waiting []message
	behind  bool
	code    int // the close code that waits, else 0
}

// follow is how far a page is in one topic.
type follow struct {
	from     int64 // the rev the page was drawn at, before it was live
	reached  int64
	queued   int64
	mustRead bool // before the next Take
	read     int64
}

const notRead = -1

// message is one frame that waits. The topic of a last word is empty.
type message struct {
	topic     string
	from, rev int64
	text      string
}

func text(topic string, rev int64) string { return fmt.Sprintf("<%s %d>", topic, rev) }

// only gives the parts of a text that belong to the topic, or the others.
func only(shown, topic string, its bool) string {
	var parts strings.Builder
	for part := range strings.SplitAfterSeq(shown, ">") {
		if strings.HasPrefix(part, "<"+topic+" ") == its {
			parts.WriteString(part)
		}
	}
	return parts.String()
}

// follow begins to watch; the page was drawn a little while ago.
func (p *page) follow(topic string, committed int64) {
	p.topics[topic] = &follow{from: max(0, committed-2), mustRead: true, read: notRead}
}

// forget drops a topic. What was shown of it was right, and counts no more.
func (p *page) forget(topic string) {
	delete(p.topics, topic)
	p.waiting = slices.DeleteFunc(p.waiting, func(m message) bool { return m.topic == topic })
	p.shown = only(p.shown, topic, false)
}

func (p *page) cost() (cost int) {
	for _, m := range p.waiting {
		cost += realtime.Cost(len(m.text))
	}
	return cost
}

// expect puts the message among those that wait, or finds the page behind.
func (p *page) expect(m message) {
	f := p.topics[m.topic]
	switch {
	case p.behind, m.rev != 0 && m.rev <= f.queued:
	case m.rev != 0 && m.from != f.queued && !f.mustRead:
		p.behind, p.waiting = true, nil
	case p.cost()+realtime.Cost(len(m.text)) > p.bound:
		p.behind, p.waiting = true, nil
	default:
		p.waiting = append(p.waiting, m)
		if m.rev != 0 {
			f.queued = m.rev
		}
	}
}

// skip writes what was read and tells the screen.
func (p *page) skip() {
	for topic, f := range p.topics {
		if !f.mustRead || f.read == notRead {
			continue
		}
		for rev := max(f.from, f.reached) + 1; rev <= f.read; rev++ {
			p.shown += text(topic, rev)
		}
		p.screen.Skip(topic, f.read)
		f.reached = max(f.reached, f.read)
		p.waiting = slices.DeleteFunc(p.waiting, func(m message) bool {
			return m.topic == topic && m.rev != 0 && m.rev <= f.read
		})
		reached := f.reached
		for _, m := range p.waiting {
			if m.topic != topic || m.rev == 0 {
				continue
			}
			if m.from != reached {
				p.behind, p.waiting = true, nil
				break
			}
			reached = m.rev
		}
		f.queued = max(f.queued, reached)
		f.mustRead, f.read = false, notRead
	}
}

func (p *page) mustRead() bool {
	for _, f := range p.topics {
		if f.mustRead {
			return true
		}
	}
	return false
}

// take takes once and compares the batch with what ought to have waited.
func (p *page) take(t *rapid.T) (ok bool) {
	var want realtime.Batch
	said := ""
	for _, m := range p.waiting {
		said += m.text
	}
	want.Behind, want.End = p.behind, p.code
	wantOK := len(p.waiting) > 0 || p.behind || p.code != 0

	batch, ok := p.screen.Take()
	shown := realtime.TextOf(batch.Frame)
	if shown != said || batch.Behind != want.Behind || batch.End != want.End {
		t.Fatalf("got %q %v %d, want %q %v %d",
			shown, batch.Behind, batch.End, said, want.Behind, want.End)
	}
	if ok != wantOK {
		t.Fatalf("got ok %v, want %v", ok, wantOK)
	}
	p.shown += shown
	for _, m := range p.waiting {
		if f := p.topics[m.topic]; f != nil {
			f.reached = max(f.reached, m.rev)
		}
	}
	for topic, f := range p.topics {
		f.mustRead = p.behind
		if rev, watching := p.screen.Reached(topic); rev != f.reached || !watching {
			t.Fatalf("%s: reached %d %v, want %d", topic, rev, watching, f.reached)
		}
	}
	p.waiting, p.behind, p.code = nil, false, 0
	return ok
}
