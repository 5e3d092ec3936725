package realtime

import "slices"

// spareFrames is how long a queue may have grown and still be kept for the
// next frames, so that an idle screen holds little.
const spareFrames = 16

// frame is what one Send brings, shared by all the queues it waits in.
type frame struct {
	topic *topic // nil for a last word, which belongs to no topic any more
	rev   int64
	bytes []byte
}

// cost is what a frame takes of a screen's bound: its bytes, and what keeping
// it takes even if it is short.
func (f *frame) cost() int { return len(f.bytes) + 64 }

// queue is the frames that wait for one screen, oldest first. The screen
// guards it.
type queue struct {
	frames []*frame
	cost   int
	spare  []*frame // empty, to be used in turn with frames
}

func (q *queue) push(f *frame) {
	q.frames = append(q.frames, f)
	q.cost += f.cost()
}

// drop takes out the frames that are gone; the others keep their order.
func (q *queue) drop(gone func(*frame) bool) {
	q.frames = slices.DeleteFunc(q.frames, func(f *frame) bool {
		if !gone(f) {
			return false
		}
		q.cost -= f.cost()
		return true
	})
}

func (q *queue) clear() { *q = queue{} }

// take moves all frames out, to be given back by reuse.
func (q *queue) take() []*frame {
	frames := q.frames
	q.frames, q.spare, q.cost = q.spare, nil, 0
	return frames
}

func (q *queue) reuse(frames []*frame) {
	if cap(frames) <= spareFrames {
		clear(frames)
		q.spare = frames[:0]
	}
}

// concat makes one frame of several. One alone is given as it is, shared;
// of none there is nothing.
func concat(frames []*frame) []byte {
	if len(frames) == 1 {
		return frames[0].bytes
	}
	size := 0
	for _, f := range frames {
		size += len(f.bytes)
	}
	all := make([]byte, 0, size)
	for _, f := range frames {
		all = append(all, f.bytes...)
	}
	return all
}
