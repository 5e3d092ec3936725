package db

import (
	"context"
	"database/sql"
	"errors"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"chinwag/chat"
)

// querier is a pool, a snapshot or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// each runs a query and hands every row to scan.
func (d *DB) each(ctx context.Context, q querier, scan func(*sql.Rows) error, text string, args ...any) (err error) {
	rows, err := q.QueryContext(ctx, d.sql(text), args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// containing is the LIKE pattern of texts that contain the words, folded as the *_key columns are.
func containing(words string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(chat.Fold(words)) + "%"
}

// chunk is how many values one statement names at most.
const chunk = 512

// padded repeats the last of some values until there are a power of two of them, so that few statements do for any number.
func padded[T any](values []T) []T {
	list := slices.Clone(values)
	for bits.OnesCount(uint(len(list))) > 1 {
		list = append(list, values[len(values)-1])
	}
	return list
}

// placeholders are $n, $n+1… for as many values.
func placeholders(first, count int) string {
	list := make([]string, count)
	for i := range list {
		list[i] = "$" + strconv.Itoa(first+i)
	}
	return strings.Join(list, ", ")
}
