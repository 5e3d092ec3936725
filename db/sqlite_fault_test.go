//go:build !postgres

package db_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// deed is one of several writes that are committed together.
type deed struct {
	name  string
	do    func(context.Context, *chat.Community) error
	done  string // a query for whether it was done
	args  []any
	wrong bool // a rule refuses it
}

// mixed is a room, and a batch of all kinds of writes into it. Each round has words of its own.
type mixed struct {
	ann, bob chat.UserID
	room     chat.RoomID
}

func newMixed(t *testing.T, d *dbtest.DB) mixed {
	m := mixed{ann: d.NewPerson(t, "ann"), bob: d.NewPerson(t, "bob")}
	m.room = d.NewRoom(t, chat.RoomPublic, "Hall", m.ann, m.bob)
	return m
}

func (m mixed) deeds(t *testing.T, d *dbtest.DB, round string) []deed {
	t.Helper()
	first, second := d.Post(t, m.ann, m.room, "first "+round), d.Post(t, m.bob, m.room, "second "+round)
	d.Edit(t, m.bob, m.room, second, "second, edited "+round)
	said := `SELECT EXISTS (SELECT 1 FROM messages WHERE body = $1)`
	return []deed{
		{"post", func(ctx context.Context, c *chat.Community) error {
			_, err := c.Post(ctx, m.ann, m.room, "third "+round, "key-"+round)
			return err
		}, said, []any{"third " + round}, false},
		{"edit", func(ctx context.Context, c *chat.Community) error {
			return c.Edit(ctx, m.ann, m.room, first, "edited "+round)
		}, said, []any{"edited " + round}, false},
		{"delete", func(ctx context.Context, c *chat.Community) error {
			return c.Delete(ctx, chat.Actor{User: m.bob}, m.room, second)
		}, `SELECT EXISTS (SELECT 1 FROM messages m WHERE seq = $1 AND deleted_at > 0 AND body = '' AND html = ''
			AND NOT EXISTS (SELECT 1 FROM edits e WHERE e.seq = m.seq))`, []any{second}, false},
		{"refused", func(ctx context.Context, _ *chat.Community) error {
			return d.Write(ctx, m.room, write{key: "refused " + round, room: m.room, end: "refused after writing"}.rule(m.ann))
		}, said, []any{"refused " + round}, true},
		{"room", func(ctx context.Context, c *chat.Community) error {
			_, err := c.CreateRoom(ctx, m.bob, chat.NewRoom{Kind: chat.RoomPrivate, Name: "Attic " + round})
			return err
		}, `SELECT EXISTS (SELECT 1 FROM rooms WHERE name = $1 AND members = 1)`, []any{"Attic " + round}, false},
	}
}

// together has the deeds committed together, on a disk that breaks as it is told, and gives their answers.
func together(t *testing.T, d *dbtest.DB, disk *faulty, deeds []deed, before, after func(string) error) []error {
	t.Helper()
	letGo := hold(t, d.DB)
	answers := make([]chan error, len(deeds))
	for i, deed := range deeds {
		answers[i] = make(chan error, 1)
		go func() { answers[i] <- deed.do(context.Background(), d.Community) }()
		waiting(d.DB, i+1)
	}
	disk.breaks(before, after)
	letGo()
	list := make([]error, len(deeds))
	for i := range deeds {
		list[i] = <-answers[i]
	}
	return list
}

// checkKept looks at whether what is there is what was acknowledged. What became of a write that nobody knows of may be
// either, but all or nothing.
func checkKept(t *testing.T, d *dbtest.DB, deeds []deed, answers []error, unknown bool) {
	t.Helper()
	if dbtest.One[bool](t, d, deeds[3].done, deeds[3].args...) {
		t.Error("what was refused is there")
	}
	there := dbtest.One[bool](t, d, deeds[0].done, deeds[0].args...)
	for i, deed := range deeds {
		done := dbtest.One[bool](t, d, deed.done, deed.args...)
		switch {
		case deed.wrong && answers[i] == nil:
			t.Errorf("%s: accepted", deed.name)
		case deed.wrong:
		case answers[i] == nil && !done:
			t.Errorf("%s: acknowledged and not there", deed.name)
		case answers[i] != nil && done && !unknown:
			t.Errorf("%s: there, but answered %v", deed.name, answers[i])
		case done != there:
			t.Errorf("%s: half of the batch is there", deed.name)
		}
	}
	checkWhole(t, d)
}

// Wherever a batch breaks, nothing of it is written and nothing told, everybody is answered, and the next one works.
func TestABrokenBatchLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault, want error
		but         []string // where this fault ends all writing: another test
	}{
		"no write": {errWrite, nil, []string{"COMMIT", "PRAGMA wal_checkpoint(NOOP)"}},
		"no room":  {errFull, chat.ErrNoSpace, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			disk := &faulty{}
			d := openFaulty(t, t.TempDir(), disk)
			t.Cleanup(func() { must(t, d.Close()) })
			m := newMixed(t, d)
			for n, far := 1, true; far; n++ {
				deeds := m.deeds(t, d, fmt.Sprint(n))
				told := len(d.Events.List())
				breaks, broke := nth(n, c.fault)
				answers := together(t, d, disk, deeds, func(statement string) error {
					if slices.Contains(c.but, statement) {
						return nil
					}
					return breaks(statement)
				}, nil)
				disk.breaks(nil, nil)
				far = broke.Load()
				failed := false
				for i, answer := range answers {
					failed = failed || answer != nil && !deeds[i].wrong
					if answer != nil && !deeds[i].wrong && !errors.Is(answer, c.want) && c.want != nil {
						t.Errorf("statement %d: %s was answered %v", n, deeds[i].name, answer)
					}
				}
				if failed && len(d.Events.List()) != told {
					t.Errorf("statement %d: told of what is not there", n)
				}
				checkKept(t, d, deeds, answers, false)
				if t.Failed() {
					t.Fatalf("at statement %d", n)
				}
			}
			select {
			case err := <-d.Failed():
				t.Errorf("gave up: %v", err)
			default:
			}
		})
	}
}

// After a sync that failed nobody knows what is on the disk: everything is refused, and the process is told to end. The
// next start finds the batch whole or not at all, and a repeat settles it.
func TestAFailedSyncEndsAllWriting(t *testing.T) {
	t.Parallel()
	commit := func(err error) func(string) error { return at("COMMIT", err) }
	for name, c := range map[string]struct {
		before, after func(string) error
		acknowledged  bool
	}{
		"the commit is not synced":         {commit(errSync), nil, false},
		"the commit is there, not synced":  {nil, commit(errSync), false},
		"the commit is not written":        {commit(errWrite), nil, false},
		"a statement syncs and fails":      {at("SAVEPOINT item", errSync), nil, false},
		"the log cannot be moved":          {at("PRAGMA wal_checkpoint(NOOP)", errWrite), nil, true},
		"the database cannot be synced":    {at("PRAGMA wal_checkpoint(NOOP)", errSync), nil, true},
		"the log was moved and not synced": {nil, at("PRAGMA wal_checkpoint(NOOP)", errSync), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			disk := &faulty{}
			d := openFaulty(t, dir, disk)
			m := newMixed(t, d)
			deeds := m.deeds(t, d, "1")
			told := len(d.Events.List())
			begun := false
			only := func(breaks func(string) error) func(string) error { // not what held the queue
				if breaks == nil {
					return nil
				}
				return func(statement string) error {
					begun = begun || statement == "BEGIN IMMEDIATE"
					if !begun {
						return nil
					}
					return breaks(statement)
				}
			}
			if c.before == nil {
				c.before = func(string) error { return nil }
			}
			answers := together(t, d, disk, deeds, only(c.before), only(c.after))
			if err := <-d.Failed(); err == nil {
				t.Error("failed with nothing")
			}
			for i, answer := range answers {
				switch {
				case deeds[i].wrong:
				case c.acknowledged && answer != nil:
					t.Errorf("%s: %v", deeds[i].name, answer)
				case !c.acknowledged && !errors.Is(answer, chat.ErrBusy):
					t.Errorf("%s was answered %v", deeds[i].name, answer)
				}
			}
			if !c.acknowledged && len(d.Events.List()) != told {
				t.Error("told of what nobody knows")
			}
			disk.breaks(nil, nil)
			if _, err := d.Community.Post(t.Context(), m.ann, m.room, "after", "after"); !errors.Is(err, chat.ErrBusy) {
				t.Errorf("wrote on: %v", err)
			}
			if _, err := d.History(t.Context(), m.ann, m.room, db.Page{}); err != nil {
				t.Errorf("reading: %v", err)
			}
			if err := d.Close(); err == nil {
				t.Error("closed as if nothing had happened")
			}

			again := dbtest.OpenIn(t, dir)
			checkKept(t, again, deeds, answers, true)
			for range 2 {
				if seq, err := again.Community.Post(t.Context(), m.ann, m.room, "third 1", "key-1"); err != nil || seq != 3 {
					t.Errorf("repeated: %d, %v", seq, err)
				}
			}
		})
	}
}

// Whoever waits when another program holds the database is told so after one turn, however many wait, and the next one
// writes as soon as it is free.
func TestAHeldDatabaseIsBusyForOneTurn(t *testing.T) {
	t.Parallel()
	disk := &faulty{}
	d := openFaulty(t, t.TempDir(), disk)
	t.Cleanup(func() { must(t, d.Close()) })
	m := newMixed(t, d)
	_, err := d.Writer().ExecContext(t.Context(), `PRAGMA busy_timeout = 300`)
	must(t, err)

	letGo := hold(t, d.DB)
	const n = 2*db.BatchLength + 10
	answers := make(chan error, n)
	for range n {
		go func() { answers <- d.Write(context.Background(), 0, takeNumber) }()
	}
	waiting(d.DB, n)
	turns, held := 0, make(chan struct{})
	disk.breaks(func(statement string) error {
		if statement == "BEGIN IMMEDIATE" {
			if turns++; turns == 1 {
				d.Exec(t, `BEGIN EXCLUSIVE`)
				close(held)
			}
		}
		return nil
	}, nil)
	letGo()
	<-held
	if _, err := d.History(t.Context(), m.ann, m.room, db.Page{}); err != nil {
		t.Errorf("reading while it is held: %v", err)
	}
	for range n {
		if err := <-answers; !errors.Is(err, chat.ErrBusy) {
			t.Fatal(err)
		}
	}
	disk.breaks(nil, nil)
	if turns != 1 {
		t.Errorf("waited for %d turns", turns)
	}
	d.Exec(t, `ROLLBACK`)
	must(t, d.Write(t.Context(), 0, takeNumber))
	if done := dbtest.One[int](t, d, `SELECT value FROM counters WHERE noun = 'test'`); done != 1 {
		t.Errorf("%d writes, want one", done)
	}
}

// Who cannot read because another program holds the file may come again.
func TestAHeldDatabaseIsBusy(t *testing.T) {
	t.Parallel()
	d := open(t)
	letGo := dbtest.HoldWrites(t, dbtest.Beside(t, d.Place))
	defer letGo()
	_, held := beside(t, filepath.Join(d.Place, "chinwag.db")+"?_busy_timeout=1").ExecContext(t.Context(), `UPDATE community SET name = ''`)
	if held == nil {
		t.Fatal("it is not held")
	}
	if err := db.Found(held, "read"); !errors.Is(err, chat.ErrBusy) || !errors.Is(err, held) {
		t.Errorf("it is answered with %v", err)
	}
}
