package realtime

import (
	"slices"
	"sync"
)

// Screen is one open page: the topics it watches and the frames that wait for it. All methods may be called from any
// goroutine, but Take only by the one who writes. A writer runs only while something waits (see Start), so that an idle
// screen costs no goroutine.
//
// Why nothing is missing and nothing comes twice: a change is sent after its commit, and the database is read after
// Open, or after the Take that told Behind. So each change was either
//
//   - sent before that moment: then it was committed before the read began, and the read has it; or
//   - sent after it: then it waits in the queue. If the read has it as well, Skip takes it out of the queue, or keeps
//     it out when it comes later.
//
// While a screen is behind, frames are not queued: they all belong to the first kind, because the read comes after the
// Take.
type Screen struct {
	hub *Hub

	mu      sync.Mutex
	watches []*watch // changed only with the hub locked as well, so that either lock is enough to read it
	queue   queue
	behind  bool
	ping    bool
	code    int            // the close code that waits, else 0
	writer  Writer         // nil until Start
	awake   bool           // somebody writes, and has not yet found that nothing waits
	writing sync.WaitGroup // for whoever writes
	closed  bool
}

// frameMost is how many bytes of several frames are given as one: a thin line of 50 kbit/s takes five seconds for it. A
// frame alone may be longer.
const frameMost = 32 << 10

// Batch is what waits for a screen. Exactly one of the four is set.
type Batch struct {
	// Frame is what waits as one WebSocket frame, ready to be written, in the order it was sent. The bytes may be
	// shared with other screens and must not be changed.
	Frame []byte

	// Behind says that the screen lacks something: it has just begun, more waited than the bound allows, or a frame did
	// not follow on the last. It is live again from here on: now read what every watched topic has after Reached, write
	// it, and Skip it.
	Behind bool

	// Ping says that nothing waits but a Ping.
	Ping bool

	// End is the code to close with; nothing comes after it.
	End int
}

// Take gives what waits, and false when that is nothing. A frame that waits alone is given as it is; several are copied
// into one.
func (s *Screen) Take() (Batch, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.code != 0:
		code := s.code
		s.code = 0
		return Batch{End: code}, true
	case s.behind:
		s.behind = false
		for _, w := range s.watches {
			w.reading = true
		}
		return Batch{Behind: true}, true
	case len(s.queue.frames) > 0:
		return Batch{Frame: s.takeFrames()}, true
	case s.ping:
		s.ping = false
		return Batch{Ping: true}, true
	default:
		s.awake = false
		return Batch{}, false
	}
}

// takeFrames is called with the screen locked.
func (s *Screen) takeFrames() []byte {
	frames := s.queue.take(frameMost)
	for _, f := range frames {
		for _, w := range s.watches {
			if w.topic == f.topic {
				w.given = max(w.given, f.rev)
			}
		}
	}
	// Not under the lock, for no Send may wait for the copy.
	s.mu.Unlock()
	bytes := concat(frames)
	s.mu.Lock()
	s.queue.reuse(frames)
	return bytes
}

// Skip says that the screen has the topic up to this rev, by a read: frames up to it that wait are dropped, and those
// still to come will not wait.
func (s *Screen) Skip(topic string, rev int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.find(topic)
	if w == nil {
		return
	}
	w.given, w.reading = max(w.given, rev), false
	s.queue.drop(func(f *frame) bool { return f.topic == w.topic && f.rev != 0 && f.rev <= rev })
	reached := w.given
	for _, f := range s.queue.frames {
		if f.topic != w.topic || f.rev == 0 {
			continue
		}
		if f.from != reached {
			s.fallBehind() // the read ended in the middle of a frame, or before it
			break
		}
		reached = f.rev
	}
	w.queued = max(w.queued, reached)
}

// Reached tells how far the screen has come in the topic, by Take and Skip, and whether it watches it at all: it may
// have been evicted.
func (s *Screen) Reached(topic string) (rev int64, watching bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.find(topic)
	if w == nil {
		return 0, false
	}
	return w.given, true
}

// Leave takes topics away, with all that waits of them.
func (s *Screen) Leave(topics ...string) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	for _, topic := range topics {
		if w := s.find(topic); w != nil {
			s.hub.leave(w)
		}
	}
}

// End ends the screen as [Hub.End] does.
func (s *Screen) End(code int) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.hub.end(s, code)
}

// Close leaves all topics, drops what waits, and returns when the writer has ended; so the writer must not call it.
// Closing again does nothing.
func (s *Screen) Close() {
	s.hub.mu.Lock()
	s.hub.remove(s)
	s.hub.mu.Unlock()
	s.mu.Lock()
	s.closed, s.behind, s.ping, s.code = true, false, false, 0
	s.queue.clear()
	s.mu.Unlock()
	s.writing.Wait()
}

// put queues the frame, unless the screen has its changes already or is behind. The watch is nil for a last word. If
// the caller must see to it that it is written, put says so.
func (s *Screen) put(w *watch, f *frame) (claimed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.behind, f.rev != 0 && f.rev <= w.queued:
		return false
	case f.rev != 0 && f.from != w.queued && !w.reading, s.queue.cost+f.cost() > s.hub.bound:
		s.fallBehind()
		return s.claim()
	case f.rev != 0:
		w.queued = f.rev
	}
	if len(f.text) == 0 {
		if !w.reading && len(s.queue.frames) == 0 {
			w.given = f.rev
		}
		return false
	}
	s.queue.push(f)
	return s.claim()
}

// fallBehind drops what waits, for a read. It is called with the screen locked.
func (s *Screen) fallBehind() {
	s.queue.clear()
	s.behind = true
}

func (s *Screen) lose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fallBehind()
	if s.claim() {
		go s.write()
	}
}

func (s *Screen) add(w *watch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watches = append(s.watches, w)
}

func (s *Screen) forget(w *watch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watches = slices.DeleteFunc(s.watches, func(other *watch) bool { return other == w })
	s.queue.drop(func(f *frame) bool { return f.topic == w.topic })
}

func (s *Screen) end(code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.queue.clear()
	s.behind, s.ping, s.code = false, false, code
	if s.claim() {
		go s.write()
	}
}

// The rest is called with the screen locked; for find the hub's lock will do.

func (s *Screen) find(topic string) *watch {
	for _, w := range s.watches {
		if w.topic.name == topic {
			return w
		}
	}
	return nil
}
