//go:build postgres

package e2e

import (
	"testing"

	"chinwag/db/dbtest"
)

// newPlace is where a community may be kept: a database with nothing in it.
func newPlace(t testing.TB) string {
	t.Helper()
	return dbtest.Place(t)
}

// keptAt is the setting that tells a command where the community is kept.
func keptAt(place string) string { return "--database-url=" + place }

// hasNothingLeft holds that nobody who is connected to the community was left behind.
func (s *site) hasNothingLeft() {
	s.t.Helper()
	beside := dbtest.Beside(s.t, s.place)
	eventually(s.t, "nobody is connected", func() bool {
		var others int
		must(s.t, beside.QueryRow(`SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
			AND application_name = 'chinwag'`).Scan(&others))
		return others == 0
	})
}
