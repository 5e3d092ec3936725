package realtime

import "slices"

// spareFrames is how long a queue may have grown and still be kept for the next frames, so that an idle screen holds
// little.
const spareFrames = 16

// frame is what one Send brings, shared by all the queues it waits in.
type frame struct {
	topic *topic // nil for a last word, which belongs to no topic any more
	span
	bytes []byte // as it leaves
	text  []byte // what it says: the end of bytes
}

// span says which changes a frame holds: those after from, up to rev.
type span struct{ from, rev int64 }

func newFrame(t *topic, changes span, text []byte) *frame {
	bytes := Frame(text)
	return &frame{topic: t, span: changes, bytes: bytes, text: bytes[len(bytes)-len(text):]}
}

// cost is what a frame takes of a screen's bound: its bytes, and what keeping it takes even if it is short.
func (f *frame) cost() int { return len(f.bytes) + 64 }

// queue is the frames that wait for one screen, oldest first. The screen guards it.
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

// take moves frames out, oldest first, as many as have no more than so many bytes together, but one at least. They are
// to be given back by reuse.
func (q *queue) take(most int) []*frame {
	size := 0
	for i, f := range q.frames {
		if size += len(f.bytes); size > most && i > 0 {
			return q.cut(i)
		}
	}
	frames := q.frames
	q.frames, q.spare, q.cost = q.spare, nil, 0
	return frames
}

// cut moves the first n frames out; the others stay.
func (q *queue) cut(n int) []*frame {
	frames := q.frames[:n:n]
	q.frames = slices.Clone(q.frames[n:])
	for _, f := range frames {
		q.cost -= f.cost()
	}
	return frames
}

func (q *queue) reuse(frames []*frame) {
	if cap(frames) <= spareFrames {
		clear(frames)
		q.spare = frames[:0]
	}
}

// concat makes one frame of several. One alone is given as it is, shared.
func concat(frames []*frame) []byte {
	if len(frames) == 1 {
		return frames[0].bytes
	}
	texts := make([][]byte, len(frames))
	for i, f := range frames {
		texts[i] = f.text
	}
	return Frame(texts...)
}
