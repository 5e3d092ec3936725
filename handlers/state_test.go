package handlers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chinwag/db/dbtest"
)

// runs changes the database behind the server's back.
func (s *site) runs(query string, args ...any) {
	s.t.Helper()
	_, err := s.beside.ExecContext(s.t.Context(), query, args...)
	must(s.t, err)
}

// holdsWrites keeps the server from writing until the function it gives is called, within the five seconds it waits.
func (s *site) holdsWrites() (release func()) {
	s.t.Helper()
	return dbtest.HoldWrites(s.t, s.beside)
}

// number reads one number of the database.
func (s *site) number(query string, args ...any) int64 {
	s.t.Helper()
	var n int64
	must(s.t, s.beside.QueryRowContext(s.t.Context(), query, args...).Scan(&n))
	return n
}

// texts reads the one column of a query.
func (s *site) texts(query string, args ...any) []string {
	s.t.Helper()
	rows, err := s.beside.QueryContext(s.t.Context(), query, args...)
	must(s.t, err)
	defer rows.Close()
	var list []string
	for rows.Next() {
		var text string
		must(s.t, rows.Scan(&text))
		list = append(list, text)
	}
	must(s.t, rows.Err())
	return list
}

// state is all that the community has stored, row by row.
func (s *site) state() []string {
	s.t.Helper()
	var rows []string
	for _, table := range dbtest.Tables(s.t, s.beside) {
		rows = append(rows, s.table(table)...)
	}
	return rows
}

func (s *site) table(name string) []string {
	s.t.Helper()
	rows, err := s.beside.QueryContext(s.t.Context(), `SELECT * FROM `+name)
	must(s.t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	must(s.t, err)
	var list []string
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		must(s.t, rows.Scan(values...))
		var line strings.Builder
		line.WriteString(name)
		for i, column := range columns {
			fmt.Fprintf(&line, " %s=%v", column, *values[i].(*any))
		}
		list = append(list, line.String())
	}
	must(s.t, rows.Err())
	slices.Sort(list) // a database keeps rows in no order
	return list
}

// unchanged says what is stored otherwise than before.
func (s *site) unchanged(t *testing.T, before []string) {
	t.Helper()
	if diff := cmp.Diff(before, s.state()); diff != "" {
		t.Errorf("what is stored changed:\n%s", diff)
	}
}
