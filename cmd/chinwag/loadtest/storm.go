package loadtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"chinwag/chat"
)

// Budgets for the storm.
const (
	backMust, backAim = 60, 30 // seconds until all are back
	stormSendMust     = 2      // seconds, the slowest hundredth of sends
	stormRSSMust      = 900    // MiB
	stormWriters      = 20
	retryEvery        = time.Second
)

// storm kills the server under ten thousand pages and lets them come back as browsers do, while people write.
type storm struct {
	*lab
	plan    Plan
	server  *server
	people  []Person
	crowd   *crowd
	refused atomic.Int64 // handshakes that were told to come later
	failed  atomic.Int64 // connections that did not come about otherwise
	back    atomic.Int64
	backAt  latencies // after the kill, in order
	mu      sync.Mutex
	killed  time.Time
	up      time.Time // when the server took requests again
}

// write is one send of the storm: when it was first tried, and when it was acknowledged.
type write struct {
	room        chat.RoomID
	seq         chat.Seq
	begun, done time.Time
	tries       int
}

func (l *lab) storm(ctx context.Context) (err error) {
	if err := allowFiles(l.huge); err != nil {
		return err
	}
	s := &storm{lab: l, plan: inRooms(l.huge)}
	place, people, err := l.seeded(ctx, s.plan)
	if err != nil {
		return err
	}
	s.people = people
	if s.server, err = l.serve(ctx, place, anyPort); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.server.stop()) }()
	s.crowd = newCrowd(s.server.target)
	if err := s.crowd.connect(ctx, people, standing, l.pace); err != nil {
		return err
	}
	defer s.crowd.close()
	for _, screen := range s.crowd.screens {
		s.crowd.reading.Go(func() { s.live(ctx, screen) })
	}
	l.report.line("  %d pages are open", len(people))

	writing, done := context.WithCancel(ctx)
	defer done()
	writes := make(chan []write, 1)
	go func() { writes <- s.write(writing) }()
	if err := pause(ctx, l.span); err != nil {
		return err
	}
	if err := s.restart(ctx, place); err != nil {
		return err
	}
	if err := s.allBack(ctx); err != nil {
		return err
	}
	if err := pause(ctx, calm); err != nil {
		return err
	}
	done()
	return s.judge(ctx, <-writes)
}

// restart ends the server as a crash would, and starts it again in its old place.
func (s *storm) restart(ctx context.Context, place string) error {
	s.mu.Lock()
	s.killed = time.Now()
	s.mu.Unlock()
	if err := s.server.kill(); err != nil {
		return err
	}
	again, err := s.serve(ctx, place, s.server.host)
	if err != nil {
		return err
	}
	s.server, s.up = again, time.Now()
	s.report.line("  killed, and ready again after %s", short(s.up.Sub(s.killed)))
	return nil
}

// allBack waits until every page has its socket again.
func (s *storm) allBack(ctx context.Context) error {
	limit := time.After(3 * backMust * time.Second)
	for s.back.Load() < int64(len(s.people)) {
		select {
		case <-limit:
			s.report.fault("only %d of %d pages came back", s.back.Load(), len(s.people))
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}

// live is a page: it reads, and when the line breaks it comes back as the script does.
func (s *storm) live(ctx context.Context, screen *screen) {
	for {
		screen.watch()
		for attempt := 0; ; attempt++ {
			if screen.leaving.Load() || ctx.Err() != nil || pause(ctx, backoff(attempt, screen.ended)) != nil || screen.leaving.Load() {
				return
			}
			err := screen.dial(ctx)
			if err == nil {
				break
			}
			screen.ended = err
			if again := (refused{}); errors.As(err, &again) {
				s.refused.Add(1)
			} else {
				s.failed.Add(1)
			}
		}
		if screen.leaving.Load() { // meanwhile
			screen.socket.Load().close()
			return
		}
		s.mu.Lock()
		s.backAt = append(s.backAt, time.Since(s.killed))
		s.mu.Unlock()
		s.back.Add(1)
	}
}

// backoff is how long the script waits: half a second, doubled each time up to a minute, give or take a third. A browser
// tells it nothing of an answer that is no socket; told through the socket that the server is crowded, it begins later.
func backoff(attempt int, ended error) time.Duration {
	const half, longest, spread, later = 500 * time.Millisecond, time.Minute, 0.3, 3
	if crowded := (closed{}); errors.As(ended, &crowded) && crowded.code == 1013 {
		attempt = max(attempt, later)
	}
	wait := min(float64(half)*math.Pow(2, float64(attempt)), float64(longest))
	return time.Duration(wait * (1 - spread + 2*spread*rand.Float64())) //nolint:gosec // chance, not a secret
}

// write has some people say something every second until the context ends. A send that is not acknowledged is tried
// again under its key until it is.
func (s *storm) write(ctx context.Context) []write {
	lists := make([][]write, stormWriters)
	_ = concurrently(stormWriters, func(i int) error { // none gives up
		planned := s.plan.Rooms[i%len(s.plan.Rooms)]
		who := s.people[planned.From+i/len(s.plan.Rooms)]
		c := &client{target: s.crowd.nodes[0], person: who}
		defer c.close()
		_ = pause(ctx, time.Duration(i)*time.Second/stormWriters) // spread over the second
		for ctx.Err() == nil {
			w := write{room: who.Rooms[0], begun: time.Now()}
			body := text(s.crowd.next())
			for w.seq == 0 {
				w.tries++
				w.seq = send(c, w.room, body)
				if w.seq == 0 {
					time.Sleep(retryEvery)
				}
			}
			w.done = time.Now()
			lists[i] = append(lists[i], w)
			_ = pause(ctx, time.Until(w.begun.Add(time.Second))) // then the loop sees it
		}
		return nil
	})
	var all []write
	for _, list := range lists {
		all = append(all, list...)
	}
	return all
}

// send tries once. It gives 0 when there was no acknowledgement, for whatever reason.
func send(c *client, room chat.RoomID, body string) chat.Seq {
	ctx := context.Background() // what was begun is brought to an end
	if c.key == "" {
		if _, err := c.enter(ctx, room); err != nil {
			return 0
		}
	}
	reused := c.conn != nil
	seq, _, err := c.post(ctx, room, body)
	if err != nil && reused { // the line broke while nobody looked: browsers try once more, on another
		seq, _, err = c.post(ctx, room, body)
	}
	if err != nil {
		return 0
	}
	return seq
}

// judge prints how it went and holds every screen against what was acknowledged.
func (s *storm) judge(ctx context.Context, writes []write) error {
	last := map[chat.RoomID]chat.Seq{}
	acked := map[chat.RoomID]int{}
	var meanwhile, down latencies
	again := 0
	back := s.killed.Add(s.backAt[len(s.backAt)-1])
	for _, w := range writes {
		last[w.room] = max(last[w.room], w.seq)
		acked[w.room]++
		switch {
		case w.done.Before(s.killed) || w.begun.After(back):
		case w.begun.Before(s.up):
			down = append(down, w.done.Sub(w.begun))
		default:
			meanwhile = append(meanwhile, w.done.Sub(w.begun))
			if w.tries > 1 {
				again++
			}
		}
	}
	for room, n := range acked {
		if int(last[room]) != standing+n {
			s.report.fault("room %d has %d messages for %d that were acknowledged", room, last[room]-standing, n)
		}
	}
	const most = 0.999
	s.report.line("  %d handshakes were told to come later, %d found nobody", s.refused.Load(), s.failed.Load())
	s.report.add(figure{what: fmt.Sprintf("storm, 99.9%% of %d back", len(s.people)), value: s.backAt.at(most).Seconds(), unit: "s", must: backMust, aim: backAim})
	s.report.line("  half were back after %s, all after %s", short(s.backAt.at(0.5)), short(s.backAt[len(s.backAt)-1]))
	s.report.line("  sends begun while nobody was there: %s", down)
	s.report.line("  sends begun between the start and the last one back: %s; %d of them were tried again", meanwhile, again)
	s.report.add(figure{what: "storm, sends meanwhile, p99", value: meanwhile.p99().Seconds(), unit: "s", must: stormSendMust})
	held, err := memoryOf(s.server.pid)
	if err != nil {
		return err
	}
	s.report.add(figure{what: "storm, most memory", value: float64(held.peak >> 20), unit: "MiB", must: stormRSSMust})
	return s.account(ctx, last, len(writes))
}

// account waits until every screen has come as far as its room, and counts what it missed on the way.
func (s *storm) account(ctx context.Context, last map[chat.RoomID]chat.Seq, acked int) error {
	var due int64
	for _, screen := range s.crowd.screens {
		if end := last[screen.room]; end > 0 {
			due += int64(end - standing)
		}
	}
	late := s.crowd.waitFor(ctx, due)
	s.crowd.close()
	lost, doubled, disordered, reloads := s.crowd.check(last)
	s.report.line("  %d messages were acknowledged; on %d screens: %d lost, %d doubled, %d out of order, %d told to load again",
		acked, len(s.crowd.screens), lost, doubled, disordered, reloads)
	if late != nil || lost+doubled+disordered > 0 {
		s.report.fault("after the storm: %d lost, %d doubled, %d out of order", lost, doubled, disordered)
	}
	return nil
}
