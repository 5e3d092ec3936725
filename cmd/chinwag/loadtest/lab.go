package loadtest

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
)

// lab is what the scenarios of one run share.
type lab struct {
	Options
	sizes
	report            *report
	databases         *databases // nil: communities are kept in SQLite
	postgresProcesses *family    // nil: that, or PostgreSQL is not on this machine
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

// newLab makes a place for a run. The caller calls done.
func newLab(ctx context.Context, o Options) (l *lab, done func(), err error) {
	l = &lab{Options: o, sizes: sizesFor(o.Quick), report: &report{out: o.Out, quick: o.Quick}}
	l.report.line("%d processors, %s/%s, %s; server and generator share them. Load average before: %s.",
		runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, cpuModel(), loadAverage())
	if o.DatabaseURL != "" {
		if err := l.onPostgreSQL(ctx); err != nil {
			return nil, nil, err
		}
	}
	if l.Dir, err = os.MkdirTemp(o.Dir, "chinwag-loadtest-"); err != nil {
		return nil, nil, fmt.Errorf("make a place for the data: %w", err)
	}
	// The generator shares the machine with the server: it should not collect garbage all the time.
	percent := debug.SetGCPercent(400)
	gone := make(chan os.Signal, 1)
	signal.Notify(gone, syscall.SIGPIPE) // nobody reads what we print: that must not end us before all is removed
	return l, func() {
		debug.SetGCPercent(percent)
		if l.databases != nil {
			if err := l.databases.remove(ctx); err != nil {
				l.report.line("%v", err)
			}
		}
		_ = os.RemoveAll(l.Dir) // what is left is in the system's place for what may go
		signal.Stop(gone)
	}, nil
}

// onPostgreSQL has everything kept there.
func (l *lab) onPostgreSQL(ctx context.Context) (err error) {
	if l.databases, err = openDatabases(ctx, l.DatabaseURL); err != nil {
		return err
	}
	where, err := l.databases.describe(ctx)
	if err != nil {
		return err
	}
	if l.postgresProcesses, err = l.databases.processes(ctx); err != nil {
		return err
	}
	if l.NATSURL != "" {
		where += ", and NATS joins the nodes"
	}
	if l.postgresProcesses == nil {
		where += "; its processes are not on this machine, so what they use is not known"
	}
	l.report.line("Everything is kept in %s.", where)
	return nil
}
