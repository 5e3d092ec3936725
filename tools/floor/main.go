// Command floor compares the modules inside a built program with a list of the oldest versions allowed.
//
//	floor FLOORS PROGRAM
//
// It reads what the linker wrote into the program, not go.mod, so it sees what really runs.
package main

import (
	"bufio"
	"debug/buildinfo"
	"fmt"
	"go/version"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"golang.org/x/mod/semver"
)

// A floor is one line of the list: a module (or "go"), its oldest allowed version, and why.
type floor struct{ module, version, why string }

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: floor FLOORS PROGRAM")
		os.Exit(2)
	}
	ok, err := run(os.Stdout, os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

// run prints one row for each floor and reports whether every module holds.
func run(w io.Writer, list, program string) (bool, error) {
	file, err := os.Open(list)
	if err != nil {
		return false, err
	}
	defer file.Close()
	floors, err := parse(file)
	if err != nil {
		return false, fmt.Errorf("%s: %w", list, err)
	}
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return false, err
	}
	ok := true
	for _, f := range floors {
		row, holds := f.compare(info)
		fmt.Fprintln(w, row)
		ok = ok && holds
	}
	return ok, nil
}

// parse reads the list: a module, a version and words of reason on each line; # begins a comment.
func parse(r io.Reader) ([]floor, error) {
	var floors []floor
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		text, _, _ := strings.Cut(lines.Text(), "#")
		words := strings.Fields(text)
		if len(words) == 0 {
			continue
		}
		if len(words) == 1 || (words[0] != "go" && !semver.IsValid(words[1])) {
			return nil, fmt.Errorf("not a module and a version: %q", lines.Text())
		}
		floors = append(floors, floor{words[0], words[1], strings.Join(words[2:], " ")})
	}
	return floors, lines.Err()
}

// compare gives the row to print, and false when the program breaks this floor.
// A module that is not in the program breaks it too: a line that compares nothing would only look like a check.
func (f floor) compare(info *debug.BuildInfo) (row string, holds bool) {
	if f.module == "go" {
		if version.Compare(info.GoVersion, "go"+f.version) < 0 {
			return f.row("WARNING", strings.TrimPrefix(info.GoVersion, "go")), true
		}
		return f.row("ok", strings.TrimPrefix(info.GoVersion, "go")), true
	}
	for _, module := range info.Deps {
		if module.Path != f.module {
			continue
		}
		if module.Replace != nil {
			module = module.Replace
		}
		if semver.Compare(module.Version, f.version) < 0 {
			return f.row("TOO OLD", module.Version), false
		}
		return f.row("ok", module.Version), true
	}
	return f.row("MISSING", "-"), false
}

// row is one line of the table; the reason stands only where something is wrong.
func (f floor) row(verdict, has string) string {
	row := fmt.Sprintf("%-8s %-40s %-9s floor %-9s", verdict, f.module, has, f.version)
	if verdict != "ok" {
		row += " " + f.why
	}
	return strings.TrimRight(row, " ")
}
