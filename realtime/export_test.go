package realtime

// Waiting tells how many frames wait for the screen and what they cost of its
// bound.
func (s *Screen) Waiting() (frames, cost int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue.frames), s.queue.cost
}

// Spare tells how many frames the screen has room for while nothing waits.
func (s *Screen) Spare() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cap(s.queue.frames) + cap(s.queue.spare)
}

// Topics tells how many topics the hub keeps.
func (h *Hub) Topics() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.topics)
}

// Cost tells what a frame of so many bytes takes of a bound.
func Cost(bytes int) int { return (&frame{bytes: make([]byte, bytes)}).cost() }
