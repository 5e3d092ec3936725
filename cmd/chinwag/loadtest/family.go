package loadtest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// family is PostgreSQL's processes on this machine: the one that takes connections, and those it made for them and for
// work of its own.
type family struct{ head int }

// familyOf finds the family of the process that serves a connection from an address; nil: it is not on this machine.
func familyOf(backend int, from net.Addr) *family {
	title, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", backend))
	if err != nil || !strings.HasPrefix(string(title), "postgres:") {
		return nil
	}
	peer := "[local]"
	if tcp, ok := from.(*net.TCPAddr); ok {
		peer = fmt.Sprintf("(%d)", tcp.Port)
	}
	if !strings.Contains(string(title), peer) { // the same number, but in a container or on another machine
		return nil
	}
	fields, err := statOf(backend)
	if err != nil {
		return nil
	}
	head, err := strconv.Atoi(fields[statParent])
	if err != nil {
		return nil
	}
	return &family{head}
}

// cpu is the processor time that all of the family have used so far, those that ended included. Nothing is known of none.
func (f *family) cpu() (time.Duration, error) {
	if f == nil {
		return 0, nil
	}
	for {
		before, beforeErr := ticksOf(f.head, statChildUser, statChildSystem)
		alive, aliveErr := f.cpuOfAlive()
		ended, endedErr := ticksOf(f.head, statChildUser, statChildSystem)
		err := errors.Join(beforeErr, aliveErr, endedErr)
		if err != nil || ended == before { // else one ended between the two, and may be missing
			return alive + ended, err
		}
	}
}

func (f *family) cpuOfAlive() (time.Duration, error) {
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, fmt.Errorf("look for PostgreSQL's processes: %w", err)
	}
	sum, err := cpuOf(f.head)
	if err != nil {
		return 0, err
	}
	for _, path := range all {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path))) // digits, says the pattern
		fields, err := statOf(pid)
		if err != nil || fields[statParent] != strconv.Itoa(f.head) {
			continue // ended, or somebody else's
		}
		used, err := cpuOf(pid)
		if err != nil {
			continue // ended meanwhile
		}
		sum += used
	}
	return sum, nil
}

// dir is where PostgreSQL keeps its data, if we may know.
func (f *family) dir() (string, error) { return os.Readlink(fmt.Sprintf("/proc/%d/cwd", f.head)) }
