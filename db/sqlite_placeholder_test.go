//go:build !postgres

package db_test

import (
	"slices"
	"testing"
)

// SQLite's driver takes $1 for a name and binds by order of first appearance: as written, most of these texts would
// mix the values up without a word.
func TestPlaceholdersBindByTheirNumber(t *testing.T) {
	t.Parallel()
	d := open(t)
	three := []any{"a", "b", "c"}
	twelve := []any{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"}
	for _, c := range []struct {
		text string
		args []any
		want []string
	}{
		{`SELECT $1, $2, $3`, three, []string{"a", "b", "c"}},
		{`SELECT $3, $2, $1`, three, []string{"c", "b", "a"}},
		{`SELECT $2, $1, $2`, three[:2], []string{"b", "a", "b"}},
		{`SELECT $12, $1, $2`, twelve, []string{"l", "a", "b"}},
		{`SELECT (SELECT $3), $1, x FROM (SELECT $2 AS x)`, three, []string{"c", "a", "b"}},
		{`WITH w (v) AS (SELECT $2) SELECT $3, v, $1 FROM w WHERE v = $2`, three, []string{"c", "b", "a"}},
	} {
		t.Run(c.text, func(t *testing.T) {
			got := make([]string, 3)
			must(t, d.Ask(t.Context(), c.text, c.args, &got[0], &got[1], &got[2]))
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// A value arrives as what it is, whatever stands around its place.
func TestPlaceholdersKeepTypes(t *testing.T) {
	t.Parallel()
	d := open(t)
	for want, value := range map[string]any{
		"integer": int64(7), "text": "7", "blob": []byte("7"), "real": 7.5, "null": nil,
	} {
		var kind string
		must(t, d.Ask(t.Context(), `SELECT typeof($1)`, []any{value}, &kind))
		if kind != want {
			t.Errorf("%v arrives as %s, want %s", value, kind, want)
		}
	}
}
