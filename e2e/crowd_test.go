package e2e

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"chinwag/db/dbtest"
	"chinwag/views/viewstest"
)

// What a run of chance can be repeated with, and how long it is.
var (
	seed   = flag.Uint64("seed", 0, "what chance begins with; 0: something new")
	rounds = flag.Int("rounds", 6, "how often a server is killed")
)

// crowd is a room full of people who write at a time, and of pages that look on, while something happens to the server.
type crowd struct {
	t      testing.TB
	site   *site
	room   string
	record *record
	random *rand.Rand
	reader *client // who looks at the room in the end

	writers  []*writer
	watchers []*watcher
	writing  sync.WaitGroup
	watching sync.WaitGroup
	stop     context.CancelFunc // writing
	leave    context.CancelFunc // watching
}

// crowd lets people into a new room, and lets them begin.
func (s *site) crowd(writers, watchers int) *crowd {
	s.t.Helper()
	from := chanceFrom()
	s.t.Logf("seed %d", from)
	c := &crowd{t: s.t, site: s, record: newRecord(s.t, from), random: chance(from), reader: s.member("reader" + number(len(s.place)))}
	c.room = c.reader.makesRoom("Crowd", "public", "")
	for i := range writers {
		w := s.member(fmt.Sprintf("w%d", i))
		w.joins(c.room)
		c.writers = append(c.writers, newWriter(w, c.room, c.record, uint64(1+i)))
	}
	for i := range watchers { // nobody may have too many pages open
		looker := c.writers[i%len(c.writers)]
		w := newWatcher(&client{t: s.t, site: s, name: fmt.Sprintf("page %d", i), http: looker.http}, c.room, c.record, uint64(1000+i))
		w.restless = i%2 == 1
		c.watchers = append(c.watchers, w)
	}
	return c
}

// chanceFrom is what chance begins with: what was asked for, or something new.
func chanceFrom() uint64 {
	if *seed != 0 {
		return *seed
	}
	return uint64(time.Now().UnixNano())
}

func chance(from uint64) *rand.Rand { return rand.New(rand.NewPCG(from, 0)) }

// begins to watch and to write.
func (c *crowd) begins() {
	c.watches()
	writing, stop := context.WithCancel(context.Background())
	c.stop = stop
	c.t.Cleanup(func() { stop(); c.writing.Wait() })
	for _, w := range c.writers {
		c.writing.Go(func() { w.writes(writing) })
	}
}

// watches lets the pages look on while nobody writes by itself.
func (c *crowd) watches() {
	watching, leave := context.WithCancel(context.Background())
	c.stop, c.leave = func() {}, leave
	c.t.Cleanup(func() { leave(); c.watching.Wait() })
	for _, w := range c.watchers {
		c.watching.Go(func() { w.watches(watching) })
	}
}

// waits for a time between two, by chance.
func (c *crowd) waits(least, most time.Duration) {
	pause(context.Background(), least+time.Duration(c.random.Int64N(int64(most-least))))
}

// ends lets everybody finish, and then holds that the room is as it was acknowledged, and every page as the room.
func (c *crowd) ends() verdict {
	c.t.Helper()
	c.stop()
	c.writing.Wait()
	room := c.reader.rows(c.room)
	v := c.record.holds(room)
	for _, w := range c.watchers {
		c.catchesUp(w, room)
	}
	c.leave()
	c.watching.Wait()
	c.t.Logf("%d messages, %d acknowledged, %d changed, %d answers that nobody heard",
		len(room), c.record.acknowledged(), changed(room), c.record.unanswered())
	return v
}

// catchesUp waits until a page shows what the room does.
func (c *crowd) catchesUp(w *watcher, room []viewstest.Row) {
	c.t.Helper()
	for late := time.Now().Add(patience); ; pause(context.Background(), 5*time.Millisecond) {
		differs := w.differs(room)
		if differs == "" {
			return
		}
		if time.Now().After(late) {
			c.t.Errorf("%s: %s; the record, with seed %d, is in %s", w.name, differs, c.record.seed, c.record.keeps())
			return
		}
	}
}

func changed(room []viewstest.Row) (n int) {
	for _, row := range room {
		if row.Edited || row.Gone {
			n++
		}
	}
	return n
}

// isSound holds, once the program has ended, that its database is whole and that nothing else was left behind.
func (s *site) isSound() {
	s.t.Helper()
	for _, damage := range dbtest.Damage(s.t, dbtest.Beside(s.t, s.place)) {
		s.t.Error(damage)
	}
	s.hasNothingLeft()
}
