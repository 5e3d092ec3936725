package loadtest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"chinwag/chat"
)

// Budgets for a send: the answer leaves after the message is on disk.
const (
	postsMust, postsAim     = 4000, 8000 // a second, 64 writers, on SQLite
	perPostMust, perPostAim = 250, 150   // µs of CPU
	manyWriters             = 64
	someWriters             = 32
	manyRooms               = 32
	oneRoomMust             = 660  // a second, 32 writers, on PostgreSQL
	manyRoomsMust           = 1500 // the same
)

// posts measures sends that nobody watches.
func (l *lab) posts(ctx context.Context) (err error) {
	server, people, err := l.community(ctx, Everybody(manyWriters, manyRooms, standing))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	clients, err := writers(ctx, server.target, people, people[0].Rooms[0])
	if err != nil {
		return err
	}
	defer hangUp(clients)
	for _, rooms := range []int{1, manyRooms} {
		if err := l.diskSpeed(); err != nil {
			return err
		}
		for _, n := range []int{1, someWriters, manyWriters} {
			p := posting{lab: l, server: server, clients: clients[:n], rooms: people[0].Rooms[:rooms]}
			if err := p.run(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// posting is some people who send as fast as they are answered, each in the next room every time.
type posting struct {
	*lab
	server  *server
	clients []*client
	rooms   []chat.RoomID

	took           latencies
	aSecond        float64
	each           float64 // µs of CPU of the server for a send
	eachOfPostgres float64 // of PostgreSQL
}

func (p *posting) run(ctx context.Context) error {
	meter, err := startMeter(p.server.pid)
	if err != nil {
		return err
	}
	postgresBefore, err := p.postgresProcesses.cpu()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := p.send(ctx, began); err != nil {
		return err
	}
	p.aSecond = float64(len(p.took)) / time.Since(began).Seconds()
	cpu, err := meter.read()
	if err != nil {
		return err
	}
	postgresAfter, err := p.postgresProcesses.cpu()
	if err != nil {
		return err
	}
	p.each = float64(cpu.Microseconds()) / float64(len(p.took))
	p.eachOfPostgres = float64((postgresAfter - postgresBefore).Microseconds()) / float64(len(p.took))
	p.print()
	return nil
}

func (p *posting) send(ctx context.Context, began time.Time) error {
	took := make([]latencies, len(p.clients))
	err := concurrently(len(p.clients), func(i int) error {
		for n := 0; time.Since(began) < p.span; n++ {
			sent := time.Now()
			if _, err := p.clients[i].mustPost(ctx, p.rooms[(i+n)%len(p.rooms)], text(n)); err != nil {
				return err
			}
			took[i] = append(took[i], time.Since(sent))
		}
		return nil
	})
	for _, some := range took {
		p.took = append(p.took, some...)
	}
	return err
}

// print prints what it was like, and the figures that are held against a budget.
func (p *posting) print() {
	what := fmt.Sprintf("%d writers, %d rooms", len(p.clients), len(p.rooms))
	p.report.line("  %s: %.0f sends/s, %.0f µs of CPU each%s; answered after %s", what, p.aSecond, p.each, p.andPostgres(p.eachOfPostgres), p.took)
	sends := figure{what: "durable sends, " + what, value: p.aSecond, unit: "/s", more: true}
	cpu := figure{what: "CPU a send, " + what, value: p.each, unit: "µs"}
	switch {
	case p.databases == nil && len(p.clients) == manyWriters:
		sends.must, sends.aim = postsMust, postsAim
		cpu.must, cpu.aim = perPostMust, perPostAim
		p.report.add(sends)
		p.report.add(cpu)
	case p.databases != nil && len(p.clients) == someWriters:
		sends.must = oneRoomMust
		if len(p.rooms) > 1 {
			sends.must = manyRoomsMust
		}
		p.report.add(sends)
		p.report.add(cpu)
		if p.postgresProcesses != nil {
			p.report.add(figure{what: cpu.what + ", PostgreSQL's", value: p.eachOfPostgres, unit: "µs"})
		}
	}
}
