package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pressly/goose/v3"
)

// moveSource is one state of a directory's database, which is only read.
type moveSource struct {
	conn *sql.DB
	tx   *sql.Tx
}

func openMoveSource(ctx context.Context, dir string) (*moveSource, error) {
	path := filepath.Join(dir, fileName)
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("look for a community: %w", err)
	}
	conn := readPool(path, 1)
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), conn.Close())
	}
	s := &moveSource{conn, tx}
	if err := s.checkVersion(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), s.close())
	}
	return s, nil
}

func (s *moveSource) close() error {
	_ = s.tx.Rollback() // it wrote nothing
	return s.conn.Close()
}

// checkVersion begins the state that is read, too.
func (s *moveSource) checkVersion(ctx context.Context) error {
	steps, err := migrationSteps(s.conn, goose.DialectSQLite3)
	if err != nil {
		return err
	}
	var have int64
	if err := s.tx.QueryRowContext(ctx, `SELECT MAX(version_id) FROM goose_db_version`).Scan(&have); err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	older, err := judge(have, newest(steps))
	if err == nil && older != "" {
		err = fmt.Errorf("start this program's server on it once: %s", older)
	}
	return err
}

// tables are the names of all tables but those that SQLite and the migrations keep for themselves, and that of the secret,
// which stands in a file here.
func (s *moveSource) tables(ctx context.Context) ([]string, error) {
	return s.list(ctx, `
		SELECT name FROM sqlite_master
		WHERE type = 'table' AND name NOT IN ('goose_db_version', '`+secretTable+`') AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
		ORDER BY name`)
}

func (s *moveSource) list(ctx context.Context, text string, args ...any) (list []string, err error) {
	rows, err := s.tx.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("read the schema: %w", err)
		}
		list = append(list, name)
	}
	return list, rows.Err()
}

// sameColumns refuses a table that has other columns here than there: something would be left behind.
func (s *moveSource) sameColumns(ctx context.Context, t table) error {
	here, err := s.list(ctx, `SELECT name FROM pragma_table_info($1)`, t.name)
	if err != nil {
		return err
	}
	there := t.names()
	slices.Sort(here)
	slices.Sort(there)
	if !slices.Equal(here, there) {
		return fmt.Errorf("its columns are %s here and %s there", strings.Join(here, ", "), strings.Join(there, ", "))
	}
	return nil
}

// moveRows hands on rows as pgx copies them, and sums them up as they were read.
type moveRows struct {
	rows   *sql.Rows
	table  table
	sum    *tableSum
	values []any
	into   []any // where they are read to
	err    error
}

func newMoveRows(rows *sql.Rows, t table) *moveRows {
	m := &moveRows{rows: rows, table: t, sum: newTableSum(t), values: make([]any, len(t.columns)), into: make([]any, len(t.columns))}
	for i := range m.values {
		m.into[i] = &m.values[i]
	}
	return m
}

// Next reads a row. See [pgx.CopyFromSource].
func (m *moveRows) Next() bool {
	if m.err != nil || !m.rows.Next() {
		return false
	}
	if m.err = m.rows.Scan(m.into...); m.err != nil {
		return false
	}
	if m.err = m.sum.add(m.values); m.err != nil {
		return false
	}
	for i := range m.values {
		if m.values[i], m.err = m.value(i); m.err != nil {
			return false
		}
	}
	return true
}

// value is what PostgreSQL takes for what SQLite holds: there a text may stand where bytes are meant, and may have bytes
// that are no text.
func (m *moveRows) value(i int) (any, error) {
	switch v := m.values[i].(type) {
	case string:
		if m.table.columns[i].kind == "bytea" {
			return []byte(v), nil
		}
		if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
			return nil, fmt.Errorf("its row %d has a %s that PostgreSQL does not keep: it is no text", m.sum.rows, m.table.columns[i].name)
		}
	case []byte:
		if m.table.columns[i].kind == "text" {
			return nil, fmt.Errorf("its row %d has bytes for a %s", m.sum.rows, m.table.columns[i].name)
		}
	}
	return m.values[i], nil
}

// Values are the row that was read. See [pgx.CopyFromSource].
func (m *moveRows) Values() ([]any, error) { return m.values, nil }

// Err says why there was no further row, if it was not the end. See [pgx.CopyFromSource].
func (m *moveRows) Err() error { return errors.Join(m.err, m.rows.Err()) }
