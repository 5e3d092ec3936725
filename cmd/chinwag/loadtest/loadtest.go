// Package loadtest proves what the server costs. It seeds people with sessions, starts the server as a process of its
// own, plays their browsers over real sockets, and prints what arrived, how late, and what the server used for it, beside
// a relay that does nothing but write, measured in the same run.
//
// The screens are checked, not only counted: every message once, in the order of its number, on every one.
package loadtest

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"chinwag/chat"
	"chinwag/db"
)

// Options are what a run is told.
type Options struct {
	Only    []string // the scenarios to run, by name; empty: all of them
	Quick   bool     // small numbers: a minute, to see that everything works
	Program string   // the binary that serves
	Dir     string   // where data directories are made, and removed again
	Out     io.Writer
	Open    func(dir string) (*chat.Community, *db.DB, error) // opens a community beside the server, to seed it
}

// lab is what the scenarios of one run share.
type lab struct {
	Options
	sizes
	report *report
}

// sizes are the numbers of a run.
type sizes struct {
	rounds  int             // ours and the floor take turns, so that a noisy machine is noisy for both
	small   int             // members of the small room
	large   int             // members of the large room
	huge    int             // sockets of the largest crowd and of the storm
	singly  int             // messages of a round, one at a time
	span    time.Duration   // of one measurement at a rate
	settle  []time.Duration // when memory is looked at; Go collects an idle process every two minutes
	history int             // messages of the large community
	pace    int             // sockets opened a second
}

func sizesFor(quick bool) sizes {
	if quick {
		return sizes{
			rounds: 1, small: 20, large: 50, huge: 200, singly: 500, span: 500 * time.Millisecond,
			settle: []time.Duration{0, time.Second}, history: 20_000, pace: 400,
		}
	}
	return sizes{
		rounds: 4, small: 100, large: 1000, huge: 10_000, singly: 80_000, span: 3 * time.Second,
		settle: []time.Duration{0, time.Minute, 150 * time.Second}, history: 1_000_000, pace: 800,
	}
}

// scenario is one thing that is measured.
type scenario struct {
	name string
	help string
	run  func(*lab, context.Context) error
}

func scenarios() []scenario {
	return []scenario{
		{"deliveries", "a message to 100 and to 1,000 screens, one at a time, in a burst, and flat out", (*lab).deliveries},
		{"idle", "what 1,000 and 10,000 open pages cost: memory, and CPU to connect", (*lab).idle},
		{"posts", "durable sends by 1, 32 and 64 writers", (*lab).posts},
		{"pages", "a room's page of 50 messages beside 20 rooms", (*lab).pages},
		{"growth", "pages and start-up at 1,000 and 1,000,000 messages", (*lab).growth},
		{"storm", "10,000 pages come back after a kill, while people write", (*lab).storm},
	}
}

// Scenarios lists what can be asked for, a line each.
func Scenarios() string {
	var b strings.Builder
	for _, s := range scenarios() {
		fmt.Fprintf(&b, "  %-11s %s\n", s.name, s.help)
	}
	return b.String()
}

// Run runs the scenarios asked for and prints their figures. Its error says what was lost, doubled or out of order, or
// what could not be measured.
func Run(ctx context.Context, o Options) error {
	chosen, err := choose(o.Only)
	if err != nil {
		return err
	}
	l, done, err := newLab(o)
	if err != nil {
		return err
	}
	defer done()
	if o.Quick {
		l.report.line("Quick: small numbers. It shows that everything works; the figures mean little.")
	}
	for _, s := range chosen {
		l.report.section(s.name, s.help)
		began := time.Now()
		used, err := cpuOf(os.Getpid())
		if err != nil {
			return err
		}
		if err := s.run(l, ctx); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		now, err := cpuOf(os.Getpid())
		if err != nil {
			return err
		}
		took := time.Since(began)
		l.report.line("took %.0f s; the generator itself used %.0f%% of the machine.", took.Seconds(),
			100*(now-used).Seconds()/took.Seconds()/float64(runtime.NumCPU()))
	}
	return l.report.summary()
}

// newLab makes a place for a run. The caller calls done.
func newLab(o Options) (l *lab, done func(), err error) {
	if o.Dir, err = os.MkdirTemp(o.Dir, "chinwag-loadtest-"); err != nil {
		return nil, nil, fmt.Errorf("make a place for the data: %w", err)
	}
	// The generator shares the machine with the server: it should not collect garbage all the time.
	percent := debug.SetGCPercent(400)
	l = &lab{Options: o, sizes: sizesFor(o.Quick), report: &report{out: o.Out, quick: o.Quick}}
	l.report.line("%d processors, %s/%s, %s; server and generator share them.", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, cpuModel())
	return l, func() {
		debug.SetGCPercent(percent)
		_ = os.RemoveAll(o.Dir) // what is left is in the system's place for what may go
	}, nil
}

func choose(names []string) ([]scenario, error) {
	if len(names) == 0 {
		return scenarios(), nil
	}
	var list []scenario
next:
	for _, name := range names {
		for _, s := range scenarios() {
			if s.name == name {
				list = append(list, s)
				continue next
			}
		}
		return nil, fmt.Errorf("there is no scenario %q; there are\n%s", name, Scenarios())
	}
	return list, nil
}
