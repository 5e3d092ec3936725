package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestDoctor(t *testing.T) {
	t.Parallel()
	private := func(t *testing.T) string { return filepath.Join(t.TempDir(), "data") }
	for name, c := range map[string]struct {
		data func(t *testing.T) string
		args []string
		code int
		want []string // lines, or parts of them
	}{
		"fresh": {private, []string{"--public-url=https://chat.example.org"}, 0, []string{
			"ok     data directory ", "ok     public URL", "ok     clock", "note   database, its pragmas and full-text search: there is none yet",
		}},
		"no public URL": {private, nil, 0, []string{"note   public URL: not set", "http://localhost:8080"}},
		"no https":      {private, []string{"--public-url=http://chat.example.org"}, 0, []string{"note   public URL: it is not https"}},
		"a community": {func(t *testing.T) string {
			data := private(t)
			typed(t, "correct horse battery\n", "user", "add", "ann", "--data="+data).says(t, 0)
			return data
		}, nil, 0, []string{"ok     database"}},
		"a server runs": {func(t *testing.T) string {
			data := private(t)
			serve(t, data)
			return data
		}, nil, 0, []string{"ok     database", "ok     data directory"}},
		"others can read it": {func(t *testing.T) string {
			data := private(t)
			must(t, os.Mkdir(data, 0o755))
			return data
		}, nil, 1, []string{"FAULT  data directory", "chmod 700 "}},
		"a file instead of the directory": {func(t *testing.T) string {
			data := private(t)
			must(t, os.WriteFile(data, nil, 0o600))
			return data
		}, nil, 1, []string{"FAULT  data directory", "not a directory"}},
		"another file instead of the database": {func(t *testing.T) string {
			data := private(t)
			must(t, os.Mkdir(data, 0o700))
			must(t, os.WriteFile(filepath.Join(data, "chinwag.db"), []byte(strings.Repeat("no database ", 500)), 0o600))
			return data
		}, nil, 1, []string{"FAULT  database", "not a database", "ok     data directory"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := typed(t, "", append([]string{"doctor", "--data=" + c.data(t)}, c.args...)...)
			got.says(t, c.code)
			for _, want := range c.want {
				if !strings.Contains(got.stdout, want) {
					t.Errorf("no %q in\n%s", want, got.stdout)
				}
			}
			if faults := strings.Count(got.stdout, "FAULT"); (faults > 0) != (c.code == 1) {
				t.Errorf("%d faults, exit code %d", faults, c.code)
			}
			if c.code == 1 {
				got.says(t, 1, "must be mended")
			}
		})
	}
}

func TestDoctorAsksNATS(t *testing.T) {
	t.Parallel()
	got := typed(t, "", "doctor", "--database-url=postgres://"+nobody(t)+"/chinwag", "--nats-url=nats://ann:hunter2@"+nobody(t))
	got.says(t, exitFailed, "2 of these must be mended")
	if !strings.Contains(got.stdout, "FAULT  NATS: ") || strings.Contains(got.stdout, "hunter2") {
		t.Errorf("%+v", got)
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	for year, ok := range map[int]bool{1970: false, 2025: false, 2026: true, 2040: true} {
		if err := checkClock(time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)); (err == nil) != ok {
			t.Errorf("%d: %v", year, err)
		}
	}
}

func TestOldGoIsNoted(t *testing.T) {
	t.Parallel()
	for version, old := range map[string]bool{
		"go1.26": true, "go1.26.0": true, "go1.26.8": true, "go1.26.9": false, "go1.26.10": false, "go1.26.12": false, "go1.27": false, "go1.27.1": false,
	} {
		if (goWarning(version) != "") != old {
			t.Errorf("%s: %q", version, goWarning(version))
		}
	}
}
