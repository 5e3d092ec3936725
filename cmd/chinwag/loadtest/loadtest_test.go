package loadtest

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

// Whoever is seeded is signed in, and a member of rooms with messages in them.
func TestSeed(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	plan := Plan{People: 12, Rooms: []PlannedRoom{{To: 12, Messages: 3}, {From: 6, To: 12, Messages: 520}}}
	people, err := Seed(t.Context(), d.DB, plan)
	must(t, err)
	for i, p := range people {
		session, err := d.Session(t.Context(), chat.SessionID(p.Cookie).Hash())
		must(t, err)
		if session.User.ID != p.ID || session.User.Username != p.Name {
			t.Errorf("the cookie of %s is %s's", p.Name, session.User.Username)
		}
		rooms, err := d.RoomsOf(t.Context(), p.ID)
		must(t, err)
		if want := 1 + i/6; len(rooms) != want || len(p.Rooms) != want {
			t.Errorf("%s is in %d rooms, and is told of %d", p.Name, len(rooms), len(p.Rooms))
		}
	}
	for i, planned := range plan.Rooms {
		room, err := d.Room(t.Context(), people[11].ID, people[11].Rooms[i])
		must(t, err)
		if int(room.LastSeq) != planned.Messages || room.Members != planned.To-planned.From || !room.Joined() {
			t.Errorf("room %d: %+v", i, room)
		}
	}
	_, err = Seed(t.Context(), d.DB, Everybody(2, 1, 0)) // once more
	must(t, err)
}

func TestPeopleArePrintedAndRead(t *testing.T) {
	t.Parallel()
	people := []Person{{Name: "load.x.1", Cookie: "abc_-", Rooms: []chat.RoomID{1, 20}}, {Name: "load.x.2", Cookie: "d", Rooms: []chat.RoomID{3}}}
	var out bytes.Buffer
	must(t, PrintPeople(&out, people))
	got, err := ReadPeople(&out)
	must(t, err)
	if !slices.EqualFunc(got, people, func(a, b Person) bool {
		return a.Name == b.Name && a.Cookie == b.Cookie && slices.Equal(a.Rooms, b.Rooms)
	}) {
		t.Errorf("%+v", got)
	}
	for _, wrong := range []string{"ann", "ann\tabc", "\tabc\t1", "ann\tabc\t", "ann\tabc\tone"} {
		if _, err := ReadPeople(strings.NewReader("bob\tabc\t1\n" + wrong)); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func FuzzReadPeople(f *testing.F) {
	f.Add("ann\tabc\t1,2\nbob\tdef\t3\n")
	f.Fuzz(func(t *testing.T, text string) {
		people, err := ReadPeople(strings.NewReader(text))
		if err != nil {
			return
		}
		var out bytes.Buffer
		must(t, PrintPeople(&out, people))
		again, err := ReadPeople(&out)
		must(t, err)
		if len(again) != len(people) {
			t.Errorf("%d people, %d before", len(again), len(people))
		}
	})
}

func TestLatencies(t *testing.T) {
	t.Parallel()
	var l latencies
	for i := range 1000 {
		l = append(l, time.Duration(1000-i)*time.Millisecond)
	}
	if got := l.String(); got != "1000: p50 501 ms, p95 951 ms, p99 991 ms, max 1.0 s" {
		t.Error(got)
	}
	if got := (latencies{}).String(); got != "none" {
		t.Error(got)
	}
	if got := (latencies{1234 * time.Microsecond}).String(); got != "1: p50 1.23 ms, p95 1.23 ms, p99 1.23 ms, max 1.23 ms" {
		t.Error(got)
	}
}

func TestFiguresAreHeldAgainstTheirBudgets(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]figure{
		"over": {value: 1.7, must: 1.6, aim: 1.2}, "must": {value: 1.6, must: 1.6, aim: 1.2}, "aim": {value: 1.2, must: 1.6, aim: 1.2}, "": {value: 9},
	} {
		if got := f.verdict(); got != want {
			t.Errorf("%+v is %q, not %q", f, got, want)
		}
		f.value, f.must, f.aim, f.more = -f.value, -f.must, -f.aim, true
		if got := f.verdict(); got != want {
			t.Errorf("%+v is %q, not %q", f, got, want)
		}
	}
	var out bytes.Buffer
	r := &report{out: &out}
	r.add(figure{what: "the binary", value: 18.71, unit: "MB", must: 40, aim: 28})
	must(t, r.summary())
	r.fault("%d lost", 3)
	if err := r.summary(); err == nil || err.Error() != "3 lost" {
		t.Errorf("it ends with %v", err)
	}
	if !strings.Contains(out.String(), "the binary  18.7   MB    ≤ 40  ≤ 28  aim") {
		t.Error(out.String())
	}
}

// The script of a page comes back after half a second, then later and later, and never all at once.
func TestBackoff(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		attempt int
		ended   error
		middle  time.Duration
	}{
		{0, nil, 500 * time.Millisecond},
		{1, errors.New("EOF"), time.Second},
		{3, closed{1012}, 4 * time.Second},
		{0, closed{1013}, 4 * time.Second},
		{5, closed{1013}, 16 * time.Second},
		{20, nil, time.Minute},
	} {
		shortest, longest := time.Hour, time.Duration(0)
		for range 1000 {
			wait := backoff(test.attempt, test.ended)
			shortest, longest = min(shortest, wait), max(longest, wait)
		}
		if shortest < test.middle*7/10 || shortest > test.middle*8/10 || longest > test.middle*13/10 || longest < test.middle*12/10 {
			t.Errorf("attempt %d after %v waits %s to %s", test.attempt, test.ended, shortest, longest)
		}
	}
}

// What a process used and holds is read while it works.
func TestMeter(t *testing.T) {
	t.Parallel()
	meter, err := startMeter(os.Getpid())
	must(t, err)
	busy := 50 * time.Millisecond
	var used time.Duration
	for used < busy {
		used, err = meter.read()
		must(t, err)
	}
	if elapsed := time.Since(meter.began); used > 64*elapsed { // more processors than that have no one
		t.Errorf("%s of CPU in %s", used, elapsed)
	}
	held, err := memoryOf(os.Getpid())
	must(t, err)
	if held.rss < 1<<20 || held.anonymous > held.rss || held.peak < held.anonymous {
		t.Errorf("%+v", held)
	}
}

func TestScenariosAreChosen(t *testing.T) {
	t.Parallel()
	list, err := choose([]string{"storm", "idle"}, false)
	must(t, err)
	if len(list) != 2 || list[0].name != "storm" || list[1].name != "idle" {
		t.Errorf("%v", list)
	}
	if _, err := choose([]string{"strom"}, true); err == nil || !strings.Contains(err.Error(), `no scenario "strom"`) {
		t.Errorf("%v", err)
	}
}
