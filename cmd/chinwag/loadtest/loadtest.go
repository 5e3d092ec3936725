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
	"slices"
	"strings"
	"time"

	"chinwag/chat"
	"chinwag/db"
)

// Options are what a run is told.
type Options struct {
	Only        []string // the scenarios to run, by name; empty: all of them
	Quick       bool     // small numbers: a minute, to see that everything works
	Program     string   // the binary that serves
	Dir         string   // where data directories are made, and removed again
	DatabaseURL string   // a PostgreSQL, where databases are made and removed again; none: SQLite
	NATSURL     string   // the addresses of NATS, which joins the nodes; only with PostgreSQL
	Out         io.Writer
	Open        func(place string) (*chat.Community, *db.DB, error) // opens a community beside the server, to seed it
}

// joined says whether several servers may share a community.
func (o Options) joined() bool { return o.DatabaseURL != "" && o.NATSURL != "" }

// scenario is one thing that is measured.
type scenario struct {
	name  string
	help  string
	run   func(*lab, context.Context) error
	nodes bool // it needs PostgreSQL and NATS
}

func scenarios() []scenario {
	return []scenario{
		{"deliveries", "a message to 100 and to 1,000 screens, one at a time, in a burst, and flat out", (*lab).deliveries, false},
		{"idle", "what 1,000 and 10,000 open pages cost: memory, and CPU to connect", (*lab).idle, false},
		{"posts", "durable sends by 1, 32 and 64 writers", (*lab).posts, false},
		{"pages", "a room's page of 50 messages beside 20 rooms", (*lab).pages, false},
		{"growth", "pages and start-up at 1,000 and 1,000,000 messages", (*lab).growth, false},
		{"storm", "10,000 pages come back after a kill, while people write", (*lab).storm, false},
		{"nodes", "one room over two servers, which PostgreSQL and NATS join", (*lab).nodes, true},
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
	chosen, err := choose(o.Only, o.joined())
	if err != nil {
		return err
	}
	l, done, err := newLab(ctx, o)
	if err != nil {
		return err
	}
	defer done()
	if slices.ContainsFunc(chosen, func(s scenario) bool { return s.nodes }) {
		if err := l.databases.takes(ctx, nodesAtOnce*nodeConnections); err != nil {
			return fmt.Errorf("nodes: %w", err)
		}
	}
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

// choose finds scenarios by name. No name means all that can be run.
func choose(names []string, joined bool) ([]scenario, error) {
	var list []scenario
	if len(names) == 0 {
		for _, s := range scenarios() {
			if joined || !s.nodes {
				list = append(list, s)
			}
		}
		return list, nil
	}
next:
	for _, name := range names {
		for _, s := range scenarios() {
			if s.name != name {
				continue
			}
			if s.nodes && !joined {
				return nil, fmt.Errorf("%s needs PostgreSQL and NATS: --database-url and --nats-url", name)
			}
			list = append(list, s)
			continue next
		}
		return nil, fmt.Errorf("there is no scenario %q; there are\n%s", name, Scenarios())
	}
	return list, nil
}
