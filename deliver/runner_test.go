package deliver_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db/dbtest"
	"chinwag/deliver"
)

// start has jobs done by a function until the test ends.
func start(t *testing.T, d *dbtest.DB, do func(context.Context, chat.Job) error) *deliver.Runner {
	t.Helper()
	d.Community.UseMail(true)
	return deliver.Start(d.Community, do, slog.New(slog.DiscardHandler))
}

// eventually waits until something holds.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(10 * time.Second); !holds(); <-tick.C {
		if time.Now().After(end) {
			t.Fatal("it did not happen")
		}
	}
}

// problems are what is kept of jobs that failed.
func problems(t *testing.T, d *dbtest.DB) string {
	t.Helper()
	return strings.Join(dbtest.All[string](t, d, `SELECT problem FROM jobs ORDER BY id`), "|")
}

// A mistake in one job ends neither the runner nor the jobs after it, and its inside is told to nobody but the log.
func TestAJobThatPanics(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	r := start(t, d, func(_ context.Context, job chat.Job) error {
		switch job.Payload.Key {
		case "panic@x.test":
			panic("secret inside")
		case "error@x.test":
			return errors.New("secret inside")
		case "refused@x.test":
			return &deliver.Refused{Answer: "451 later"}
		}
		return nil
	})
	for _, address := range []string{"panic@x.test", "error@x.test", "refused@x.test", "fine@x.test"} {
		must(t, d.Community.Forgot(t.Context(), address))
	}
	r.Wake()
	const ours = "a fault of this server: its log says which"
	eventually(t, func() bool { return problems(t, d) == ours+"|"+ours+"|451 later" })
	r.Stop()
	r.Wait(time.Second)
}

// Who stops waits for the job that is under way, and then cuts it off: it is done later.
func TestAJobThatTakesTooLong(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	begun := make(chan struct{})
	r := start(t, d, func(ctx context.Context, _ chat.Job) error {
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	})
	for range 2 {
		must(t, d.Community.Forgot(t.Context(), "ada@x.test"))
	}
	r.Wake()
	<-begun
	r.Stop()
	r.Wait(10 * time.Millisecond)
	if got := problems(t, d); got != "the server was stopping, or its database busy|" {
		t.Errorf("it says %q", got)
	}
}

// While the database cannot be written, what became of a job is not forgotten.
func TestADoneJobIsNotedOnceItCanBe(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	release := make(chan func(), 1)
	done := make(chan struct{}, 9)
	r := start(t, d, func(context.Context, chat.Job) error {
		release <- dbtest.HoldWrites(t, dbtest.Beside(t, d.Place))
		done <- struct{}{}
		return nil
	})
	must(t, d.Community.Forgot(t.Context(), "ada@x.test"))
	r.Wake()
	<-done
	(<-release)()
	eventually(t, func() bool { return dbtest.One[int64](t, d, `SELECT COUNT(*) FROM jobs`) == 0 })
	if len(done) > 0 {
		t.Error("it was done twice")
	}
	r.Stop()
	r.Wait(time.Second)
}

// Two nodes do what waits between them, each job once.
func TestTwoRunnersShareTheJobs(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	const many = 30
	done := make(chan int64, 2*many)
	var runners []*deliver.Runner
	for _, node := range []*dbtest.DB{d, dbtest.OpenIn(t, d.Place)} {
		runners = append(runners, start(t, node, func(_ context.Context, job chat.Job) error {
			done <- job.ID
			return nil
		}))
	}
	for range many {
		must(t, d.Community.Forgot(t.Context(), "ada@x.test"))
	}
	for _, r := range runners {
		r.Wake()
	}
	eventually(t, func() bool { return dbtest.One[int64](t, d, `SELECT COUNT(*) FROM jobs`) == 0 })
	for _, r := range runners {
		r.Stop()
		r.Wait(time.Second)
	}
	close(done)
	seen := map[int64]int{}
	for id := range done {
		seen[id]++
	}
	for id, n := range seen {
		if n > 1 {
			t.Errorf("job %d was done %d times", id, n)
		}
	}
	if len(seen) != many {
		t.Errorf("%d jobs were done", len(seen))
	}
}
