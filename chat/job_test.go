package chat_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

// openMailing is a community that sends mail, in which ada's address is known to be hers.
func openMailing(tb testing.TB) (d *dbtest.DB, ada chat.UserID) {
	tb.Helper()
	d = open(tb)
	d.Community.UseMail(true)
	ada = d.NewPerson(tb, "ada")
	must(tb, d.Write(tb.Context(), 0, func(tx chat.Tx) error {
		return tx.SaveEmail(ada, chat.Email{Address: "Ada@x.test", Verified: true})
	}))
	return d, ada
}

// asksForLink asks for a link to a new password.
func asksForLink(tb testing.TB, d *dbtest.DB, email string) {
	tb.Helper()
	must(tb, d.Community.Forgot(tb.Context(), email))
}

// takes gives the job that is due, which must be there.
func takes(tb testing.TB, d *dbtest.DB) chat.Job {
	tb.Helper()
	job, taken, err := d.Community.TakeJob(tb.Context())
	must(tb, err)
	if !taken {
		tb.Fatal("nothing is due")
	}
	return job
}

// idle holds that nothing is due.
func idle(tb testing.TB, d *dbtest.DB) {
	tb.Helper()
	if job, taken, err := d.Community.TakeJob(tb.Context()); taken || err != nil {
		tb.Errorf("%+v is due, %v", job, err)
	}
}

func TestJobsAreDoneOneAfterTheOther(t *testing.T) {
	t.Parallel()
	d, _ := openMailing(t)
	idle(t, d)
	asksForLink(t, d, "ada@x.test")
	asksForLink(t, d, "bob@x.test")
	first, second := takes(t, d), takes(t, d)
	idle(t, d)
	if first.Payload.Key != "ada@x.test" || second.Payload.Key != "bob@x.test" || first.Attempts != 1 || first.Kind != chat.JobMailReset {
		t.Errorf("%+v, %+v", first, second)
	}
	must(t, d.Community.FinishJob(t.Context(), first))
	must(t, d.Community.FinishJob(t.Context(), second))
	d.Clock.Move(chat.JobLease)
	idle(t, d)
	events := 0
	for _, e := range d.Events.List() {
		if e.Kind == chat.JobQueued {
			events++
		}
	}
	if events != 2 {
		t.Errorf("%d jobs were told of", events)
	}
}

// What a node took that died is taken by another, once the lease is over. Who comes back late changes nothing.
func TestLeasesOfJobs(t *testing.T) {
	t.Parallel()
	d, _ := openMailing(t)
	asksForLink(t, d, "ada@x.test")
	dead := takes(t, d)
	d.Clock.Move(chat.JobLease - time.Millisecond)
	idle(t, d)
	d.Clock.Move(time.Millisecond)
	alive := takes(t, d)
	if alive.ID != dead.ID || alive.Attempts != 2 {
		t.Errorf("%+v after %+v", alive, dead)
	}
	must(t, d.Community.DelayJob(t.Context(), dead, "too late to say so", true))
	if got := dbtest.One[string](t, d, `SELECT problem FROM jobs`); got != "" {
		t.Errorf("it says %q", got)
	}
	must(t, d.Community.FinishJob(t.Context(), alive))
	must(t, d.Community.FinishJob(t.Context(), dead))
}

func TestOneOfManyTakesAJob(t *testing.T) {
	t.Parallel()
	d, _ := openMailing(t)
	other := dbtest.OpenIn(t, d.Place)
	other.Community.UseMail(true)
	const many = 20
	for range many {
		asksForLink(t, d, "ada@x.test")
	}
	var mu sync.Mutex
	seen := map[int64]int{}
	var taking sync.WaitGroup
	for i := range many {
		taking.Go(func() {
			job, taken, err := []*dbtest.DB{d, other}[i%2].Community.TakeJob(context.Background())
			mu.Lock()
			defer mu.Unlock()
			if !taken || err != nil {
				t.Errorf("%v, %v", taken, err)
			}
			seen[job.ID]++
		})
	}
	taking.Wait()
	if len(seen) != many {
		t.Errorf("%d different jobs were taken", len(seen))
	}
}

func TestJobsThatFailWaitLonger(t *testing.T) {
	t.Parallel()
	d, ada := openMailing(t)
	must(t, d.Community.ChangeEmail(t.Context(), chat.Actor{User: ada}, "")) // the notice to the old one
	var waited time.Duration
	for _, wait := range []time.Duration{
		30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute, time.Hour, time.Hour,
	} {
		must(t, d.Community.DelayJob(t.Context(), takes(t, d), "later", false))
		d.Clock.Move(wait - time.Millisecond)
		idle(t, d)
		d.Clock.Move(time.Millisecond)
		waited += wait
	}
	for ; waited < 24*time.Hour; waited += time.Hour {
		must(t, d.Community.DelayJob(t.Context(), takes(t, d), "later", false))
		d.Clock.Move(time.Hour)
	}
	idle(t, d)
	if got := dbtest.All[string](t, d, `SELECT problem FROM jobs WHERE failed_at > 0`); len(got) != 1 || got[0] != "later" {
		t.Errorf("given up: %q", got)
	}
}

func TestJobsAreGivenUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fails func(d *dbtest.DB)
		want  string
	}{
		"refused for good": {func(d *dbtest.DB) {
			must(t, d.Community.DelayJob(t.Context(), takes(t, d), "550 no\nsuch   person", true))
		}, "550 no such person"},
		"at its last attempt": {func(d *dbtest.DB) {
			d.Clock.Move(time.Hour - 20*time.Second)
			must(t, d.Community.DelayJob(t.Context(), takes(t, d), "later", false))
		}, "later"},
		"never tried": {func(d *dbtest.DB) { d.Clock.Move(time.Hour) }, "it waited too long"},
		"with a long answer": {func(d *dbtest.DB) {
			must(t, d.Community.DelayJob(t.Context(), takes(t, d), strings.Repeat("é", 4000), true))
		}, strings.Repeat("é", 300) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, _ := openMailing(t)
			asksForLink(t, d, "ada@x.test")
			c.fails(d)
			idle(t, d)
			state, err := d.JobState(t.Context())
			must(t, err)
			if len(state.Failed) != 1 || state.Failed[0].Problem != c.want || state.Failed[0].At.IsZero() || state.Mails != 0 {
				t.Errorf("%+v", state)
			}
			if kept := dbtest.One[string](t, d, `SELECT payload FROM jobs`); strings.Contains(kept, "ada") {
				t.Errorf("kept with the address in it: %s", kept)
			}
			d.Clock.Move(30*24*time.Hour + time.Minute)
			asksForLink(t, d, "ada@x.test")
			must(t, d.Community.FinishJob(t.Context(), takes(t, d)))
			if left := dbtest.One[int64](t, d, `SELECT COUNT(*) FROM jobs`); left != 0 {
				t.Errorf("%d are still kept", left)
			}
		})
	}
}

// Leaving is not given up: somebody was promised that their messages go.
func TestLeavingIsNeverGivenUp(t *testing.T) {
	t.Parallel()
	d := open(t)
	must(t, d.Write(t.Context(), 0, func(tx chat.Tx) error {
		return tx.CreateJob(chat.Job{ID: 1, Kind: chat.JobAccountLeave, Payload: chat.JobPayload{User: 1, Erase: true}, CreatedAt: d.Clock.Now()})
	}))
	for range 100 {
		job := takes(t, d)
		if !job.Payload.Erase || job.Payload.User != 1 {
			t.Fatalf("%+v", job)
		}
		must(t, d.Community.DelayJob(t.Context(), job, "busy", false))
		d.Clock.Move(time.Hour)
	}
}

// Without mail nothing is queued that nobody would send, and what was queued before waits until somebody does.
func TestNoMailWaitsWithoutMail(t *testing.T) {
	t.Parallel()
	d, _ := openMailing(t)
	asksForLink(t, d, "ada@x.test")
	d.Community.UseMail(false)
	idle(t, d)
	if err := d.Community.Forgot(t.Context(), "ada@x.test"); !errors.Is(err, chat.ErrForbidden) {
		t.Errorf("%v", err)
	}
	d.Community.UseMail(true)
	takes(t, d)
	idle(t, d)
}

// Whoever does a job again mails the same link, which is new for each job, and nothing of it stands in the database.
func TestS06_LettersOfOneJobAreTheSame(t *testing.T) {
	t.Parallel()
	d, ada := openMailing(t)
	asksForLink(t, d, "ada@x.test")
	job := takes(t, d)
	letter, err := d.Community.Letter(t.Context(), job)
	must(t, err)
	d.Clock.Move(9 * time.Minute)
	again, err := d.Community.Letter(t.Context(), job)
	must(t, err)
	same(t, again, letter)
	if letter.To != "Ada@x.test" || letter.User.ID != ada || len(letter.Token) < 40 || len(letter.ID) < 20 {
		t.Errorf("%+v", letter)
	}
	d.Clock.Move(9 * time.Minute) // it was renewed
	if _, err := d.Community.ResetTarget(t.Context(), letter.Token); err != nil {
		t.Error(err)
	}
	must(t, d.Community.FinishJob(t.Context(), job))
	asksForLink(t, d, "ada@x.test")
	other, err := d.Community.Letter(t.Context(), takes(t, d))
	must(t, err)
	if other.Token == letter.Token || other.ID == letter.ID {
		t.Errorf("%+v and %+v", other, letter)
	}
	if _, err := d.Community.ResetTarget(t.Context(), letter.Token); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("the older link: %v", err)
	}
	if _, err := d.Community.Letter(t.Context(), job); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("it is mailed again: %v", err)
	}
	for _, column := range []string{`SELECT payload FROM jobs`, `SELECT hash FROM links`} {
		for _, kept := range dbtest.All[string](t, d, column) {
			if strings.Contains(kept, letter.Token) || strings.Contains(kept, other.Token) {
				t.Errorf("%s: %s", column, kept)
			}
		}
	}
}

// Nothing is sent that has become untrue while it waited.
func TestLettersThatAreNotSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		asks func(t *testing.T, d *dbtest.DB, ada chat.UserID)
		then func(t *testing.T, d *dbtest.DB, ada chat.UserID)
	}{
		"nobody has the address": {
			func(t *testing.T, d *dbtest.DB, _ chat.UserID) { asksForLink(t, d, "eve@x.test") }, nil,
		},
		"it was never confirmed": {
			func(t *testing.T, d *dbtest.DB, _ chat.UserID) { asksForLink(t, d, "ada@x.test") },
			func(t *testing.T, d *dbtest.DB, ada chat.UserID) {
				d.Exec(t, `UPDATE users SET email_verified = FALSE`)
			},
		},
		"the account was closed": {
			func(t *testing.T, d *dbtest.DB, _ chat.UserID) { asksForLink(t, d, "ada@x.test") },
			func(t *testing.T, d *dbtest.DB, ada chat.UserID) { d.Exec(t, `UPDATE users SET disabled = TRUE`) },
		},
		"another address was given": {
			func(t *testing.T, d *dbtest.DB, ada chat.UserID) {
				d.Exec(t, `UPDATE users SET email = '', email_key = '', email_verified = FALSE`)
				must(t, d.Community.ChangeEmail(t.Context(), chat.Actor{User: ada}, "ada@y.test"))
			},
			func(t *testing.T, d *dbtest.DB, ada chat.UserID) {
				must(t, d.Community.ChangeEmail(t.Context(), chat.Actor{User: ada}, ""))
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, ada := openMailing(t)
			c.asks(t, d, ada)
			job := takes(t, d)
			if c.then != nil {
				if _, err := d.Community.Letter(t.Context(), job); err != nil {
					t.Fatal(err)
				}
				c.then(t, d, ada)
			}
			if letter, err := d.Community.Letter(t.Context(), job); !errors.Is(err, chat.ErrNotFound) {
				t.Errorf("%+v, %v", letter, err)
			}
		})
	}
}

// A job of a newer program's, which nodes of both share for a while, is not taken for done.
func TestLettersOfANewerProgram(t *testing.T) {
	t.Parallel()
	d, ada := openMailing(t)
	letter, err := d.Community.Letter(t.Context(), chat.Job{ID: 1, Kind: "mail.from_the_future", Payload: chat.JobPayload{User: ada}})
	if err == nil || errors.Is(err, chat.ErrNotFound) {
		t.Errorf("%+v, %v", letter, err)
	}
}
