package loadtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chinwag/chat"
)

// row is a message as the server draws it.
func row(seq, rev, number int) string {
	return fmt.Sprintf(`<li class="m" id="m%d" data-by="3" data-rev="%d"><a class="at" href="/rooms/1/%d">14:05</a><div class="text" dir="auto"><p>%s</p></div></li>`,
		seq, rev, seq, text(number))
}

func TestScreenChecksWhatItIsShown(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		frames                            [][]int // the numbers of each frame
		lost, doubled, disordered, reload int64
	}{
		"all in order":                  {frames: [][]int{{51}, {52, 53}, {54}}},
		"one is lost":                   {frames: [][]int{{51}, {53, 54}}, lost: 1},
		"the last ones are lost":        {frames: [][]int{{51}, {52}}, lost: 2},
		"one comes twice":               {frames: [][]int{{51, 52}, {52, 53, 54}}, doubled: 1},
		"one comes twice in a frame":    {frames: [][]int{{51, 51}, {52, 53, 54}}, doubled: 1},
		"one comes late":                {frames: [][]int{{51, 53}, {52, 54}}, disordered: 1},
		"one is lost and one is double": {frames: [][]int{{51, 53, 53}, {54}}, lost: 0, disordered: 1},
		"told to load again":            {frames: [][]int{{51, 52}, {}}, reload: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			crowd := newCrowd(target{})
			s := &screen{crowd: crowd, room: 1, after: 60, seq: 50}
			crowd.screens = append(crowd.screens, s)
			for _, numbers := range test.frames {
				frame := `<hx-upsert hx-target="#tail">`
				for _, n := range numbers {
					frame += row(n, n+10, crowd.next())
				}
				if len(numbers) == 0 {
					frame = `<p id="line" role="status" data-reload hx-swap-oob="true">Load again</p>`
				}
				s.show([]byte(frame), time.Now())
			}
			lost, doubled, disordered, reload := crowd.check(map[chat.RoomID]chat.Seq{1: 54})
			if lost != test.lost || doubled != test.doubled || disordered != test.disordered || reload != test.reload {
				t.Errorf("%d lost, %d doubled, %d out of order, %d told to load again", lost, doubled, disordered, reload)
			}
		})
	}
}

// A screen keeps the cursor and times what it is shown.
func TestScreenKeepsTheCursor(t *testing.T) {
	t.Parallel()
	crowd := newCrowd(target{})
	s := &screen{crowd: crowd, room: 7, after: 60, seq: 50}
	crowd.screens = append(crowd.screens, s)
	n := crowd.next()
	s.show([]byte(row(51, 71, n)+row(52, 70, 0)), time.Now().Add(time.Second))
	if s.path() != "/live?room=7&after=71" {
		t.Errorf("it asks for %s", s.path())
	}
	took := crowd.latencies()
	if len(took) != 1 || took[0] < time.Second || took[0] > time.Minute {
		t.Errorf("it took %v", took)
	}
	if crowd.shown.Load() != 2 || crowd.frames.Load() != 1 {
		t.Errorf("%d messages in %d frames", crowd.shown.Load(), crowd.frames.Load())
	}
}

// Screens of a crowd on two nodes are each node's in turn, and know from where a message came.
func TestScreensOfTwoNodes(t *testing.T) {
	t.Parallel()
	crowd := newCrowd(target{pid: 7}, target{pid: 8})
	if pids := crowd.pids(); !slices.Equal(pids, []int{7, 8}) {
		t.Errorf("they are served by %v", pids)
	}
	now := time.Now()
	for node := range 2 {
		s := &screen{crowd: crowd, node: node, room: 1, seq: 50}
		crowd.screens = append(crowd.screens, s)
		s.show([]byte(row(51, 61, crowd.nextOf(0))+row(52, 62, crowd.nextOf(1))+row(53, 63, crowd.nextOf(1))), now.Add(time.Duration(1+node)*time.Hour))
	}
	same, other := crowd.sameAndOther()
	slices.Sort(same)
	slices.Sort(other)
	for i, want := range []time.Duration{time.Hour, 2 * time.Hour, 2 * time.Hour} {
		if len(same) != 3 || same[i].Round(time.Hour) != want {
			t.Errorf("on the same node: %v", same)
		}
	}
	for i, want := range []time.Duration{time.Hour, time.Hour, 2 * time.Hour} {
		if len(other) != 3 || other[i].Round(time.Hour) != want {
			t.Errorf("on the other: %v", other)
		}
	}
	if again := crowd.latencies(); len(again) > 0 {
		t.Errorf("they come twice: %v", again)
	}
}

func FuzzScreen(f *testing.F) {
	f.Add(row(51, 61, 1) + row(52, 62, 2))
	f.Add(`<li id="m`)
	f.Add(`<p id="line" data-reload>`)
	f.Fuzz(func(t *testing.T, frame string) {
		crowd := newCrowd(target{})
		s := &screen{crowd: crowd, room: 1}
		s.show([]byte(frame), time.Now())
		if rows := strings.Count(frame, string(rowMark)); int(crowd.shown.Load()) > rows {
			t.Errorf("%d messages in %d rows", crowd.shown.Load(), rows)
		}
	})
}
