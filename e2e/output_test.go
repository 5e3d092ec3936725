package e2e

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// output keeps what a process says.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// match waits for a line like this and gives its first group.
func (o *output) match(t testing.TB, line *regexp.Regexp) string {
	t.Helper()
	var found []string
	eventually(t, "the program says "+line.String(), func() bool {
		found = line.FindStringSubmatch(o.String())
		return found != nil
	})
	return found[1]
}

// isClean fails the test at each line in which the program complains of itself.
func (o *output) isClean(t testing.TB) { t.Helper(); o.hasNo(t, `"level":"ERROR"|`+broken) }

// isWhole fails the test at each line that tells of a mistake of ours: where disks fail, errors may be told of.
func (o *output) isWhole(t testing.TB) { t.Helper(); o.hasNo(t, broken) }

// broken is what is said of a mistake in the program.
const broken = `DATA RACE|^panic:|^fatal error:|goroutine \d+ \[`

func (o *output) hasNo(t testing.TB, pattern string) {
	t.Helper()
	complaint := regexp.MustCompile(pattern)
	for line := range strings.Lines(o.String()) {
		if complaint.MatchString(line) {
			t.Errorf("the program logged: %s", line)
		}
	}
}

// tail is the end of it, for who looks for a reason.
func (o *output) tail() string {
	text := o.String()
	return text[max(0, len(text)-3000):]
}
