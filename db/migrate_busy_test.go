package db_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Who reads two tables, in whatever order, must not meet a migration that has taken one of them and waits for the other:
// PostgreSQL would end one of the two, and people see that. So a migration takes one table that was there before it, at most.
func TestAMigrationTakesOneTableThatIsInUse(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("migrations/*.sql")
	must(t, err)
	makes, takes := regexp.MustCompile(`CREATE TABLE (\w+)`), regexp.MustCompile(`(?:ALTER TABLE|REFERENCES) (\w+)`)
	looked := 0
	for _, file := range files {
		if filepath.Base(file) < "0004" {
			continue // no node served then that was to go on
		}
		text, err := os.ReadFile(file)
		must(t, err)
		made, taken := map[string]bool{}, map[string]bool{}
		for _, found := range makes.FindAllStringSubmatch(string(text), -1) {
			made[found[1]] = true
		}
		for _, found := range takes.FindAllStringSubmatch(string(text), -1) {
			if !made[found[1]] {
				taken[found[1]] = true
			}
		}
		looked += len(taken)
		if len(taken) > 1 {
			t.Errorf("%s takes %v", file, taken)
		}
	}
	if looked == 0 {
		t.Error("no migration takes any: is it looked for rightly?")
	}
}
