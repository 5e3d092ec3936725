package loadtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"chinwag/chat"
)

// party is a room with everybody watching, each on one of the servers, and some of them writing, on all of them.
type party struct {
	*lab
	nodes   []*server
	crowd   *crowd
	room    chat.RoomID
	writers []*client // each on the next node
	said    int       // messages that were sent one at a time
	posted  chat.Seq  // the newest message
}

// inParty opens one for so many members on so many nodes, and holds every screen against what was posted in the end.
func (l *lab) inParty(ctx context.Context, members, nodes int, measure func(*party) error) (err error) {
	p := &party{lab: l, posted: standing}
	place, people, err := l.seeded(ctx, Everybody(members, 1, standing))
	if err != nil {
		return err
	}
	p.room = people[0].Rooms[0]
	defer func() {
		for _, node := range p.nodes {
			err = errors.Join(err, node.stop())
		}
	}()
	var at []target
	for range nodes {
		node, err := l.serve(ctx, place, anyPort)
		if err != nil {
			return err
		}
		p.nodes, at = append(p.nodes, node), append(at, node.target)
	}
	defer func() { hangUp(p.writers) }()
	for i := range min(members, 32) {
		one, err := writers(ctx, at[i%nodes], people[i:i+1], p.room)
		if err != nil {
			return err
		}
		p.writers = append(p.writers, one...)
	}
	p.crowd = newCrowd(at...)
	if err := p.crowd.connect(ctx, people, standing, l.pace); err != nil {
		return err
	}
	defer p.crowd.close()
	p.crowd.watch()
	for range warmUp {
		if err := p.say(ctx); err != nil {
			return err
		}
	}
	if err := measure(p); err != nil {
		return err
	}
	return p.verify()
}

// say sends a message and waits until everybody has it.
func (p *party) say(ctx context.Context) error {
	i := p.said % len(p.writers)
	p.said++
	seq, err := p.writers[i].mustPost(ctx, p.room, text(p.next(i)))
	if err != nil {
		return err
	}
	p.posted = max(p.posted, seq)
	return p.crowd.waitFor(ctx, p.due())
}

// next is the number of a writer's send.
func (p *party) next(writer int) int { return p.crowd.nextOf(writer % len(p.nodes)) }

// due is how many messages all screens together should have been shown.
func (p *party) due() int64 { return int64(p.posted-standing) * int64(len(p.crowd.screens)) }

// sayMany sends messages at the burst's rate, by as many people as it takes, and waits until everybody has them.
func (p *party) sayMany(ctx context.Context, n int) error {
	talking := min(8, len(p.writers))
	err := p.together(ctx, talking, func(i int, post func() error) error {
		if err := pause(ctx, time.Duration(i)*time.Second/burstRate); err != nil {
			return err
		}
		return paced(ctx, (n+i)/talking, burstRate/float64(talking), post)
	})
	if err != nil {
		return err
	}
	return p.crowd.waitFor(ctx, p.due())
}

// together runs something for each of the first writers, who may post.
func (p *party) together(ctx context.Context, writers int, do func(i int, post func() error) error) error {
	var mu sync.Mutex
	return concurrently(writers, func(i int) error {
		return do(i, func() error {
			seq, err := p.writers[i].mustPost(ctx, p.room, text(p.next(i)))
			mu.Lock()
			defer mu.Unlock()
			p.posted = max(p.posted, seq)
			return err
		})
	})
}

// concurrently runs something n times at once and waits for all.
func concurrently(n int, do func(i int) error) error {
	failed := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { failed[i] = do(i) })
	}
	all.Wait()
	return errors.Join(failed...)
}

// flatOut has everybody send as fast as they can.
func (p *party) flatOut(ctx context.Context) error {
	began, first := time.Now(), p.posted
	c, err := measured(p.crowd, func() error {
		err := p.together(ctx, len(p.writers), func(_ int, post func() error) error {
			for time.Since(began) < p.span {
				if err := post(); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
		return p.crowd.waitFor(ctx, p.due())
	})
	took := time.Since(began)
	if errors.Is(err, errMissing) { // pages that fell too far behind were told so: verify counts them
		p.report.line("  flat out, %d writers: %d messages; %v", len(p.writers), p.posted-first, err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("flat out: %w", err)
	}
	p.report.line("  flat out, %d writers: %d messages in %.1f s, %.0f deliveries/s, %.2f µs a delivery, %.1f messages a frame", len(p.writers),
		p.posted-first, took.Seconds(), float64(c.deliveries)/took.Seconds(), c.each(), float64(c.deliveries)/float64(c.frames))
	p.report.latencies(p.crowd, "")
	return nil
}

// verify holds every screen against what was posted.
func (p *party) verify() error {
	p.crowd.close()
	lost, doubled, disordered, reloads := p.crowd.check(map[chat.RoomID]chat.Seq{p.room: p.posted})
	where := ""
	if len(p.nodes) > 1 {
		where = fmt.Sprintf(" on %d nodes", len(p.nodes))
	}
	p.report.line("  %d screens%s, %d messages each: %d lost, %d doubled, %d out of order, %d told to load again",
		len(p.crowd.screens), where, p.posted-standing, lost, doubled, disordered, reloads)
	if lost+doubled+disordered > 0 {
		p.report.fault("%d screens: %d lost, %d doubled, %d out of order", len(p.crowd.screens), lost, doubled, disordered)
	}
	return nil
}
