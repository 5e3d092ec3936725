package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"chinwag/db"
	"chinwag/realtime"
)

type doctorCommand struct {
	serveSettings
}

// finding is one thing the doctor looked at. A warning is worth reading; a fault must be mended.
type finding struct {
	what    string
	fault   error
	warning string
}

// Run looks at this set-up and says what is wrong with it, in sentences. It fails if anything must be mended.
func (d *doctorCommand) Run(p process) error {
	faults := 0
	for _, f := range d.examine(p.ctx) {
		if f.fault != nil {
			faults++
		}
		f.print(p.stdout)
	}
	if faults > 0 {
		return fmt.Errorf("%d of these must be mended", faults)
	}
	return nil
}

func (f finding) print(out io.Writer) {
	mark, text := "ok   ", ""
	switch {
	case f.fault != nil:
		mark, text = "FAULT", ": "+f.fault.Error()
	case f.warning != "":
		mark, text = "note ", ": "+f.warning
	}
	_, _ = fmt.Fprintf(out, "%s  %s%s\n", mark, f.what, text)
}

func (d *doctorCommand) examine(ctx context.Context) []finding {
	var findings []finding
	database := "database, its settings and its schema"
	if !d.shared() {
		findings = append(findings, finding{what: "data directory " + d.Data, fault: writable(d.Data)})
		database = "database, its pragmas and full-text search"
	}
	findings = append(findings,
		finding{what: "public URL", warning: d.urlWarning()},
		finding{what: "clock", fault: checkClock(time.Now())},
		finding{what: "open files", warning: fileLimit()},
		finding{what: "Go " + runtime.Version(), warning: goWarning(runtime.Version())})
	report, err := db.Examine(ctx, d.place())
	findings = append(findings, finding{what: database, fault: oneLine(err), warning: report})
	if d.NATSURL != "" {
		findings = append(findings, finding{what: "NATS", fault: realtime.AskNATS(d.NATSURL)})
	}
	return append(findings, d.examineMail(ctx))
}

// writable says whether files can be made in a directory, and whether others can read them.
func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(dir, "doctor-")
	if err != nil {
		return err
	}
	if err := errors.Join(file.Close(), os.Remove(file.Name())); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("others can read it: chmod 700 %s", dir)
	}
	return err
}

// urlWarning looks at a public URL whose form the settings have checked already.
func (d *doctorCommand) urlWarning() string {
	switch {
	case d.PublicURL == "":
		return "not set, so only http://" + d.Addr + " works; set --public-url to the address people use"
	case strings.HasPrefix(d.PublicURL, "http://"):
		return "it is not https, so passwords and cookies cross the line readable, and the cookie has no __Host- prefix"
	}
	return ""
}

// checkClock finds a clock that was never set: sessions would end at once or never.
func checkClock(now time.Time) error {
	if made := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); now.Before(made) {
		return fmt.Errorf("it says %s, which is before this program was written", now.UTC().Format(time.DateTime))
	}
	return nil
}

// filesWanted is one file for each of ten thousand sockets and some for the rest.
const filesWanted = 16384

func fileLimit() string {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return "could not be asked: " + err.Error()
	}
	if limit.Cur < filesWanted {
		return fmt.Sprintf("%d may be open, each person online needs one or more; raise it with ulimit -n or LimitNOFILE", limit.Cur)
	}
	return ""
}

// goWarning tells of a compiler older than the one with the last security fixes that matter here.
func goWarning(built string) string {
	if built == "go1.26" || strings.HasPrefix(built, "go1.26.") && len(built) == len("go1.26.8") && built < "go1.26.9" {
		return "go1.26.9 mends a flaw in reading forms; build with that or newer"
	}
	return ""
}
