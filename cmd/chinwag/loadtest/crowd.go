package loadtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"chinwag/chat"
)

// crowd is many screens of one community, and what they were sent.
type crowd struct {
	nodes   []target // the servers it is spread over
	screens []*screen
	sent    []atomic.Int64 // when the send of a number left, in nanoseconds; a text says its number
	numbers []atomic.Int64 // how many numbers each node's senders were given

	frames atomic.Int64 // arrived on all screens
	shown  atomic.Int64 // messages on all screens
	wanted atomic.Int64 // how many messages somebody waits for
	enough chan struct{}
	length atomic.Int64           // of the last frame, in bytes
	ended  atomic.Pointer[error]  // why a socket ended that we did not close
	other  atomic.Pointer[string] // the first frame without a message

	reading sync.WaitGroup
}

// sendsMax is how many sends of a crowd can be timed.
const sendsMax = 1 << 20

func newCrowd(nodes ...target) *crowd {
	return &crowd{
		nodes: nodes, numbers: make([]atomic.Int64, len(nodes)),
		sent: make([]atomic.Int64, sendsMax), enough: make(chan struct{}, 1),
	}
}

// pids are the processes that serve it.
func (c *crowd) pids() (list []int) {
	for _, node := range c.nodes {
		list = append(list, node.pid)
	}
	return list
}

// perSource is how many sockets leave from one loopback address. There are 28,000 ports for each, but those of sockets that
// were closed stay taken for a minute, and the system's search for a free one becomes slow long before there is none.
const perSource = 1000

// connect opens a screen for each person on their first room, so many a second. A server that is crowded is asked again
// when it says so.
func (c *crowd) connect(ctx context.Context, people []Person, after chat.Rev, aSecond int) error {
	return c.open(ctx, len(people), aSecond, func(i int) *screen {
		p := people[i]
		return &screen{crowd: c, person: p, room: p.Rooms[0], after: after, seq: chat.Seq(after)}
	})
}

// dialsAtOnce bounds what waits in the server's backlog.
const dialsAtOnce = 256

func (c *crowd) open(ctx context.Context, n, aSecond int, screenOf func(int) *screen) error {
	places := make(chan struct{}, dialsAtOnce)
	failed := make(chan error, n)
	began := time.Now()
	for i := range n {
		if err := pause(ctx, time.Until(began.Add(time.Duration(i)*time.Second/time.Duration(aSecond)))); err != nil {
			return err
		}
		s := screenOf(i)
		s.node = i % len(c.nodes)
		s.source = &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(1+len(c.screens)/perSource))}
		c.screens = append(c.screens, s)
		places <- struct{}{}
		go func() {
			defer func() { <-places }()
			err := s.dial(ctx)
			for again := (refused{}); errors.As(err, &again) && again.status == statusBusy; {
				if err = pause(ctx, max(again.retry, 100*time.Millisecond)); err == nil {
					err = s.dial(ctx)
				}
			}
			failed <- err
		}()
	}
	var problems []error
	for range n {
		problems = append(problems, <-failed)
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return nil
}

// watch reads all screens until they end.
func (c *crowd) watch() {
	for _, s := range c.screens {
		c.reading.Go(s.watch)
	}
}

// close ends all screens and waits for them.
func (c *crowd) close() {
	for _, s := range c.screens {
		s.leaving.Store(true)
		if socket := s.socket.Load(); socket != nil {
			socket.close()
		}
	}
	c.reading.Wait()
}

// next gives out the number of a send to the first node.
func (c *crowd) next() int { return c.nextOf(0) }

// nextOf gives out the number of a send to a node. The text of a message carries it, so that its way can be timed. Divided
// by the count of nodes it leaves the node.
func (c *crowd) nextOf(node int) int {
	n := int(c.numbers[node].Add(1))*len(c.nodes) + node
	c.sent[n%sendsMax].Store(time.Now().UnixNano())
	return n
}

// text is a message of ordinary length that says its number.
func text(n int) string {
	return fmt.Sprintf("%s%d: the parcel for the third floor has come, somebody please fetch it before five", numberMark, n)
}

// errMissing says that nothing arrives any more although something should.
var errMissing = errors.New("something is missing")

// silence is how long nothing may arrive before a crowd gives up.
const silence = 15 * time.Second

// waitFor waits until so many messages in all have been shown.
func (c *crowd) waitFor(ctx context.Context, messages int64) error {
	c.wanted.Store(messages)
	before, silent := c.shown.Load(), time.NewTicker(silence)
	defer silent.Stop()
	for c.shown.Load() < messages {
		select {
		case <-c.enough:
		case <-ctx.Done():
			return ctx.Err()
		case <-silent.C:
			now := c.shown.Load()
			if now > before {
				before = now
				continue
			}
			err := fmt.Errorf("%w: only %d of %d messages have arrived", errMissing, now, messages)
			if ended := c.ended.Load(); ended != nil {
				err = fmt.Errorf("%w; a socket has ended: %w", err, *ended)
			}
			if other := c.other.Load(); other != nil {
				err = fmt.Errorf("%w; a page was sent %q", err, *other)
			}
			return err
		}
	}
	return nil
}

// count notes a frame with so many messages.
func (c *crowd) count(messages, size int) {
	c.frames.Add(1)
	c.length.Store(int64(size))
	if c.shown.Add(int64(messages)) >= c.wanted.Load() {
		select {
		case c.enough <- struct{}{}:
		default:
		}
	}
}

// latencies takes the times from send to screen that were noted since the last call. Nothing may be on its way.
func (c *crowd) latencies() latencies {
	same, other := c.sameAndOther()
	return append(same, other...)
}

// sameAndOther is latencies, of screens on the node that took the send, and of those on another.
func (c *crowd) sameAndOther() (same, other latencies) {
	for _, s := range c.screens {
		same, other = append(same, s.took...), append(other, s.tookOver...)
		s.took, s.tookOver = s.took[:0], s.tookOver[:0]
	}
	return same, other
}

// check says what the screens were not shown, shown twice or out of order, of all messages up to a number in each room.
// A page that was told to load again misses nothing by that.
func (c *crowd) check(last map[chat.RoomID]chat.Seq) (lost, doubled, disordered, reloads int64) {
	for _, s := range c.screens {
		doubled += s.doubled
		disordered += s.disordered
		reloads += s.reloads
		if s.reloads > 0 {
			continue
		}
		lost += s.missing
		if end := last[s.room]; s.seq < end {
			lost += int64(end - s.seq)
		}
	}
	return lost, doubled, disordered, reloads
}
