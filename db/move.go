package db

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// Moved is a table that stands there as it stands here.
type Moved struct {
	Table    string
	Rows     int64
	Checksum string // SHA-256 over all rows
}

// ErrUsed refuses to move a community over another.
var ErrUsed = errors.New("there is a community already, and no unused one that was moved there: a move wants an empty database")

// Move takes the community of a directory, with its secret, to PostgreSQL. There must be none yet, or one that an earlier
// move brought and nobody has used since: that one is replaced. All is copied from one state of the directory's database,
// which is only read; then each table is read back, compared, and told of. It is there whole, or not at all.
func Move(ctx context.Context, dir, address string, secret []byte, tell func(Moved)) (err error) {
	from, err := openMoveSource(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.close()) }()
	names, err := from.tables(ctx)
	if err != nil {
		return err
	}
	to, err := openMoveTarget(ctx, address)
	if err != nil {
		return err
	}
	defer to.close()
	tables, err := to.lock(ctx, names)
	if err != nil {
		return err
	}
	secrets, err := to.lock(ctx, []string{secretTable})
	if err != nil {
		return err
	}
	if err := to.clear(ctx, slices.Concat(tables, secrets)); err != nil {
		return err
	}
	var done []Moved
	for _, t := range tables {
		moved, err := moveTable(ctx, from, to, t)
		if err != nil {
			return fmt.Errorf("move the table %s: %w", t.name, err)
		}
		done = append(done, moved)
		tell(moved)
	}
	kept, err := to.putSecret(ctx, secrets[0], secret)
	if err != nil {
		return fmt.Errorf("move the secret: %w", err)
	}
	return to.commit(ctx, append(done, kept))
}

// moveTable copies a table and compares both sides.
func moveTable(ctx context.Context, from *moveSource, to *moveTarget, t table) (Moved, error) {
	here, err := copyTable(ctx, from, to, t)
	if err != nil {
		return Moved{}, err
	}
	there, err := to.sum(ctx, t)
	if err == nil && here != there {
		err = fmt.Errorf("%d rows with the checksum %s came there as %d with %s", here.Rows, here.Checksum, there.Rows, there.Checksum)
	}
	return there, err
}

// copyTable copies the rows as they are read, and sums up what was read.
func copyTable(ctx context.Context, from *moveSource, to *moveTarget, t table) (_ Moved, err error) {
	if err := from.sameColumns(ctx, t); err != nil {
		return Moved{}, err
	}
	rows, err := from.tx.QueryContext(ctx, t.read(""))
	if err != nil {
		return Moved{}, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	stream := newMoveRows(rows, t)
	_, err = to.tx.CopyFrom(ctx, pgx.Identifier{t.name}, t.names(), stream)
	if stream.err != nil { // and PostgreSQL says no more than that we broke off
		err = stream.err
	}
	return stream.sum.result(), err
}
