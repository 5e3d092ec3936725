package loadtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"chinwag/chat"
)

// Budgets for a community that grows.
const (
	growthMust, growthAim = 1.3, 1.1 // times what it cost when it was small
	startEmpty, startFull = 1.0, 2.0 // seconds
	binaryMust, binaryAim = 40, 28   // MB
	youth                 = 1000     // messages of the small community
)

// growth measures what a long history costs: the same pages and starts of a small community and a large one, by turns.
func (l *lab) growth(ctx context.Context) error {
	info, err := os.Stat(l.Program)
	if err != nil {
		return fmt.Errorf("measure the binary: %w", err)
	}
	l.report.add(figure{what: "binary", value: float64(info.Size()) / 1e6, unit: "MB", must: binaryMust, aim: binaryAim})
	small, err := l.grown(ctx, youth)
	if err != nil {
		return err
	}
	large, err := l.grown(ctx, l.history)
	if err != nil {
		return err
	}
	if err := l.starts(ctx, large.place); err != nil {
		return err
	}
	return l.compare(ctx, small, large)
}

// grown is a community with a history in its first room.
type grown struct {
	place    string
	people   []Person
	messages int
}

func (l *lab) grown(ctx context.Context, messages int) (g grown, err error) {
	plan := Everybody(readers, sidebarRooms, standing)
	plan.Rooms[0].Messages = messages
	began := time.Now()
	g.messages = messages
	g.place, g.people, err = l.seeded(ctx, plan)
	l.report.line("  %d messages seeded in %.1f s", messages, time.Since(began).Seconds())
	return g, err
}

// starts measures how long a server takes to be ready.
func (l *lab) starts(ctx context.Context, full string) error {
	const times = 5
	for _, what := range []struct {
		name  string
		place func() (string, error)
		must  float64
	}{
		{"start, empty", func() (string, error) { return l.newPlace(ctx) }, startEmpty},
		{fmt.Sprintf("start, %d messages", l.history), func() (string, error) { return full, nil }, startFull},
	} {
		took := make(latencies, times)
		for i := range took {
			place, err := what.place()
			if err != nil {
				return err
			}
			server, err := l.serve(ctx, place, anyPort)
			if err != nil {
				return err
			}
			took[i] = server.start
			if err := server.stop(); err != nil {
				return err
			}
		}
		slices.Sort(took)
		l.report.line("  %s: the slowest of %d took %s", what.name, times, short(took[times-1]))
		l.report.add(figure{what: what.name, value: took[times/2].Seconds(), unit: "s", must: what.must})
	}
	return nil
}

// compare reads the same kinds of pages from both.
func (l *lab) compare(ctx context.Context, small, large grown) (err error) {
	servers := make([]*server, 2)
	for i, g := range []grown{small, large} {
		if servers[i], err = l.serve(ctx, g.place, anyPort); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, servers[i].stop()) }()
	}
	for _, kind := range []struct {
		name  string
		paths func(grown) []string
	}{
		{"newest page", func(g grown) []string { return []string{roomPath(g.room())} }},
		{"middle page", grown.middle},
		{"directory", func(grown) []string { return []string{"/rooms"} }},
	} {
		var cost [2]struct {
			cpu   time.Duration
			pages int
		}
		for range l.rounds {
			for i, g := range []grown{small, large} {
				r, err := l.read(ctx, servers[i].target, g.people, kind.paths(g), "br")
				if err != nil {
					return err
				}
				cost[i].cpu += r.cpu + r.postgres
				cost[i].pages += len(r.took)
			}
		}
		var each [2]float64
		for i, c := range cost {
			each[i] = float64(c.cpu.Microseconds()) / float64(c.pages)
		}
		included := ""
		if l.postgresProcesses != nil {
			included = ", PostgreSQL's included,"
		}
		l.report.line("  %s: %.0f µs of CPU%s at %d messages, %.0f µs at %d", kind.name, each[0], included, small.messages, each[1], large.messages)
		l.report.add(figure{what: kind.name + ", large ÷ small", value: each[1] / each[0], unit: "×", must: growthMust, aim: growthAim})
	}
	return nil
}

func (g grown) room() chat.RoomID { return g.people[0].Rooms[0] }

// middle is forty pages around the middle of the history.
func (g grown) middle() []string {
	paths := make([]string, 40)
	for i := range paths {
		paths[i] = fmt.Sprintf("%s?before=%d", roomPath(g.room()), g.messages/2-200+10*i)
	}
	return paths
}
