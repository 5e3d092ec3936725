package main

import "testing"

// Each community has its own subjects, the same on all its nodes.
func TestNATSPrefix(t *testing.T) {
	t.Parallel()
	ours, theirs := natsPrefix([]byte("our secret")), natsPrefix([]byte("their secret"))
	if ours != natsPrefix([]byte("our secret")) || ours == theirs {
		t.Errorf("%s and %s", ours, theirs)
	}
	if len(ours) != len("chinwag.")+16 {
		t.Error(ours)
	}
}
