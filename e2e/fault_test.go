//go:build faults

package e2e

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
)

// summary is where TestFaults leaves its one line. make faults
var summary = flag.String("summary", "", "file for the summary of the faults")

// TestFaults takes away, one after the other, what a server stands on: itself, its disk, its database, its time and its
// lines. After each it holds the record of all who wrote against the room, and every page against it. It wants root.
func TestFaults(t *testing.T) {
	all := &tally{}
	*seed = chanceFrom() // one for all, to be repeated with
	faults := append([]fault{{"killed", killed}, {"killed at its start", killedAtStart}}, ownFaults()...)
	faults = append(faults, fault{"database locked", databaseLocked}, fault{"stopped in time", stoppedInTime}, fault{"half-open lines", halfOpenLines})
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			began := time.Now()
			all.faults = append(all.faults, f.name)
			f.run(t, all)
			t.Logf("%s: %v", f.name, time.Since(began).Round(time.Millisecond))
		})
	}
	line := all.line(t.Failed())
	t.Log(line)
	if *summary != "" {
		must(t, os.WriteFile(*summary, []byte(line+"\n"), 0o600))
	}
}

// fault is one thing that is taken away.
type fault struct {
	name string
	run  func(*testing.T, *tally)
}

// tally adds up what the faults did.
type tally struct {
	faults               []string
	kills                int
	acked, lost, doubled int
	slowest              time.Duration
}

// takes adds one crowd's end.
func (a *tally) takes(c *crowd, v verdict) {
	a.acked += c.record.acknowledged()
	a.lost += v.lost
	a.doubled += v.doubled
	a.slowest = max(a.slowest, c.site.slowest)
}

func (a *tally) line(failed bool) string {
	outcome := "all held"
	if failed {
		outcome = "NOT ALL HELD"
	}
	return fmt.Sprintf("faults: %s; %d kills; faults run: %s; acked %d, lost %d, doubled %d; slowest start %v; seed %d",
		outcome, a.kills, strings.Join(a.faults, ", "), a.acked, a.lost, a.doubled, a.slowest.Round(time.Millisecond), *seed)
}

func killed(t *testing.T, all *tally) {
	site := openSite(t)
	c := site.crowd(8, 3)
	c.begins()
	c.isKilled(*rounds)
	all.kills += *rounds
	all.takes(c, c.ends())
	site.stops()
	site.isSound()
}

// killedAtStart kills the program while it starts, over and over: where nothing is yet, and on a community. No copy of the
// data and no hand brings it back.
func killedAtStart(t *testing.T, all *tally) {
	for range *rounds {
		site := newSite(t, newPlace(t), freeAddress(t))
		c := &crowd{t: t, site: site, random: chance(rand.Uint64())}
		c.diesEarly(1 + c.random.IntN(2))
		site.starts()
		site.isSetUp()
		site.isKilled()
		site.startedInTime()
		site.isSound()
	}
	site := openSite(t)
	c := site.crowd(2, 1)
	c.begins()
	c.waits(time.Second, 2*time.Second)
	site.isKilled()
	c.diesEarly(*rounds)
	site.starts()
	all.kills += 2 * *rounds
	all.takes(c, c.ends())
	site.startedInTime()
	site.stops()
	site.isSound()
}

// diesEarly starts and kills the program that often.
func (c *crowd) diesEarly(times int) {
	c.t.Helper()
	for range times {
		c.site.launches()
		c.waits(time.Millisecond, 120*time.Millisecond)
		c.site.isKilled()
	}
}
