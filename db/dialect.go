package db

import (
	"regexp"
	"sync"
	"sync/atomic"
)

// placeholder is PostgreSQL's $1. SQLite's driver takes it for a name and binds by order of first appearance, which
// silently mixes up values; ?1 it binds by number. The plus changes no value. It keeps SQLite from looking at the value when
// it plans: it would plan anew at every run of a statement that joins tables, and that takes longer than most of them.
var placeholder = regexp.MustCompile(`\$([0-9]+)`)

// dialect turns the one SQL text, written for PostgreSQL, into what the database at hand runs.
type dialect struct {
	texts sync.Map // SQL as written → SQL as run
	asked atomic.Int64
}

// Queries is how many statements were run so far.
func (d *dialect) Queries() int64 { return d.asked.Load() }

// sql is a statement as the database at hand wants it. It is called once a run.
func (d *dialect) sql(text string) string {
	d.asked.Add(1)
	if run, ok := d.texts.Load(text); ok {
		return run.(string) // only strings go in
	}
	run := placeholder.ReplaceAllString(text, "+?$1")
	d.texts.Store(text, run)
	return run
}
