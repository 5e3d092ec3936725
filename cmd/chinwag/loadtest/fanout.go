package loadtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Before every measured room some messages stand in it, and some are sent to warm up.
const (
	before = 50
	warmUp = 20
)

// Budgets for a delivery, as parts of what the relay takes for one.
const (
	singlyMust, singlyAim = 1.6, 1.2
	burstMust, burstAim   = 0.6, 0.2
)

// between is the least time between two messages that are sent one at a time.
const between = 20 * time.Millisecond

// deliveries measures what it takes to show a message to many, beside the relay.
func (l *lab) deliveries(ctx context.Context) error {
	for _, members := range []int{l.small, l.large} {
		if err := l.inArena(ctx, members, func(a *arena) error {
			if err := a.oneAtATime(ctx); err != nil || members != l.large {
				return err
			}
			if err := a.bursts(ctx); err != nil {
				return err
			}
			return a.flatOut(ctx)
		}); err != nil {
			return err
		}
	}
	return nil
}

// oneAtATime sends the next message when everybody has the last, but not before 20 ms have passed, as people do; and then
// without a pause, which is cheaper for both, because nobody falls asleep in between.
func (a *arena) oneAtATime(ctx context.Context) error {
	members := len(a.ours.screens)
	turn := func(n int, rest time.Duration, one func(context.Context) error) func() error {
		return func() error {
			for range n {
				next := time.Now().Add(rest)
				if err := one(ctx); err != nil {
					return err
				}
				if err := pause(ctx, time.Until(next)); err != nil {
					return err
				}
			}
			return nil
		}
	}
	what, most := fmt.Sprintf("delivery, %d members, one at a time", members), a.singly/members
	n := min(most, a.singly/a.large)
	if err := a.inTurns(what, a.rounds, singlyMust, singlyAim, turn(n, between, a.say), turn(n, between, a.echo)); err != nil {
		return err
	}
	return a.inTurns(what+", no pause", (a.rounds+1)/2, 0, 0, turn(most, 0, a.say), turn(most, 0, a.echo))
}

// burstRate is the messages a second of a room where everybody talks at once.
const burstRate = 200

func (a *arena) bursts(ctx context.Context) error {
	n := int(burstRate * a.span.Seconds())
	ours := func() error {
		if err := a.sayMany(ctx, n); err != nil {
			return err
		}
		return a.ours.waitFor(ctx, a.due())
	}
	raw := func() error {
		err := paced(ctx, n, burstRate, func() error {
			a.raw.next()
			a.relayed++
			return a.floor.relay()
		})
		if err != nil {
			return err
		}
		return a.raw.waitFor(ctx, a.relayed*int64(len(a.raw.screens)))
	}
	what := fmt.Sprintf("delivery, %d members, %d messages/s", len(a.ours.screens), burstRate)
	return a.inTurns(what, (a.rounds+1)/2, burstMust, burstAim, ours, raw)
}

// paced does something n times, so many a second.
func paced(ctx context.Context, n int, aSecond float64, do func() error) error {
	began := time.Now()
	for i := range n {
		if err := pause(ctx, time.Until(began.Add(time.Duration(float64(i)/aSecond*float64(time.Second))))); err != nil {
			return err
		}
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// sayMany sends messages at the burst's rate, by as many people as it takes.
func (a *arena) sayMany(ctx context.Context, n int) error {
	talking := a.writers[:min(8, len(a.writers))]
	return a.together(talking, func(i int, post func() error) error {
		if err := pause(ctx, time.Duration(i)*time.Second/burstRate); err != nil {
			return err
		}
		return paced(ctx, (n+i)/len(talking), burstRate/float64(len(talking)), post)
	})
}

// together runs something for each of some writers, who may post.
func (a *arena) together(writers []*client, do func(i int, post func() error) error) error {
	var mu sync.Mutex
	ctx := context.Background()
	return concurrently(len(writers), func(i int) error {
		return do(i, func() error {
			n := a.ours.next()
			seq, err := writers[i].mustPost(ctx, a.room, text(n))
			mu.Lock()
			defer mu.Unlock()
			a.posted = max(a.posted, seq)
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
func (a *arena) flatOut(ctx context.Context) error {
	began, first := time.Now(), a.posted
	c, err := measured(a.ours, func() error {
		err := a.together(a.writers, func(_ int, post func() error) error {
			for time.Since(began) < a.span {
				if err := post(); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
		return a.ours.waitFor(ctx, a.due())
	})
	took := time.Since(began)
	if errors.Is(err, errMissing) { // pages that fell too far behind were told so: verify counts them
		a.report.line("  flat out, %d writers: %d messages; %v", len(a.writers), a.posted-first, err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("flat out: %w", err)
	}
	a.report.line("  flat out, %d writers: %d messages in %.1f s, %.0f deliveries/s, %.2f µs a delivery, %.1f messages a frame", len(a.writers),
		a.posted-first, took.Seconds(), float64(c.deliveries)/took.Seconds(), c.each(), float64(c.deliveries)/float64(c.frames))
	a.report.line("    from send to screen: %s", a.ours.latencies())
	return nil
}
