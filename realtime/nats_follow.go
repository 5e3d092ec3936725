package realtime

import (
	"maps"
	"sync"
)

// followed is which topics are subscribed to on this node, for the goroutine that sees to it elsewhere.
type followed struct {
	moved chan struct{} // tells that there are changes

	mu      sync.Mutex
	topics  map[string]int      // how many follow each
	changed map[string]struct{} // since changes was called
}

func newFollowed() *followed {
	return &followed{moved: make(chan struct{}, 1), topics: map[string]int{}, changed: map[string]struct{}{}}
}

// follow has one more or one less follow a topic.
func (f *followed) follow(topic string, by int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.topics[topic] += by; f.topics[topic] == 0 {
		delete(f.topics, topic)
	}
	f.changed[topic] = struct{}{}
	select {
	case f.moved <- struct{}{}:
	default: // it was told already
	}
}

// changes gives the topics that may have changed since the last call, and whether somebody follows each by now.
func (f *followed) changes() map[string]bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := make(map[string]bool, len(f.changed))
	for topic := range maps.Keys(f.changed) {
		list[topic] = f.topics[topic] > 0
	}
	clear(f.changed)
	return list
}
