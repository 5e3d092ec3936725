package realtime

import (
	"slices"
	"sync"
)

// Screen is one open page: the topics it watches and the frames that wait for
// it. All methods may be called from any goroutine, but Take only by the one
// who writes.
//
// Why nothing is missing and nothing comes twice: a change is sent after its
// commit, and the database is read after Open, after Join, or after the Take
// that told Behind. So each change was either
//
//   - sent before that moment: then it was committed before the read began,
//     and the read has it; or
//   - sent after it: then it waits in the queue. If the read has it as well,
//     Skip takes it out of the queue, or keeps it out when it comes later.
//
// While a screen is behind, frames are not queued: they all belong to the
// first kind, because the read comes after the Take.
type Screen struct {
	hub   *Hub
	ready chan struct{}

	mu      sync.Mutex
	watches []*watch // changed only with the hub locked as well, so that either lock is enough to read it
	queue   queue
	behind  bool
	code    int  // the close code that waits, else 0
	awake   bool // Ready was told, and Take has not yet said that nothing waits
	closed  bool
}

// Batch is what waits for a screen. Exactly one of the three is set.
type Batch struct {
	// Frame is all waiting frames in one, in the order they were sent. The
	// bytes may be shared with other screens and must not be changed.
	Frame []byte

	// Behind says that frames were dropped because more waited than the
	// bound allows. The screen is live again from here on: now read what
	// every watched topic has after Reached, write it, and Skip it.
	Behind bool

	// End is the code to close with; nothing comes after it.
	End int
}

// Ready tells, once, that something began to wait; then call Take until it
// says that nothing does, and only after that Ready tells again. Close closes
// the channel, so that this is a whole writer:
//
//	for range screen.Ready() {
//		for batch, ok := screen.Take(); ok; batch, ok = screen.Take() {
//			…
//		}
//	}
func (s *Screen) Ready() <-chan struct{} { return s.ready }

// Take gives all that waits, and false when that is nothing. A frame that
// waits alone is given as it is; several are copied into one.
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
		return Batch{Behind: true}, true
	case len(s.queue.frames) > 0:
		for _, w := range s.watches {
			w.given = w.queued
		}
		frames := s.queue.take()
		// Not under the lock, for no Send may wait for the copy.
		s.mu.Unlock()
		bytes := concat(frames)
		s.mu.Lock()
		s.queue.reuse(frames)
		return Batch{Frame: bytes}, true
	default:
		s.awake = false
		return Batch{}, false
	}
}

// Skip says that the screen has the topic up to this rev, by a read: frames
// up to it that wait are dropped, and those still to come will not wait.
func (s *Screen) Skip(topic string, rev int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.find(topic)
	if w == nil {
		return
	}
	w.given = max(w.given, rev)
	w.queued = max(w.queued, rev)
	s.queue.drop(func(f *frame) bool { return f.topic == w.topic && f.rev != 0 && f.rev <= rev })
}

// Reached tells how far the screen has come in the topic, by Take and Skip,
// and whether it watches it at all: it may have been evicted.
func (s *Screen) Reached(topic string) (rev int64, watching bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.find(topic)
	if w == nil {
		return 0, false
	}
	return w.given, true
}

// Join adds topics to those the screen watches. Then ask whether the person
// may, read, and Skip, as after Open, with no Take in between, or frames of
// the topic leave before what was read. A screen that has ended joins nothing.
func (s *Screen) Join(topics ...string) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.hub.join(s, topics)
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

// Close leaves all topics, drops what waits and closes Ready. Closing again
// does nothing.
func (s *Screen) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.hub.remove(s)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed, s.behind, s.code = true, false, 0
	s.queue.clear()
	close(s.ready)
}

// put queues the frame, unless the screen has the rev already or is behind.
// The watch is nil for a last word.
func (s *Screen) put(w *watch, f *frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.behind, f.rev != 0 && f.rev <= w.queued:
		return
	case s.queue.cost+f.cost() > s.hub.bound:
		s.queue.clear()
		s.behind = true
	default:
		s.queue.push(f)
		if f.rev != 0 {
			w.queued = f.rev
		}
	}
	s.wake()
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
	s.queue.clear()
	s.behind, s.code = false, code
	s.wake()
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

// wake tells the writer, unless it is at work already and will find what is
// new by itself. Only here is a writer woken: to have one run only while
// something waits, start it here instead of sending.
func (s *Screen) wake() {
	if s.awake {
		return
	}
	s.awake = true
	select {
	case s.ready <- struct{}{}:
	default:
	}
}
