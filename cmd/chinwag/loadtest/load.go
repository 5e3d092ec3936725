package loadtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"chinwag/chat"
)

// Load is a load of one's own choice.
type Load struct {
	Rooms   int           // how many rooms people are spread over, each person with one page open
	People  []Person      // of a server that runs already; none: they are made
	Count   int           // how many to make
	URL     string        // of that server
	PID     int           // its process, to be measured; 0: it is not
	Rate    float64       // messages a second in all; 0: as fast as they are answered
	Writers int           // people of each room who write
	For     time.Duration // how long
}

// RunLoad opens everybody's page, has some people write, and prints what arrived, how late, and what the server used.
// Nobody else may write in these rooms meanwhile. Its error says what was lost, doubled or out of order.
func RunLoad(ctx context.Context, o Options, what Load) (err error) {
	l, done, err := newLab(ctx, o)
	if err != nil {
		return err
	}
	defer done()
	t := targetAt(strings.TrimSuffix(what.URL, "/"), what.PID)
	people := what.People
	if what.URL == "" {
		server, made, err := l.community(ctx, Everybody(what.Count, what.Rooms, standing))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, server.stop()) }()
		t, people = server.target, made
	}
	if err := allowFiles(len(people)); err != nil {
		return err
	}
	return (&loading{lab: l, what: what, crowd: newCrowd(t), posted: map[chat.RoomID]chat.Seq{}}).run(ctx, people)
}

// loading is a load that runs.
type loading struct {
	*lab
	what    Load
	crowd   *crowd
	writers []*client
	rooms   []chat.RoomID // each writer's

	mu     sync.Mutex
	posted map[chat.RoomID]chat.Seq // the newest message of each room
	took   latencies                // from sending to the answer
}

func (l *loading) run(ctx context.Context, people []Person) error {
	screens, err := l.look(ctx, people)
	if err != nil {
		return err
	}
	defer hangUp(l.writers)
	if err := l.open(ctx, screens); err != nil {
		return err
	}
	defer l.crowd.close()
	l.crowd.watch()
	cost, seconds, err := l.talk(ctx)
	if err != nil {
		return err
	}
	held, err := observe(l.crowd.nodes[0].pid)
	if err != nil {
		return err
	}
	l.crowd.close()
	l.report.line("%d messages, %.0f a second; answered after %s", len(l.took), float64(len(l.took))/seconds, l.took)
	l.report.line("%d deliveries, %.1f messages a frame; from send to screen %s", cost.deliveries, float64(cost.deliveries)/float64(cost.frames), l.crowd.latencies())
	if l.crowd.nodes[0].pid != 0 {
		l.report.line("the server used %.1f s of CPU, %.2f µs a delivery, and holds %d MiB", cost.cpu.Seconds(), cost.each(), held.rss>>20)
	}
	lost, doubled, disordered, reloads := l.crowd.check(l.posted)
	l.report.line("%d screens: %d lost, %d doubled, %d out of order, %d told to load again", len(screens), lost, doubled, disordered, reloads)
	if lost+doubled+disordered > 0 {
		return fmt.Errorf("%d lost, %d doubled, %d out of order", lost, doubled, disordered)
	}
	return nil
}

// open opens the pages and prints what that took.
func (l *loading) open(ctx context.Context, screens []*screen) error {
	began, n := time.Now(), len(screens)
	before, err := observe(l.crowd.nodes[0].pid)
	if err != nil {
		return err
	}
	if err := l.crowd.open(ctx, n, l.pace, func(i int) *screen { return screens[i] }); err != nil {
		return err
	}
	l.report.line("%d pages of %d rooms opened in %.1f s; %d people write.", n, len(l.posted), time.Since(began).Seconds(), len(l.writers))
	if l.crowd.nodes[0].pid == 0 {
		return nil
	}
	if err := pause(ctx, calm); err != nil {
		return err
	}
	after, err := observe(l.crowd.nodes[0].pid)
	l.report.line("opening one took the server %.2f ms of CPU and %.1f KiB of memory", ms(after.cpu-before.cpu, n), kib(after.rss-before.rss, n))
	return err
}

// look loads each room once, for how far it has come, and gives everybody a screen on one room. The first people of a
// room are its writers.
func (l *loading) look(ctx context.Context, people []Person) ([]*screen, error) {
	screens := make([]*screen, len(people))
	revs := map[chat.RoomID]chat.Rev{}
	writing := map[chat.RoomID]int{}
	for i, p := range people {
		if len(p.Rooms) == 0 {
			return nil, fmt.Errorf("%s is in no room", p.Name)
		}
		room := p.Rooms[i%min(max(l.what.Rooms, 1), len(p.Rooms))]
		if writing[room] < max(l.what.Writers, 1) {
			writing[room]++
			c := &client{target: l.crowd.nodes[0], person: p}
			seq, rev, err := c.look(ctx, room)
			if err != nil {
				return nil, err
			}
			if writing[room] == 1 {
				l.posted[room], revs[room] = seq, rev
			}
			l.writers, l.rooms = append(l.writers, c), append(l.rooms, room)
		}
		screens[i] = &screen{crowd: l.crowd, person: p, room: room, after: revs[room], seq: l.posted[room]}
	}
	return screens, nil
}

// look is enter, and says how far the room has come.
func (c *client) look(ctx context.Context, room chat.RoomID) (chat.Seq, chat.Rev, error) {
	page, err := c.enter(ctx, room)
	if err != nil {
		return 0, 0, err
	}
	_, log, _ := bytes.Cut(page, []byte(` id="log"`))
	_, tail, _ := bytes.Cut(log, revMark)
	rev, rows := digits(tail)
	var seq int64
	for {
		_, row, found := bytes.Cut(rows, rowMark)
		if !found {
			return chat.Seq(seq), chat.Rev(rev), nil
		}
		seq, rows = digits(row)
	}
}

// talk has the writers write and waits until everything has arrived.
func (l *loading) talk(ctx context.Context) (c cost, seconds float64, err error) {
	start := map[chat.RoomID]chat.Seq{}
	for room, seq := range l.posted {
		start[room] = seq
	}
	began := time.Now()
	writing := func() error {
		err := concurrently(len(l.writers), func(i int) error { return l.write(ctx, i) })
		seconds = time.Since(began).Seconds()
		if err != nil {
			return err
		}
		var due int64
		for _, s := range l.crowd.screens {
			due += int64(l.posted[s.room] - start[s.room])
		}
		err = l.crowd.waitFor(ctx, due)
		if errors.Is(err, errMissing) { // which ones, the screens say
			l.report.line("%v", err)
			return nil
		}
		return err
	}
	if l.crowd.nodes[0].pid == 0 {
		if err := writing(); err != nil {
			return c, 0, err
		}
		return cost{deliveries: l.crowd.shown.Load(), frames: l.crowd.frames.Load()}, seconds, nil
	}
	c, err = measured(l.crowd, writing)
	return c, seconds, err
}

// write is one writer's share.
func (l *loading) write(ctx context.Context, i int) error {
	say := func() error {
		n := l.crowd.next()
		sent := time.Now()
		seq, err := l.writers[i].mustPost(ctx, l.rooms[i], text(n))
		if err != nil {
			return err
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.took = append(l.took, time.Since(sent))
		l.posted[l.rooms[i]] = max(l.posted[l.rooms[i]], seq)
		return nil
	}
	if l.what.Rate > 0 {
		all, writers := int(l.what.Rate*l.what.For.Seconds()), len(l.writers)
		if err := pause(ctx, time.Duration(float64(i)/l.what.Rate*float64(time.Second))); err != nil {
			return err
		}
		return paced(ctx, (all+writers-1-i)/writers, l.what.Rate/float64(writers), say)
	}
	for began := time.Now(); time.Since(began) < l.what.For; {
		if err := errors.Join(say(), ctx.Err()); err != nil {
			return err
		}
	}
	return nil
}

// People reads the file of people that [PrintPeople] wrote.
func People(path string) ([]Person, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read people: %w", err)
	}
	defer file.Close()
	people, err := ReadPeople(file)
	if err == nil && len(people) == 0 {
		err = errors.New("nobody is in it")
	}
	if err != nil {
		return nil, fmt.Errorf("read people from %s: %w", path, err)
	}
	return people, nil
}
