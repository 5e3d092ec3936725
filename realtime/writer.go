package realtime

// Writer puts a screen's frames on its line.
type Writer interface {
	// TryWrite writes a frame if that needs no waiting, and says whether it is out. The line keeps what it could not
	// write of it.
	TryWrite(frame []byte) bool

	// Write is called, in a goroutine of its own, when the line has something left, or there is something that TryWrite
	// is not for. It writes what the line kept, and then this is a whole one:
	//
	//	for batch, ok := screen.Take(); ok; batch, ok = screen.Take() {
	//		…
	//	}
	//
	// It may stop early, if it can write no more; then nothing is written to the screen any more. Neither is called
	// while the other is.
	Write()
}

// Start gives the screen its writer. A screen starts behind: its page was drawn a while ago, and whatever waits by now
// is dropped for a read.
func (s *Screen) Start(writer Writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.writer = writer
	if s.code == 0 {
		s.fallBehind()
	}
	if s.claim() {
		go s.write()
	}
}

// Ping has the writer told, when it has nothing else to write, that it is time for a sign of life.
func (s *Screen) Ping() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ping = true
	if s.claim() {
		go s.write()
	}
}

// claim makes the caller the one who writes, unless somebody does already and will find what is new by itself. Whoever
// claimed calls flush or write.
func (s *Screen) claim() bool {
	if s.awake || s.closed || s.writer == nil {
		return false
	}
	s.awake = true
	s.writing.Add(1)
	return true
}

// The rest is called without the lock, by the one who claimed.

// flush writes frames as far as that takes no waiting. What is left, or is no frame, gets a goroutine.
func (s *Screen) flush() {
	s.mu.Lock()
	out := true
	for out && s.code == 0 && !s.behind && len(s.queue.frames) > 0 {
		frame := s.takeFrames()
		s.mu.Unlock()
		out = s.writer.TryWrite(frame)
		s.mu.Lock()
	}
	if !out || s.code != 0 || s.behind || s.ping {
		s.mu.Unlock()
		go s.write()
		return
	}
	s.awake = false
	s.mu.Unlock()
	s.writing.Done()
}

func (s *Screen) write() {
	defer s.writing.Done()
	s.writer.Write()
}
