package db

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"

	"chinwag/chat"
)

// dialect is what differs between the databases a community may stand in while it is open; opening, examining and migrating
// have a function each.
type dialect interface {
	// text is a statement as this database wants it.
	text(written string) string
	// holdRows ends a SELECT whose rows of this alias nobody may delete before the transaction ends.
	holdRows(alias string) string
	// snapshotOptions begin a transaction whose reads see one state.
	snapshotOptions() *sql.TxOptions

	// lane is what a room's writes wait in: one after the other, and committed together.
	lane(room chat.RoomID) laneID
	// begin begins the transaction of a lane, so that no other process writes what the lane writes before it ends.
	begin(ctx context.Context, conn *sql.Conn, lane laneID) error
	// commit returns when all is safely on disk. errUnknown: nobody knows whether it is.
	commit(ctx context.Context, conn *sql.Conn) error
	// undo ends a transaction without a trace. A connection that cannot do it is given up.
	undo(ctx context.Context, conn *sql.Conn)
	// broke says what is wrong with the transaction after one of its items failed; nil: nothing, the item alone failed.
	broke(conn *sql.Conn, answer error) error
	// failure says what was tried when the database failed, in the rules' words where they have one.
	failure(what string, err error) error

	// tidy is called after each batch; idle: nobody waits to write.
	tidy(ctx context.Context, idle bool) error
	// close ends what the dialect itself keeps, after the last write.
	close(ctx context.Context) error
}

// How a transaction can fail beside the rules' own words for it.
var (
	// errLost says that the disk may have lost what it was told to keep. A system that fails to write a page marks it clean
	// all the same, so that the next sync succeeds without it: https://lwn.net/Articles/752063/.
	errLost = errors.New("the disk failed")
	// errAgain says that somebody else's transaction stood in the way: nothing was written, and the same may succeed at once.
	errAgain = errors.New("another transaction came first")
	// errAway says that the database went away before anything was committed: the same may succeed when it is back.
	errAway = errors.New("the database is away")
	// errApart says that items of a batch must not share a transaction: see [tx.mayWait].
	errApart = errors.New("these need a transaction each")
	// errUnknown says that the database went away while it committed.
	errUnknown = errors.New("the answer to a commit was lost")
)

// texts keeps statements as the database at hand wants them.
type texts struct {
	known sync.Map // SQL as written → SQL as run
	asked atomic.Int64
}

// Queries is how many statements were run so far, for tests and benchmarks.
func (d *DB) Queries() int64 { return d.texts.asked.Load() }

// sql is a statement as the database at hand wants it. It is called once a run.
func (d *DB) sql(written string) string {
	d.texts.asked.Add(1)
	if run, ok := d.texts.known.Load(written); ok {
		return run.(string) // only strings go in
	}
	run := d.dialect.text(written)
	d.texts.known.Store(written, run)
	return run
}
