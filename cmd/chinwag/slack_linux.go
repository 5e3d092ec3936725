package main

import (
	"os"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// slack is how late the system may wake us for a timer; it gives 50 µs otherwise. Go watches over its processors by a
// timer of 20 µs whenever one of them works, and for a message now and then that costs a fifth of all the rest.
const slack = time.Millisecond

// takeSlack starts this program again with its slack: threads take it from the one that makes them, and Go has made some
// before it comes to us. Where that is not allowed everything works without it.
//
// Where there is one processor alone, that timer is what takes it back from somebody who waits for the disk: there it
// must be on time.
func takeSlack() {
	runtime.LockOSThread() // slack is a thread's, and passes to the program that this thread starts
	defer runtime.UnlockOSThread()
	if runtime.GOMAXPROCS(0) == 1 || slackNow() >= slack {
		return
	}
	if unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(slack.Nanoseconds()), 0, 0, 0) != nil || slackNow() != slack {
		return // a real-time process says it took the slack and has none: it would be started again for ever
	}
	if program, err := os.Executable(); err == nil {
		_ = syscall.Exec(program, os.Args, os.Environ()) //nolint:gosec // this very program; it returns only if it failed
	}
}

// slackNow is this thread's, 0 if the system does not say.
func slackNow() time.Duration {
	ns, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err != nil {
		return 0
	}
	return time.Duration(ns)
}
