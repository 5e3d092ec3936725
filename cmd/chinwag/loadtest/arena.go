package loadtest

import (
	"context"
	"errors"
)

// arena is a party on one server, and beside it the relay with as many sockets.
type arena struct {
	*party
	floor   *floor
	raw     *crowd
	relayed int64 // frames the relay was told to send
}

// inArena opens one for so many members.
func (l *lab) inArena(ctx context.Context, members int, measure func(*arena) error) error {
	return l.inParty(ctx, members, 1, func(p *party) error { return p.besideRelay(ctx, measure) })
}

func (p *party) besideRelay(ctx context.Context, measure func(*arena) error) (err error) {
	a := &arena{party: p}
	if a.floor, err = p.startRelay(ctx, int(p.crowd.length.Load())); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.floor.stop()) }()
	a.raw = newCrowd(a.floor.target)
	if err := a.raw.open(ctx, len(p.crowd.screens), p.pace, func(int) *screen { return &screen{crowd: a.raw} }); err != nil {
		return err
	}
	defer a.raw.close()
	a.raw.watch()
	for range warmUp {
		if err := a.echo(ctx); err != nil {
			return err
		}
	}
	p.report.line("  %d screens on one room; a message is a frame of %d bytes", len(p.crowd.screens), p.crowd.length.Load())
	return measure(a)
}

// echo has the relay send a frame and waits until everybody has it.
func (a *arena) echo(ctx context.Context) error {
	a.raw.next()
	a.relayed++
	if err := a.floor.relay(); err != nil {
		return err
	}
	return a.raw.waitFor(ctx, a.relayed*int64(len(a.raw.screens)))
}

// against measures ours and the relay by turns.
func (a *arena) against(what string, rounds int, must, aim float64, ours, raw func() error) error {
	return a.inTurns(what, rounds, must, aim, side{"ours", a.crowd, ours}, side{"relay", a.raw, raw})
}
