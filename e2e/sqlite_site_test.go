//go:build !postgres

package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"chinwag/db/dbtest"
)

// newPlace is where a community may be kept: a directory that is not there yet.
func newPlace(t testing.TB) string {
	t.Helper()
	return filepath.Join(dbtest.Place(t), "data")
}

// keptAt is the setting that tells a command where the community is kept.
func keptAt(place string) string { return "--data=" + place }

// hasNothingLeft holds that nothing but the community was left behind.
func (s *site) hasNothingLeft() {
	s.t.Helper()
	files, err := os.ReadDir(s.place)
	must(s.t, err)
	known := []string{"blobs.db", "blobs.db-shm", "blobs.db-wal", "chinwag.db", "chinwag.db-shm", "chinwag.db-wal", "lock", "migrate.lock", "secret"}
	for _, file := range files {
		copied, err := filepath.Match("chinwag-before-*.db", file.Name()) // a copy from before a migration is kept
		must(s.t, err)
		if !copied && !slices.Contains(known, file.Name()) {
			s.t.Errorf("%s was left behind", file.Name())
		}
	}
}
