package loadtest

import (
	"context"
	"fmt"
	"time"
)

// side is one of two that do the same by turns.
type side struct {
	name  string
	crowd *crowd
	do    func() error // a round
}

// inTurns measures something and what it is held against by turns, and prints both and their ratio.
func (l *lab) inTurns(what string, rounds int, must, aim float64, our, their side) error {
	our.crowd.latencies() // of the warm-up
	their.crowd.latencies()
	var allOurs, allTheirs cost
	var ratios string
	for range rounds {
		ours, err := measured(our.crowd, our.do)
		if err != nil {
			return fmt.Errorf("%s, %s: %w", what, our.name, err)
		}
		theirs, err := measured(their.crowd, their.do)
		if err != nil {
			return fmt.Errorf("%s, %s: %w", what, their.name, err)
		}
		allOurs.add(ours)
		allTheirs.add(theirs)
		ratios += fmt.Sprintf(" %.2f", ours.each()/theirs.each())
	}
	l.report.line("  %s: %s %.2f µs a delivery (%d deliveries, %.1f a frame), %s %.2f µs (%d); by rounds:%s", what, our.name, allOurs.each(),
		allOurs.deliveries, float64(allOurs.deliveries)/float64(allOurs.frames), their.name, allTheirs.each(), allTheirs.deliveries, ratios)
	l.report.latencies(our.crowd, ", "+our.name)
	l.report.latencies(their.crowd, ", "+their.name)
	l.report.add(figure{what: what + ", CPU ÷ " + their.name, value: allOurs.each() / allTheirs.each(), unit: "×", must: must, aim: aim})
	return nil
}

// latencies prints those of a crowd since they were last looked at.
func (r *report) latencies(c *crowd, whose string) {
	same, other := c.sameAndOther()
	if len(c.nodes) == 1 {
		r.line("    from send to screen%s: %s", whose, same)
		return
	}
	r.line("    from send to screens of the same node%s: %s", whose, same)
	r.line("    from send to screens of the other node%s: %s", whose, other)
}

// spaced does something n times, the next when it is done, but not before some time has passed.
func spaced(ctx context.Context, n int, rest time.Duration, do func(context.Context) error) error {
	for range n {
		next := time.Now().Add(rest)
		if err := do(ctx); err != nil {
			return err
		}
		if err := pause(ctx, time.Until(next)); err != nil {
			return err
		}
	}
	return nil
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
