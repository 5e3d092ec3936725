package main

import (
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	info := &debug.BuildInfo{
		GoVersion: "go1.26.8",
		Deps: []*debug.Module{
			{Path: "example.org/a", Version: "v1.9.0"},
			{Path: "example.org/b", Version: "v9.0.0", Replace: &debug.Module{Path: "example.org/c", Version: "v1.0.0"}},
		},
	}
	for _, test := range []struct {
		name  string
		floor floor
		want  string
		holds bool
	}{
		{"same", floor{"example.org/a", "v1.9.0", ""}, "ok", true},
		{"newer", floor{"example.org/a", "v1.8.9", ""}, "ok", true},
		{"older, by number and not by letter", floor{"example.org/a", "v1.10.0", ""}, "TOO OLD", false},
		{"what replaces it counts", floor{"example.org/b", "v2.0.0", ""}, "TOO OLD", false},
		{"not in the program", floor{"example.org/z", "v1.0.0", ""}, "MISSING", false},
		{"older Go only warns", floor{"go", "1.26.9", "why"}, "WARNING", true},
		{"newer Go", floor{"go", "1.26.7", ""}, "ok", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			row, holds := test.floor.compare(info)
			if !strings.HasPrefix(row, test.want+" ") || holds != test.holds {
				t.Errorf("got %v %q, want %v %q", holds, row, test.holds, test.want)
			}
		})
	}
}

func TestParse(t *testing.T) {
	floors, err := parse(strings.NewReader("# all\n\nexample.org/a v1.0.0 for a reason # said\ngo 1.26.9\n"))
	if err != nil || len(floors) != 2 || floors[0] != (floor{"example.org/a", "v1.0.0", "for a reason"}) {
		t.Errorf("got %v %v", floors, err)
	}
	for _, wrong := range []string{"example.org/a", "example.org/a 1.0.0", "example.org/a latest"} {
		if _, err := parse(strings.NewReader(wrong)); err == nil {
			t.Errorf("%q was accepted", wrong)
		}
	}
}

// The test binary is itself a program built from modules: x/mod is in it, at a version far below v99.
func TestRunReadsTheProgram(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for list, want := range map[string]bool{"golang.org/x/mod v0.1.0": true, "golang.org/x/mod v99.0.0": false} {
		file := filepath.Join(t.TempDir(), "floor.txt")
		if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
			t.Fatal(err)
		}
		if ok, err := run(io.Discard, file, program); err != nil || ok != want {
			t.Errorf("%s: got %v %v, want %v", list, ok, err, want)
		}
	}
}
