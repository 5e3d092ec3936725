//go:build !postgres

package handlers_test

import (
	"path/filepath"

	"github.com/gofiber/storage/sqlite3/v2"
)

// openBlobs opens what may be lost, beside a community.
func openBlobs(place string) *sqlite3.Storage {
	return sqlite3.New(sqlite3.Config{
		Database: "file:" + filepath.Join(place, "blobs.db") + "?_journal_mode=WAL", Table: "blobs", MaxOpenConns: 1, ConnMaxLifetime: -1,
	})
}
