package main

import (
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// smallDisk is the variable that has this binary run as the program, and says how large a file of it may become.
const smallDisk = "TEST_FILE_SIZE"

// limitFiles has every write beyond a size fail with EFBIG. To SQLite that is a disk that broke, not one that is full.
func limitFiles(size string) {
	bytes, err := strconv.ParseUint(size, 10, 64)
	if err == nil {
		err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: bytes})
	}
	if err != nil {
		panic(err)
	}
}

// serveOnSmallDisk starts a server in a process of its own. Its database can be read, but what is to be written next does
// not fit: only the few pages at the beginning of the log do.
func serveOnSmallDisk(t *testing.T, data string) *server {
	t.Helper()
	program, err := os.Executable()
	must(t, err)
	s := starts(t, func(p process, args []string) int {
		command := exec.CommandContext(p.ctx, program, args...)
		command.Env = append(os.Environ(), smallDisk+"=32768")
		command.Stdout, command.Stderr = p.stdout, p.stderr
		if err := command.Run(); command.ProcessState == nil {
			t.Error(err)
		}
		return command.ProcessState.ExitCode()
	}, data)
	for s.setup() == "" { // what it prints takes its time to get here
		select {
		case <-s.out.printed:
		case <-s.ended:
			t.Fatal("it ended by itself")
		}
	}
	return s
}

// A server whose disk fails a commit ends by itself, and says so. Whoever runs it starts it again, and finds what was
// acknowledged: here, nothing. The test runs alone: a process that is just being started holds the other tests' locks for
// a moment.
func TestServeEndsWhenTheDiskFails(t *testing.T) {
	data := t.TempDir()
	serve(t, data).stop().says(t, 0)

	s := serveOnSmallDisk(t, data)
	if status := s.opensSetup(t).submit(t); status != 0 && status != http.StatusServiceUnavailable {
		t.Errorf("answered %d although nothing can be written", status)
	}
	select {
	case <-s.ended:
	case <-time.After(20 * time.Second):
		t.Error("it goes on")
	}
	if end := s.stop(); end.code != exitFailed || !strings.Contains(end.stderr, "\nchinwag: the disk does not keep what is written to it: ") {
		t.Errorf("exit code %d: %s", end.code, end.stderr)
	}

	again := serve(t, data)
	if status := again.opensSetup(t).submit(t); status != http.StatusSeeOther {
		t.Errorf("started again, it answers %d", status)
	}
	again.stop().says(t, 0)
}
