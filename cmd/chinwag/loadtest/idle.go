package loadtest

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Budgets for an open page.
const (
	idleMust, idleAim       = 22, 13      // KiB
	connectMust, connectAim = 0.5, 0.25   // ms of CPU
	perRoom                 = 1000        // members, when there are many
	calm                    = time.Second // until a server has nothing to do any more
)

// idle measures what open pages hold and what it took to open them.
func (l *lab) idle(ctx context.Context) error {
	for _, n := range []int{l.large, l.huge} {
		if err := l.idleAt(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// inRooms plans rooms of a thousand.
func inRooms(people int) Plan {
	p := Plan{People: people}
	for from := 0; from < people; from += perRoom {
		p.Rooms = append(p.Rooms, PlannedRoom{From: from, To: min(from+perRoom, people), Messages: standing})
	}
	return p
}

// idling is a server with many pages open in rooms of a thousand.
type idling struct {
	*lab
	n      int
	plan   Plan
	server *server
	people []Person
	talk   []*client // somebody in each room
	pages  *crowd
	held   observation // before the pages were opened
}

func (l *lab) idleAt(ctx context.Context, n int) (err error) {
	if err := allowFiles(n); err != nil {
		return err
	}
	i := &idling{lab: l, n: n, plan: inRooms(n)}
	if i.server, i.people, err = l.community(ctx, i.plan); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, i.server.stop()) }()
	defer func() { hangUp(i.talk) }()
	if err := i.warmUp(ctx); err != nil {
		return err
	}
	i.pages = newCrowd(i.server.target)
	defer i.pages.close()
	cpu, err := i.open(ctx, i.pages, i.page)
	if err != nil {
		return err
	}
	l.report.add(figure{what: fmt.Sprintf("connect, %d pages, CPU", n), value: ms(cpu, n), unit: "ms", must: connectMust, aim: connectAim})
	if err := i.message(ctx); err != nil {
		return err
	}
	if err := i.rest(ctx); err != nil {
		return err
	}
	i.pages.close() // their files are needed
	return i.relay(ctx)
}

// warmUp does one of each, so that what is made once is made.
func (i *idling) warmUp(ctx context.Context) error {
	first := newCrowd(i.server.target)
	defer first.close()
	if err := first.connect(ctx, i.people[:1], standing, i.pace); err != nil {
		return err
	}
	first.watch()
	for _, planned := range i.plan.Rooms {
		some, err := writers(ctx, i.server.target, i.people[planned.From:planned.From+1], i.people[planned.From].Rooms[0])
		if err != nil {
			return err
		}
		i.talk = append(i.talk, some...)
	}
	_, err := i.talk[0].mustPost(ctx, i.people[0].Rooms[0], text(0))
	return err
}

func (i *idling) page(n int) *screen {
	s := &screen{crowd: i.pages, person: i.people[n], room: i.people[n].Rooms[0], after: standing, seq: standing}
	if s.room == i.people[0].Rooms[0] { // something was said in it since
		s.after, s.seq = standing+1, standing+1
	}
	return s
}

// open opens many screens and gives the CPU that it took.
func (i *idling) open(ctx context.Context, c *crowd, screenOf func(int) *screen) (time.Duration, error) {
	if err := pause(ctx, calm); err != nil {
		return 0, err
	}
	var err error
	if i.held, err = observe(c.nodes[0].pid); err != nil {
		return 0, err
	}
	if err := c.open(ctx, i.n, i.pace, screenOf); err != nil {
		return 0, err
	}
	c.watch()
	if err := pause(ctx, calm); err != nil {
		return 0, err
	}
	now, err := observe(c.nodes[0].pid)
	return now.cpu - i.held.cpu, err
}

// message sends one to each page.
func (i *idling) message(ctx context.Context) error {
	for room, c := range i.talk {
		if _, err := c.mustPost(ctx, i.people[i.plan.Rooms[room].From].Rooms[0], text(i.pages.next())); err != nil {
			return err
		}
	}
	if err := i.pages.waitFor(ctx, int64(i.n)); err != nil {
		return err
	}
	i.report.line("    one message to each: %s", i.pages.latencies())
	return nil
}

// rest looks at the memory, at once and while nothing happens.
func (i *idling) rest(ctx context.Context) error {
	began := time.Now()
	for _, after := range i.settle {
		if err := pause(ctx, time.Until(began.Add(after))); err != nil {
			return err
		}
		now, err := observe(i.server.pid)
		if err != nil {
			return err
		}
		i.report.line("    %s later: %.1f KiB a page (RSS), %.1f KiB of its own; RSS in all %d MiB, before %d MiB", after,
			kib(now.rss-i.held.rss, i.n), kib(now.anonymous-i.held.anonymous, i.n), now.rss>>20, i.held.rss>>20)
		if after == i.settle[len(i.settle)-1] {
			i.report.add(figure{
				what: fmt.Sprintf("idle page, %d of them, memory", i.n), value: kib(now.rss-i.held.rss, i.n), unit: "KiB", must: idleMust, aim: idleAim,
			})
		}
	}
	return nil
}

// relay opens as many sockets of the relay.
func (i *idling) relay(ctx context.Context) (err error) {
	f, err := i.startRelay(ctx, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.stop()) }()
	raw := newCrowd(f.target)
	defer raw.close()
	cpu, err := i.open(ctx, raw, func(int) *screen { return &screen{crowd: raw} })
	if err != nil {
		return err
	}
	now, err := observe(f.pid)
	i.report.line("  the relay: %.2f ms of CPU and %.1f KiB a socket", ms(cpu, i.n), kib(now.rss-i.held.rss, i.n))
	return err
}

func kib(bytes int64, n int) float64 { return float64(bytes) / 1024 / float64(n) }

func ms(d time.Duration, n int) float64 { return d.Seconds() * 1000 / float64(n) }
