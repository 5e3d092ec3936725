package deliver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"chinwag/chat"
)

// lookEvery is how often it is looked for jobs that nothing told of: those that were put off, or left by a node that died.
const lookEvery = 5 * time.Second

// settleEvery is how soon it is tried again to note what became of a job.
const settleEvery = time.Second

// Runner does what waits in the table of jobs, one job at a time. Several nodes may each have one.
type Runner struct {
	community *chat.Community
	do        func(context.Context, chat.Job) error
	log       *slog.Logger

	woken   chan struct{}
	quit    chan struct{}
	cancel  context.CancelFunc // ends even the job that is under way
	working sync.WaitGroup
}

// Start begins to do jobs. An error of do has the job put off, a [Refused] tells why and whether for good.
func Start(community *chat.Community, do func(context.Context, chat.Job) error, log *slog.Logger) *Runner {
	ctx, cancel := context.WithCancel(context.Background())
	r := &Runner{community: community, do: do, log: log, woken: make(chan struct{}, 1), quit: make(chan struct{}), cancel: cancel}
	r.working.Go(func() { r.run(ctx) })
	return r
}

// Wake tells that there may be something to do. It never waits.
func (r *Runner) Wake() {
	select {
	case r.woken <- struct{}{}:
	default:
	}
}

// Stop has no other job begin. It is called once.
func (r *Runner) Stop() { close(r.quit) }

// Wait returns when the last job has ended: by itself within the time given, or cut off.
func (r *Runner) Wait(within time.Duration) {
	late := time.AfterFunc(within, r.cancel)
	defer late.Stop()
	r.working.Wait()
	r.cancel()
}

func (r *Runner) run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-r.quit:
			return
		case <-r.woken:
		case <-tick.C:
		}
		for r.next(ctx) {
		}
	}
}

// next does the next job; false: there is none, or no more is to be done.
func (r *Runner) next(ctx context.Context) bool {
	select {
	case <-r.quit:
		return false
	default:
	}
	job, taken, err := r.community.TakeJob(ctx)
	if err != nil && !errors.Is(err, chat.ErrBusy) {
		r.log.Error("take a job", slog.Any("error", err))
	}
	if !taken {
		return false
	}
	err = r.attempt(ctx, job)
	r.settle(ctx, job, err)
	return true
}

// attempt does a job. A mistake in doing it must not end the server.
func (r *Runner) attempt(ctx context.Context, job chat.Job) (err error) {
	ctx, enough := context.WithTimeout(ctx, chat.JobWithin)
	defer enough()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return r.do(ctx, job)
}

// settle notes what became of a job, and goes on trying while the database is away: a mail that was sent would be sent again.
// When the lease ends it is too late.
func (r *Runner) settle(ctx context.Context, job chat.Job, failure error) {
	ctx, enough := context.WithTimeout(context.WithoutCancel(ctx), chat.JobLease-chat.JobWithin)
	defer enough()
	note := r.outcome(job, failure)
	again := time.NewTicker(settleEvery)
	defer again.Stop()
	for err := note(ctx); err != nil; err = note(ctx) {
		select {
		case <-again.C:
			continue
		case <-r.quit:
		case <-ctx.Done():
		}
		r.log.Warn("a job will be done again", slog.Int64("job", job.ID), slog.Any("error", err))
		return
	}
}

// outcome is what is to be noted of a job, after it was said in the log.
func (r *Runner) outcome(job chat.Job, failure error) (note func(context.Context) error) {
	log := r.log.With(slog.Int64("job", job.ID), slog.String("kind", string(job.Kind)), slog.Int("attempt", job.Attempts))
	problem, forGood := problemOurs, false
	var refused *Refused
	switch {
	case failure == nil:
		log.Info("a job is done")
		return func(ctx context.Context) error { return r.community.FinishJob(ctx, job) }
	case errors.As(failure, &refused):
		problem, forGood = refused.Answer, refused.Permanent
		log.Warn("a mail was not taken", slog.Bool("for good", forGood), slog.String("answer", problem))
	case errors.Is(failure, chat.ErrBusy), errors.Is(failure, context.Canceled), errors.Is(failure, context.DeadlineExceeded):
		problem = problemBusy
		log.Warn("a job was cut off", slog.Any("error", failure))
	default:
		log.Error("a job failed", slog.Any("error", failure))
	}
	return func(ctx context.Context) error { return r.community.DelayJob(ctx, job, problem, forGood) }
}

// What administrators are told of a failure that was not the mail server's.
const (
	problemBusy = "the server was stopping, or its database busy"
	problemOurs = "a fault of this server: its log says which"
)
