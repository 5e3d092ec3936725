package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestLoadtest has the load tester play a few people: on a server of its own, on one that runs already, and through a
// small part of its suite. It finds every message on every screen, once and in order, or it fails by itself.
func TestLoadtest(t *testing.T) {
	t.Parallel()
	site := startSite(t)
	people := filepath.Join(t.TempDir(), "people")
	printed := loadtests(t, "seed", keptAt(site.place), "--people=20", "--rooms=2")
	if lines := strings.Count(printed, "\n"); lines != 20 {
		t.Fatalf("%d lines for 20 people", lines)
	}
	if err := os.WriteFile(people, []byte(printed), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args []string
		says []string
	}{
		"a server of its own": {
			[]string{"load", "--people=20", "--rate=40", "--for=1s"},
			[]string{"20 pages of 1 rooms", "40 messages", "800 deliveries", "µs a delivery", "20 screens: 0 lost, 0 doubled, 0 out of order, 0 told"},
		},
		"one that runs": {
			[]string{"load", "--url=" + site.URL, "--cookies=" + people, "--pid=" + strconv.Itoa(site.run.Process.Pid), "--rooms=2", "--rate=40", "--for=1s"},
			[]string{"20 pages of 2 rooms", "40 messages", "400 deliveries", "µs a delivery", "20 screens: 0 lost, 0 doubled, 0 out of order, 0 told"},
		},
		"a part of the suite": {
			[]string{"--quick", "--only=deliveries"},
			[]string{"20 screens, ", "50 screens, ", "0 lost, 0 doubled, 0 out of order", "CPU ÷ relay", "SUMMARY"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			printed := loadtests(t, test.args...)
			for _, words := range test.says {
				if !strings.Contains(printed, words) {
					t.Errorf("it does not say %q:\n%s", words, printed)
				}
			}
		})
	}
}

// loadtests runs the load tester, which must succeed, and gives what it printed.
func loadtests(t *testing.T, args ...string) string {
	t.Helper()
	binary, err := shared.binary()
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	run := exec.CommandContext(t.Context(), binary, append([]string{"loadtest"}, args...)...)
	run.Stderr = &said
	printed, err := run.Output()
	if err != nil {
		t.Fatalf("loadtest %v: %v\n%s%s", args, err, printed, said.String())
	}
	return string(printed)
}
