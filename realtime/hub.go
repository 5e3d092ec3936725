package realtime

import "sync"

// DefaultBound is how many bytes wait for one screen at most, before it is
// told that it fell behind: 256 KiB, the text of some thousand messages.
const DefaultBound = 256 << 10

// Hub knows which screens of this node watch which topics, and puts each
// frame into the queues of those that watch its topic. It waits for none of
// them.
//
// One lock stands over Open, Join, Leave, Send, Evict, End and Close, so they
// happen one after the other: a Send reaches all who watch at that moment in
// the order of Sends, and none who left before. Each screen has a lock of its
// own for its queue, always taken inside the hub's and never around it, so
// that a writer who takes waits for no Send to others.
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

	// The two revs are guarded by Screen.mu. Between them is what waits, or
	// what was dropped when the screen fell behind.
	queued int64 // the highest that was ever put into the queue, or skipped
	given  int64 // the highest that Take gave, or that was skipped
}

// NewHub returns a hub without screens. The bound is in bytes, for each
// screen; see DefaultBound.
func NewHub(bound int) *Hub {
	return &Hub{bound: bound, topics: map[string]*topic{}, screens: map[*Screen]struct{}{}}
}

// Open adds a screen that watches these topics. Whoever opened it closes it.
//
// Open first and then ask whether the person may (and whether there are not
// too many, by Count): a right that is lost in between is then seen either by
// that question or by Evict and End. The same goes for Join.
func (h *Hub) Open(topics ...string) *Screen {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := &Screen{hub: h, ready: make(chan struct{}, 1)}
	h.screens[s] = struct{}{}
	h.join(s, topics)
	if h.ending != 0 {
		h.end(s, h.ending)
	}
	return s
}

// Send gives the frame to every screen that watches the topic. The bytes are
// shared and must not be changed afterwards.
//
// The rev says how far the topic has come with this frame. Send after the
// commit and in rising order: a screen to which the topic's rev is not new
// does not get the frame. A frame with rev 0 stands outside that count, and
// everyone gets it.
func (h *Hub) Send(topic string, rev int64, bytes []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[topic]
	if t == nil {
		return
	}
	f := &frame{topic: t, rev: rev, bytes: bytes}
	for _, w := range t.watches {
		w.screen.put(w, f)
	}
}

// Count tells how many screens of this node watch the topic.
func (h *Hub) Count(topic string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.topics[topic]; t != nil {
		return len(t.watches)
	}
	return 0
}

// Evict takes the topic from every screen that also watches the topic who.
// When it returns, nothing of the topic waits for these screens and nothing
// more will come; only what Take gave before is on its way. If last is not
// nil they get it as a last word about the topic; a screen that is behind
// does not, and learns it from Reached.
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
		if last != nil {
			s.put(nil, &frame{bytes: last})
		}
	}
}

// End ends every screen that watches the topic: it watches nothing any more,
// what waits for it is dropped, and its next batch is the close code (RFC
// 6455, section 7.4: 1008 for a session that ended, 1012 for a restart).
func (h *Hub) End(topic string, code int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for t := h.topics[topic]; t != nil && len(t.watches) > 0; {
		h.end(t.watches[len(t.watches)-1].screen, code)
	}
}

// EndAll ends every screen as End does, and also those that are opened later:
// the node is stopping.
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
		w := &watch{screen: s, topic: t, place: len(t.watches)}
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
