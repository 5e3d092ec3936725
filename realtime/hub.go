package realtime

import "sync"

// DefaultBound is how many bytes wait for one screen at most, before it is told that it fell behind: 256 KiB, the text
// of some thousand messages.
const DefaultBound = 256 << 10

// Hub knows which screens of this node watch which topics, and puts each frame into the queues of those that watch its
// topic. It waits for none of them.
//
// One lock stands over Open, Leave, Send, Evict, End and Close, so they happen one after the other: a Send reaches all
// who watch at that moment in the order of Sends, and none who left before. Each screen has a lock of its own for its
// queue, always taken inside the hub's and never around it, so that a writer who takes waits for no Send to others.
type Hub struct {
	bound int

	mu      sync.Mutex
	topics  map[string]*topic
	screens map[*Screen]struct{}
	ending  int // the code given to EndAll; 0 while the hub is in use
}

// topic is a name that somebody watches. One that nobody watches is not kept.
type topic struct {
	name    string
	watches []*watch
}

// watch is one screen on one topic.
type watch struct {
	screen *Screen
	topic  *topic
	place  int // where it stands in topic.watches; Hub.mu guards it

	// The two revs are guarded by Screen.mu. Between them is what waits, or what was dropped when the screen fell
	// behind.
	queued int64 // the highest that was ever put into the queue, or skipped
	given  int64 // the highest that Take gave, or that was skipped

	// A read is due or under way, and ends with Skip: only that tells which of the frames that wait are new. Guarded by
	// Screen.mu too.
	reading bool
}

// NewHub returns a hub without screens. The bound is in bytes, for each screen; see DefaultBound.
func NewHub(bound int) *Hub {
	return &Hub{bound: bound, topics: map[string]*topic{}, screens: map[*Screen]struct{}{}}
}

// Open adds a screen that watches these topics, without a writer until Start. Whoever opened it closes it.
//
// Open first and then ask whether the person may: a right that is lost in between is then seen either by that question
// or by Evict and End.
func (h *Hub) Open(topics ...string) *Screen {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := &Screen{hub: h}
	h.screens[s] = struct{}{}
	h.join(s, topics)
	if h.ending != 0 {
		h.end(s, h.ending)
	}
	return s
}

// Send gives the text to every screen that watches the topic, as one frame that all of them share. What a line takes at
// once is written before Send returns; it waits for no line.
//
// The text holds the topic's changes after from, up to rev. Send after the commit and in rising order. A screen that
// has them all does not get the frame; one that has some of them, or lacks some from before, falls behind, so that it
// reads just what it lacks. No text at all is for changes that do not show. A frame with rev 0 stands outside that
// count, and everyone gets it.
func (h *Hub) Send(topic string, from, rev int64, text []byte) {
	for _, s := range h.queue(topic, span{from, rev}, text) {
		s.flush()
	}
}

// queue puts a text into the queues of a topic's screens and gives those that nobody writes to yet.
func (h *Hub) queue(topic string, changes span, text []byte) (idle []*Screen) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[topic]
	if t == nil {
		return nil
	}
	f := newFrame(t, changes, text)
	for i, w := range t.watches {
		if !w.screen.put(w, f) {
			continue
		}
		if idle == nil { // as a rule the others are idle too
			idle = make([]*Screen, 0, len(t.watches)-i)
		}
		idle = append(idle, w.screen)
	}
	return idle
}

// Lose lets every screen that watches the topic fall behind: there is more to say than a frame holds, or it could not
// be said.
func (h *Hub) Lose(topic string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.topics[topic]; t != nil {
		for _, w := range t.watches {
			w.screen.lose()
		}
	}
}

// Evict takes the topic from every screen that also watches the topic who. When it returns, nothing of the topic waits
// for these screens and nothing more will come; only what Take gave before is on its way. If last is not nil they get
// it, a text, as a last word about the topic; a screen that is behind does not, and learns it from Reached.
func (h *Hub) Evict(topic, who string, last []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	theirs := h.topics[who]
	if theirs == nil {
		return
	}
	// From the end, because leaving moves the last watch into the gap.
	for i := len(theirs.watches) - 1; i >= 0; i-- {
		s := theirs.watches[i].screen
		w := s.find(topic)
		if w == nil {
			continue
		}
		h.leave(w)
		if last != nil && s.put(nil, newFrame(nil, span{}, last)) {
			go s.flush()
		}
	}
}

// End ends every screen that watches the topic: it watches nothing any more, what waits for it is dropped, and its next
// batch is the close code (RFC 6455, section 7.4: 1008 for a session that ended, 1012 for a restart).
func (h *Hub) End(topic string, code int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for t := h.topics[topic]; t != nil && len(t.watches) > 0; {
		h.end(t.watches[len(t.watches)-1].screen, code)
	}
}

// EndAll ends every screen as End does, and also those that are opened later: the node is stopping.
func (h *Hub) EndAll(code int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ending = code
	for s := range h.screens {
		h.end(s, code)
	}
}

// join, leave, remove and end are called with the hub locked.

func (h *Hub) join(s *Screen, topics []string) {
	if _, open := h.screens[s]; !open {
		return
	}
	for _, name := range topics {
		if s.find(name) != nil {
			continue
		}
		t := h.topics[name]
		if t == nil {
			t = &topic{name: name}
			h.topics[name] = t
		}
		w := &watch{screen: s, topic: t, place: len(t.watches), reading: true}
		t.watches = append(t.watches, w)
		s.add(w)
	}
}

func (h *Hub) leave(w *watch) {
	t, end := w.topic, len(w.topic.watches)-1
	t.watches[w.place] = t.watches[end]
	t.watches[w.place].place = w.place
	t.watches[end] = nil
	t.watches = t.watches[:end]
	if end == 0 {
		delete(h.topics, t.name)
	}
	w.screen.forget(w)
}

func (h *Hub) remove(s *Screen) {
	for len(s.watches) > 0 {
		h.leave(s.watches[len(s.watches)-1])
	}
	delete(h.screens, s)
}

func (h *Hub) end(s *Screen, code int) {
	h.remove(s)
	s.end(code)
}
