package loadtest

import (
	"context"
	"errors"
	"fmt"

	"chinwag/chat"
)

// arena is a room with everybody watching, and beside it the relay with as many sockets.
type arena struct {
	*lab
	server  *server
	floor   *floor
	ours    *crowd
	raw     *crowd
	room    chat.RoomID
	writers []*client
	posted  chat.Seq // the newest message
	relayed int64    // frames the relay was told to send
}

// inArena opens one for so many members, and holds every screen against what was posted in the end.
func (l *lab) inArena(ctx context.Context, members int, measure func(*arena) error) (err error) {
	a := &arena{lab: l, posted: before}
	var people []Person
	if a.server, people, err = l.community(ctx, Everybody(members, 1, before)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.server.stop()) }()
	a.room = people[0].Rooms[0]
	if a.writers, err = writers(ctx, a.server.target, people[:min(len(people), 32)], a.room); err != nil {
		return err
	}
	defer hangUp(a.writers)
	a.ours = newCrowd(a.server.target)
	if err := a.ours.connect(ctx, people, before, l.pace); err != nil {
		return err
	}
	defer a.ours.close()
	a.ours.watch()
	for range warmUp {
		if err := a.say(ctx); err != nil {
			return err
		}
	}
	if a.floor, err = l.startRelay(ctx, int(a.ours.length.Load())); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.floor.stop()) }()
	a.raw = newCrowd(a.floor.target)
	if err := a.raw.open(ctx, members, l.pace, func(int) *screen { return &screen{crowd: a.raw} }); err != nil {
		return err
	}
	defer a.raw.close()
	a.raw.watch()
	for range warmUp {
		if err := a.echo(ctx); err != nil {
			return err
		}
	}
	l.report.line("  %d screens on one room; a message is a frame of %d bytes", members, a.ours.length.Load())
	if err := measure(a); err != nil {
		return err
	}
	return a.verify()
}

// say sends a message and waits until everybody has it.
func (a *arena) say(ctx context.Context) error {
	n := a.ours.next()
	seq, err := a.writers[n%len(a.writers)].mustPost(ctx, a.room, text(n))
	if err != nil {
		return err
	}
	a.posted = max(a.posted, seq)
	return a.ours.waitFor(ctx, a.due())
}

// due is how many messages all screens together should have been shown.
func (a *arena) due() int64 { return int64(a.posted-before) * int64(len(a.ours.screens)) }

// echo has the relay send a frame and waits until everybody has it.
func (a *arena) echo(ctx context.Context) error {
	a.raw.next()
	a.relayed++
	if err := a.floor.relay(); err != nil {
		return err
	}
	return a.raw.waitFor(ctx, a.relayed*int64(len(a.raw.screens)))
}

// inTurns measures ours and the floor by turns and prints both.
func (a *arena) inTurns(what string, rounds int, must, aim float64, ours, raw func() error) error {
	a.ours.latencies() // of the warm-up
	a.raw.latencies()
	var our, floor cost
	var ratios string
	for range rounds {
		o, err := measured(a.ours, ours)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		f, err := measured(a.raw, raw)
		if err != nil {
			return fmt.Errorf("%s, the relay: %w", what, err)
		}
		our.add(o)
		floor.add(f)
		ratios += fmt.Sprintf(" %.2f", o.each()/f.each())
	}
	a.report.line("  %s: ours %.2f µs a delivery (%d deliveries, %.1f a frame), relay %.2f µs (%d); by rounds:%s", what,
		our.each(), our.deliveries, float64(our.deliveries)/float64(our.frames), floor.each(), floor.deliveries, ratios)
	a.report.line("    from send to screen, ours:  %s", a.ours.latencies())
	a.report.line("    from send to screen, relay: %s", a.raw.latencies())
	a.report.add(figure{what: what + ", CPU ÷ relay", value: our.each() / floor.each(), unit: "×", must: must, aim: aim})
	return nil
}

// verify holds every screen against what was posted.
func (a *arena) verify() error {
	a.ours.close()
	lost, doubled, disordered, reloads := a.ours.check(map[chat.RoomID]chat.Seq{a.room: a.posted})
	a.report.line("  %d screens, %d messages each: %d lost, %d doubled, %d out of order, %d told to load again",
		len(a.ours.screens), a.posted-before, lost, doubled, disordered, reloads)
	if lost+doubled+disordered > 0 {
		a.report.fault("%d screens: %d lost, %d doubled, %d out of order", len(a.ours.screens), lost, doubled, disordered)
	}
	return nil
}
