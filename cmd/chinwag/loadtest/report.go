package loadtest

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// report prints figures as they come and keeps those that are held against a budget.
type report struct {
	out    io.Writer
	quick  bool // numbers so small say nothing about a budget
	kept   []figure
	faults []string
}

// figure is one number held against a budget. A budget of 0 is none.
type figure struct {
	what      string
	value     float64
	unit      string
	must, aim float64
	more      bool // the budget is a floor: more is better
}

func (f figure) verdict() string {
	within := func(budget float64) bool {
		if f.more {
			return f.value >= budget
		}
		return f.value <= budget
	}
	switch {
	case f.must == 0:
		return ""
	case !within(f.must):
		return "over"
	case f.aim != 0 && within(f.aim):
		return "aim"
	default:
		return "must"
	}
}

func (r *report) line(format string, args ...any) {
	_, _ = fmt.Fprintf(r.out, format+"\n", args...)
}

func (r *report) section(name, help string) {
	r.line("\n%s: %s", strings.ToUpper(name), help)
}

// add prints a figure and keeps it for the summary.
func (r *report) add(f figure) {
	if r.quick {
		f.must, f.aim = 0, 0
	}
	r.kept = append(r.kept, f)
	r.line("%s", strings.TrimRight(fmt.Sprintf("  %s: %s %s %s", f.what, number(f.value), f.unit, f.verdict()), " "))
}

// fault notes something that must never happen.
func (r *report) fault(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.faults = append(r.faults, text)
	r.line("  WRONG: %s", text)
}

// summary prints all figures that have a budget. Its error is what must never happen and did.
func (r *report) summary() error {
	r.line("\nSUMMARY (aim: as good as we want it; must: good enough; over: not)")
	table := tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "  figure\tvalue\tunit\tmust\taim\tis")
	for _, f := range r.kept {
		_, _ = fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\t%s\n", f.what, number(f.value), f.unit, budget(f.must, f.more), budget(f.aim, f.more), f.verdict())
	}
	_ = table.Flush()
	if len(r.faults) > 0 {
		return errors.New(strings.Join(r.faults, "; "))
	}
	return nil
}

func budget(n float64, more bool) string {
	switch {
	case n == 0:
		return ""
	case more:
		return "≥ " + number(n)
	default:
		return "≤ " + number(n)
	}
}

// number keeps three figures that matter.
func number(n float64) string {
	switch {
	case n >= 100 || n == float64(int64(n)):
		return fmt.Sprintf("%.0f", n)
	case n >= 10:
		return fmt.Sprintf("%.1f", n)
	default:
		return fmt.Sprintf("%.2f", n)
	}
}
