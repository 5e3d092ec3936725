package loadtest

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Budgets for a page.
const (
	pageMust, pageAim = 400, 120 // µs of CPU
	sidebarRooms      = 20
	readers           = 4
)

// pages measures a room's page of 50 messages with 20 rooms beside it, for several people in turn.
func (l *lab) pages(ctx context.Context) (err error) {
	server, people, err := l.community(ctx, Everybody(readers, sidebarRooms, standing+10))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	for _, encoding := range []string{"br", "gzip", ""} {
		paths := make([]string, len(people[0].Rooms))
		for i, room := range people[0].Rooms {
			paths[i] = roomPath(room)
		}
		r, err := l.read(ctx, server.target, people, paths, encoding)
		if err != nil {
			return err
		}
		name := map[string]string{"": "as it is"}[encoding] + encoding
		l.report.line("  %s: %.0f pages/s, %.0f bytes and %.0f µs of CPU each%s; answered after %s", name, float64(len(r.took))/r.wall.Seconds(),
			float64(r.bytes)/float64(len(r.took)), r.each(), l.andPostgres(r.eachOfPostgres()), r.took)
		l.report.add(figure{what: "CPU a room's page, " + name, value: r.each(), unit: "µs", must: pageMust, aim: pageAim})
	}
	return nil
}

// reading is what some pages took.
type reading struct {
	cpu, postgres, wall time.Duration // of the server, of PostgreSQL, and by the clock
	bytes               int
	took                latencies
}

func (r reading) each() float64 { return float64(r.cpu.Microseconds()) / float64(len(r.took)) }

func (r reading) eachOfPostgres() float64 {
	return float64(r.postgres.Microseconds()) / float64(len(r.took))
}

// andPostgres says what PostgreSQL used, in µs of CPU, if that is known.
func (l *lab) andPostgres(each float64) string {
	if l.postgresProcesses == nil {
		return ""
	}
	return fmt.Sprintf(" and %.0f µs of PostgreSQL's", each)
}

// read loads pages for a while, on two connections at once as the machine has two processors.
func (l *lab) read(ctx context.Context, t target, people []Person, paths []string, encoding string) (r reading, err error) {
	const lines = 2
	clients := make([]*client, len(people))
	for i, p := range people {
		clients[i] = &client{target: t, person: p}
	}
	defer hangUp(clients)
	load := func(i, n int) (answer, error) {
		c := clients[(i+n*lines)%len(clients)]
		got, err := c.get(ctx, paths[n%len(paths)], encoding)
		if err == nil && got.status != statusOK {
			err = fmt.Errorf("%s was answered with %d", paths[n%len(paths)], got.status)
		}
		return got, err
	}
	for n := range len(paths) * len(people) { // the first look
		if _, err := load(0, n); err != nil {
			return r, err
		}
	}
	meter, err := startMeter(t.pid)
	if err != nil {
		return r, err
	}
	postgresBefore, err := l.postgresProcesses.cpu()
	if err != nil {
		return r, err
	}
	parts := make([]reading, lines)
	began := time.Now()
	err = concurrently(lines, func(i int) error {
		for n := 0; time.Since(began) < l.span; n++ {
			sent := time.Now()
			got, err := load(i, n)
			if err != nil {
				return err
			}
			parts[i].took = append(parts[i].took, time.Since(sent))
			parts[i].bytes += len(got.body)
		}
		return nil
	})
	if err != nil {
		return r, err
	}
	r.wall = time.Since(began)
	if r.cpu, err = meter.read(); err != nil {
		return r, err
	}
	postgresAfter, err := l.postgresProcesses.cpu()
	r.postgres = postgresAfter - postgresBefore
	for _, part := range parts {
		r.took = append(r.took, part.took...)
		r.bytes += part.bytes
	}
	return r, err
}
