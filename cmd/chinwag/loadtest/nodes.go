package loadtest

import (
	"context"
	"fmt"
)

// Budgets for a delivery by two nodes together, as parts of what one node takes for it.
const nodesMust, nodesAim = 1.5, 1.2

// How many connections to PostgreSQL the scenario may need: one server runs beside two that are joined.
const (
	nodesAtOnce     = 3
	nodeConnections = 36 // 16 to write, 16 to read, 4 for blobs
)

// nodes measures one room whose people are spread over two servers, beside one that has them all.
func (l *lab) nodes(ctx context.Context) error {
	for _, members := range []int{l.small, l.large} {
		if err := allowFiles(2 * members); err != nil {
			return err
		}
		err := l.inParty(ctx, members, 1, func(one *party) error {
			return l.inParty(ctx, members, 2, func(two *party) error {
				return (&spread{l, one, two}).measure(ctx, members)
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// spread is the same party on one node and on two.
type spread struct {
	*lab
	one, two *party
}

func (s *spread) measure(ctx context.Context, members int) error {
	s.report.line("  %d screens of one room on one node, and as many on two, half on each", members)
	n := s.singly / s.large
	singly := func(p *party) func() error {
		return func() error { return spaced(ctx, n, between, p.say) }
	}
	what := fmt.Sprintf("delivery, %d members on two nodes", members)
	must, aim := 0.0, 0.0
	if members == s.large {
		must, aim = nodesMust, nodesAim
	}
	if err := s.compare(what+", one at a time", must, aim, singly); err != nil || members != s.large {
		return err
	}
	bursts := func(p *party) func() error {
		return func() error { return p.sayMany(ctx, int(burstRate*s.span.Seconds())) }
	}
	if err := s.compare(fmt.Sprintf("%s, %d messages/s", what, burstRate), must, aim, bursts); err != nil {
		return err
	}
	return s.two.flatOut(ctx)
}

// compare has both do the same by turns.
func (s *spread) compare(what string, must, aim float64, round func(*party) func() error) error {
	return s.inTurns(what, s.rounds, must, aim, side{"two nodes", s.two.crowd, round(s.two)}, side{"one node", s.one.crowd, round(s.one)})
}
