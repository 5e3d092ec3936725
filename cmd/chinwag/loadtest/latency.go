package loadtest

import (
	"fmt"
	"slices"
	"time"
)

// latencies are how long things took.
type latencies []time.Duration

// String gives the count, the middle, the slow ends and the slowest.
func (l latencies) String() string {
	if len(l) == 0 {
		return "none"
	}
	slices.Sort(l)
	return fmt.Sprintf("%d: p50 %s, p95 %s, p99 %s, max %s", len(l),
		short(l.at(0.5)), short(l.at(0.95)), short(l.at(0.99)), short(l[len(l)-1]))
}

// at is the value that this part of all stays below. The list is sorted.
func (l latencies) at(part float64) time.Duration {
	if len(l) == 0 {
		return 0
	}
	return l[min(int(part*float64(len(l))), len(l)-1)]
}

// p99 sorts and picks.
func (l latencies) p99() time.Duration {
	slices.Sort(l)
	return l.at(0.99)
}

// short is a duration in milliseconds, as people compare them.
func short(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case ms < 10:
		return fmt.Sprintf("%.2f ms", ms)
	case ms < 1000:
		return fmt.Sprintf("%.0f ms", ms)
	default:
		return fmt.Sprintf("%.1f s", ms/1000)
	}
}
