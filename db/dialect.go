package db

import (
	"regexp"
	"sync"
)

// placeholder is PostgreSQL's $1. SQLite's driver takes it for a name and binds by order of first appearance, which
// silently mixes up values; ?1 it binds by number.
var placeholder = regexp.MustCompile(`\$([0-9]+)`)

// dialect turns the one SQL text, written for PostgreSQL, into what the database at hand runs.
type dialect struct {
	texts sync.Map // SQL as written → SQL as run
}

func (d *dialect) sql(text string) string {
	if run, ok := d.texts.Load(text); ok {
		return run.(string) // only strings go in
	}
	run := placeholder.ReplaceAllString(text, "?$1")
	d.texts.Store(text, run)
	return run
}
