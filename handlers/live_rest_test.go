package handlers

import (
	"testing"
	"time"
)

// Only what waits to be drawn rests: where nothing does, nobody wakes up later to find that. No screen can show it.
func TestOnlyWhatWaitsRests(t *testing.T) {
	t.Parallel()
	l := &live{quit: make(chan struct{})}
	close(l.quit) // whoever rests is told that the node is going
	for name, c := range map[string]struct {
		room *liveRoom
		want bool
	}{
		"nothing waits":            {&liveRoom{drawn: 5, wanted: 5, next: time.Now().Add(time.Hour)}, true},
		"less than is drawn waits": {&liveRoom{drawn: 5, wanted: 4, next: time.Now().Add(time.Hour)}, true},
		"something waits":          {&liveRoom{drawn: 5, wanted: 6, next: time.Now().Add(time.Hour)}, false},
		"it has rested":            {&liveRoom{drawn: 5, wanted: 6, next: time.Now()}, true},
	} {
		if got := l.rest(c.room); got != c.want {
			t.Errorf("%s: it goes on is %v", name, got)
		}
	}
}
