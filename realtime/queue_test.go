package realtime

import (
	"slices"
	"testing"
)

func TestWhatWasTakenIsNotTouchedByWhatComesMeanwhile(t *testing.T) {
	var q queue
	late := &frame{bytes: []byte("late")}
	for round, size := range []int{3, 2, spareFrames + 4, 1, 1, 2, 1} {
		for range size {
			q.push(&frame{span: span{rev: int64(round)}})
		}
		taken := q.take(1 << 20)
		want := slices.Clone(taken)
		q.push(late)
		if !slices.Equal(taken, want) {
			t.Fatalf("round %d: what was taken has changed", round)
		}
		q.reuse(taken)
		if !slices.Equal(q.frames, []*frame{late}) {
			t.Fatalf("round %d: what came meanwhile is lost", round)
		}
	}
}
