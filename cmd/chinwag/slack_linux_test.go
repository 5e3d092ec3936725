package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// tellsSlack is the variable that has the test below tell its slack.
const tellsSlack = "TEST_SLACK"

// A process that takes slack has it on the threads that Go made before, too. With one processor alone it keeps the system's.
func TestSlack(t *testing.T) {
	if os.Getenv(tellsSlack) != "" {
		tellSlack()
		return
	}
	program, err := os.Executable()
	must(t, err)
	theirs := slackNow()
	for processors, want := range map[string]time.Duration{"2": max(slack, theirs), "1": theirs} {
		command := exec.CommandContext(t.Context(), program, "-test.run=^TestSlack$")
		command.Env = append(os.Environ(), tellsSlack+"=1", "GOMAXPROCS="+processors)
		told, err := command.Output()
		if err != nil || !strings.Contains(string(told), fmt.Sprintf("slack %v\n", want)) {
			t.Errorf("with %s processors %v, want slack %v: %s", processors, err, want, told)
		}
	}
}

// tellSlack prints the slack of a thread that was there before any was taken. A process that was started again made it anew.
func tellSlack() {
	there, ask, answer := make(chan struct{}), make(chan struct{}), make(chan time.Duration)
	go func() {
		runtime.LockOSThread()
		close(there)
		<-ask
		answer <- slackNow()
	}()
	<-there
	takeSlack()
	close(ask)
	fmt.Println("slack", <-answer)
}
