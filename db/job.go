package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"chinwag/chat"
)

// isMail is true of jobs that are mails. See [chat.JobKind.IsMail].
const isMail = `kind LIKE 'mail.%'`

// CreateJob stores a job. See [chat.JobTx].
func (t *tx) CreateJob(j chat.Job) error {
	payload, err := json.Marshal(j.Payload)
	if err != nil {
		return fmt.Errorf("create job: %w", err)
	}
	return found(t.exec(`
		INSERT INTO jobs (id, kind, user_id, payload, created_at, run_at, leased_until, attempts, failed_at, problem)
		VALUES ($1, $2, $3, $4, $5, $5, 0, 0, 0, '')`,
		j.ID, j.Kind, j.Payload.User, string(payload), millis(j.CreatedAt)), "create job")
}

// DueJob reads the next job that nobody holds. See [chat.JobTx].
func (t *tx) DueJob(at time.Time, mail bool) (j chat.Job, err error) {
	var payload string
	var createdAt int64
	err = t.row(`
		SELECT id, kind, payload, created_at, attempts FROM jobs
		WHERE failed_at = 0 AND run_at <= $1 AND leased_until <= $1 AND ($2 OR NOT `+isMail+`)
		ORDER BY run_at, id LIMIT 1`, millis(at), mail).Scan(&j.ID, &j.Kind, &payload, &createdAt, &j.Attempts)
	if err != nil {
		return j, found(err, "read a job")
	}
	j.CreatedAt = moment(createdAt)
	if err := json.Unmarshal([]byte(payload), &j.Payload); err != nil {
		return j, fmt.Errorf("read a job: %w", err)
	}
	return j, nil
}

// LeaseJob notes who may not take a job. See [chat.JobTx].
func (t *tx) LeaseJob(j chat.Job, until time.Time) error {
	return found(t.exec(`UPDATE jobs SET leased_until = $1, attempts = $2 WHERE id = $3`, millis(until), j.Attempts, j.ID), "take a job")
}

// DelayJob gives a job back. See [chat.JobTx].
func (t *tx) DelayJob(j chat.Job, due time.Time, problem string) error {
	return found(t.exec(`UPDATE jobs SET run_at = $1, leased_until = 0, problem = $2 WHERE id = $3 AND attempts = $4`,
		millis(due), problem, j.ID, j.Attempts), "delay a job")
}

// FailJob keeps a job that is done no more, and whom it was about no longer. See [chat.JobTx].
func (t *tx) FailJob(j chat.Job, at time.Time, problem string) error {
	return found(t.exec(`UPDATE jobs SET failed_at = $1, problem = $2, user_id = 0, payload = '{}' WHERE id = $3 AND attempts = $4`,
		millis(at), problem, j.ID, j.Attempts), "give up a job")
}

// DeleteJob forgets a job. See [chat.JobTx].
func (t *tx) DeleteJob(j chat.Job) error {
	return found(t.exec(`DELETE FROM jobs WHERE id = $1`, j.ID), "finish a job")
}

// DeleteFailedJobs forgets old ones that were given up. See [chat.JobTx].
func (t *tx) DeleteFailedJobs(before time.Time) error {
	return found(t.exec(`DELETE FROM jobs WHERE failed_at > 0 AND failed_at < $1`, millis(before)), "forget jobs")
}

// JobState is how what is done later is doing.
type JobState struct {
	Mails  int         // that are still to be sent
	Failed []FailedJob // the newest jobs that met a problem
}

// FailedJob is one that was given up, or one that still waits after something went wrong.
type FailedJob struct {
	Kind     chat.JobKind
	At       time.Time // when it was given up; zero: it will be tried again
	Created  time.Time
	Attempts int
	Problem  string // what was answered, in the words of the other server or of the database
}

// failedShown is how many of them are read.
const failedShown = 50

// JobState reads what waits to be sent and what could not be done.
func (d *DB) JobState(ctx context.Context) (state JobState, err error) {
	err = d.snapshot(ctx, func(q querier) error {
		waiting := q.QueryRowContext(ctx, d.sql(`SELECT COUNT(*) FROM jobs WHERE failed_at = 0 AND `+isMail))
		if err := waiting.Scan(&state.Mails); err != nil {
			return found(err, "count mails")
		}
		err := d.each(ctx, q, func(rows *sql.Rows) error {
			f, err := scanFailedJob(rows)
			state.Failed = append(state.Failed, f)
			return err
		}, `SELECT kind, failed_at, created_at, attempts, problem FROM jobs WHERE problem <> ''
			ORDER BY id DESC LIMIT $1`, failedShown)
		return found(err, "read jobs that failed")
	})
	return state, err
}

func scanFailedJob(r row) (f FailedJob, err error) {
	var failedAt, createdAt int64
	err = r.Scan(&f.Kind, &failedAt, &createdAt, &f.Attempts, &f.Problem)
	f.At, f.Created = moment(failedAt), moment(createdAt)
	return f, err
}
