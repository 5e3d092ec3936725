package loadtest

import (
	"context"
	"fmt"
	"time"
)

// Before every measured room some messages stand in it, and some are sent to warm up.
const (
	standing = 50
	warmUp   = 20
)

// Budgets for a delivery, as parts of what the relay takes for one.
const (
	singlyMust, singlyAim = 1.6, 1.2
	burstMust, burstAim   = 0.6, 0.2
)

// between is the least time between two messages that are sent one at a time.
const between = 20 * time.Millisecond

// burstRate is the messages a second of a room where everybody talks at once.
const burstRate = 200

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
	turn := func(n int, rest time.Duration, one func(context.Context) error) func() error {
		return func() error { return spaced(ctx, n, rest, one) }
	}
	members := len(a.crowd.screens)
	what, most := fmt.Sprintf("delivery, %d members, one at a time", members), a.singly/members
	n := min(most, a.singly/a.large)
	if err := a.against(what, a.rounds, singlyMust, singlyAim, turn(n, between, a.say), turn(n, between, a.echo)); err != nil {
		return err
	}
	return a.against(what+", no pause", (a.rounds+1)/2, 0, 0, turn(most, 0, a.say), turn(most, 0, a.echo))
}

func (a *arena) bursts(ctx context.Context) error {
	n := int(burstRate * a.span.Seconds())
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
	what := fmt.Sprintf("delivery, %d members, %d messages/s", len(a.crowd.screens), burstRate)
	return a.against(what, (a.rounds+1)/2, burstMust, burstAim, func() error { return a.sayMany(ctx, n) }, raw)
}
