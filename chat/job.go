package chat

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// JobKind says what is to be done; that of a mail begins with "mail.".
type JobKind string

// What is done after the commit that caused it, and again until it is done.
const (
	JobMailReset           JobKind = "mail.reset"            // Key: the folded address that was typed
	JobMailConfirm         JobKind = "mail.confirm"          // User, Email: the address that is to be confirmed
	JobMailEmailChanged    JobKind = "mail.email_changed"    // User, Email: the address that was theirs
	JobMailPasswordChanged JobKind = "mail.password_changed" // User
	JobAccountLeave        JobKind = "account.leave"         // User, Erase
)

// JobPayload is what a job is about. Nothing secret stands in it: who reads the table learns no link.
type JobPayload struct {
	User  UserID `json:"user,omitempty"`
	Email string `json:"email,omitempty"`
	Key   string `json:"key,omitempty"`
	Erase bool   `json:"erase,omitempty"`
}

// Job is something that is to be done outside of a transaction. Its number is never used again.
type Job struct {
	ID        int64
	Kind      JobKind
	Payload   JobPayload
	CreatedAt time.Time
	Attempts  int // how often it was taken, this time included
}

// made tells apart the jobs of one number: in a database that was restored from a backup the numbers given since come again,
// for other people.
func (j Job) made() string { return strconv.FormatInt(j.CreatedAt.UnixMilli(), 10) + " " }

const (
	jobDelay     = 30 * time.Second
	jobDelayMost = time.Hour
	jobKept      = 30 * 24 * time.Hour // what was given up, to be read by administrators
	problemMost  = 300                 // characters of an answer that a person reads
)

// problemLate is what is said of a job that was never tried before its time was over.
const problemLate = "it waited too long"

// How long a job is one node's alone, and how long an attempt may take: what is left is for noting what became of it.
const (
	JobLease  = time.Minute
	JobWithin = 45 * time.Second
)

// IsMail says whether the job is a mail.
func (k JobKind) IsMail() bool { return strings.HasPrefix(string(k), "mail.") }

// life is how long a job is tried; 0: until it is done. A link that nobody waits for any more is not sent.
func (k JobKind) life() time.Duration {
	switch k {
	case JobAccountLeave:
		return 0
	case JobMailReset:
		return time.Hour
	default:
		return 24 * time.Hour
	}
}

func (k JobKind) over(created, now time.Time) bool {
	return k.life() > 0 && now.Sub(created) >= k.life()
}

// UseMail says whether mail can be sent; until then it cannot. It is called once, before anything is asked of the community.
func (c *Community) UseMail(on bool) { c.mail = on }

// queue has something done once the transaction is committed, and not at all without it. Without mail no mail waits: it
// would be old news when it came.
func (c *Community) queue(tx Tx, kind JobKind, about JobPayload) error {
	if kind.IsMail() && !c.mail {
		return nil
	}
	id, err := tx.Next("job")
	if err != nil {
		return err
	}
	tx.Publish(Event{Kind: JobQueued})
	return tx.CreateJob(Job{ID: id, Kind: kind, Payload: about, CreatedAt: c.now()})
}

// TakeJob takes the job that is due longest, for a minute: in that time nobody else gets it. False: nothing is due.
func (c *Community) TakeJob(ctx context.Context) (job Job, taken bool, err error) {
	err = c.store.Write(ctx, 0, func(tx Tx) error {
		taken = false
		for now := c.now(); ; {
			if job, err = tx.DueJob(now, c.mail); errors.Is(err, ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			if job.Kind.over(job.CreatedAt, now) {
				if err := tx.FailJob(job, now, problemLate); err != nil {
					return err
				}
				continue
			}
			job.Attempts++
			taken = true
			return tx.LeaseJob(job, now.Add(JobLease))
		}
	})
	return job, taken && err == nil, err
}

// FinishJob forgets a job that is done, and those that were given up long ago.
func (c *Community) FinishJob(ctx context.Context, job Job) error {
	return c.store.Write(ctx, 0, func(tx Tx) error {
		if err := tx.DeleteFailedJobs(c.now().Add(-jobKept)); err != nil {
			return err
		}
		return tx.DeleteJob(job)
	})
}

// DelayJob puts a job off that could not be done, longer each time, or gives it up: for good, or because it is too late for
// it by then. The problem is told to administrators.
func (c *Community) DelayJob(ctx context.Context, job Job, problem string, forGood bool) error {
	if problem = oneLine(problem); utf8.RuneCountInString(problem) > problemMost {
		problem = string([]rune(problem)[:problemMost]) + "…"
	}
	return c.store.Write(ctx, 0, func(tx Tx) error {
		later := c.now().Add(jobWait(job.Attempts))
		if forGood || job.Kind.over(job.CreatedAt, later) {
			return tx.FailJob(job, c.now(), problem)
		}
		return tx.DelayJob(job, later, problem)
	})
}

// jobWait is how long a job waits after so many attempts: half a minute, doubled each time, at most an hour.
func jobWait(attempts int) time.Duration {
	wait := jobDelay
	for ; attempts > 1 && wait < jobDelayMost; attempts-- {
		wait *= 2
	}
	return min(wait, jobDelayMost)
}

// JobTx keeps what is to be done.
type JobTx interface {
	// CreateJob stores a job that may be done at once.
	CreateJob(Job) error
	// DueJob is the one that has been due longest at a time and that nobody holds; without mail one that is no mail.
	DueJob(at time.Time, mail bool) (Job, error)
	// LeaseJob notes that a job was taken once more, and until when nobody else may.
	LeaseJob(job Job, until time.Time) error
	// DelayJob gives a job back, to be due later, and keeps the problem it met.
	DelayJob(job Job, due time.Time, problem string) error
	// FailJob keeps a job that is done no more, without the addresses in it.
	FailJob(job Job, at time.Time, problem string) error
	// DeleteJob forgets a job.
	DeleteJob(Job) error
	// DeleteFailedJobs forgets those that were given up before a time.
	DeleteFailedJobs(before time.Time) error
}
