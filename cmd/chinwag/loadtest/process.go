package loadtest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// cpuOf is the processor time a process has used so far, in user space and in the kernel on its behalf. The scheduler
// counts it in nanoseconds for each thread; where it does not, there is the sum in hundredths of a second.
func cpuOf(pid int) (time.Duration, error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(threads) == 0 {
		return ticksOf(pid, statUser, statSystem)
	}
	var sum time.Duration
	for _, path := range threads {
		text, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue // the thread has ended
		}
		if err != nil {
			return 0, fmt.Errorf("read CPU time: %w", err)
		}
		ran, _, _ := bytes.Cut(text, []byte(" "))
		ns, err := strconv.ParseInt(string(ran), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read CPU time: %w", err)
		}
		sum += time.Duration(ns)
	}
	return sum, nil
}

// Fields of /proc/PID/stat, counted from the one after the name: proc(5).
const (
	statParent      = 1
	statUser        = 11 // what it used itself, in hundredths of a second
	statSystem      = 12
	statChildUser   = 13 // what those used that it made and that have ended
	statChildSystem = 14
)

func statOf(pid int) ([]string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil, fmt.Errorf("read CPU time: %w", err)
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name before it may hold anything
	fields := strings.Fields(rest)
	if len(fields) <= statChildSystem {
		return nil, errors.New("read CPU time: /proc/PID/stat is too short")
	}
	return fields, nil
}

// ticksOf adds up fields of /proc/PID/stat: coarse, but they have the threads that ended too, so they check the other.
func ticksOf(pid int, which ...int) (time.Duration, error) {
	fields, err := statOf(pid)
	if err != nil {
		return 0, err
	}
	const perSecond = 100
	var sum int64
	for _, field := range which {
		n, err := strconv.ParseInt(fields[field], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read CPU time: %w", err)
		}
		sum += n
	}
	return time.Duration(sum) * time.Second / perSecond, nil
}

// memory is what a process holds, in bytes.
type memory struct {
	rss       int64 // pages of it that are in memory
	anonymous int64 // of these, its own: heap and stacks, not the program's file
	peak      int64 // the most rss ever was
}

func memoryOf(pid int) (memory, error) {
	var m memory
	err := errors.Join(
		readSizes(fmt.Sprintf("/proc/%d/smaps_rollup", pid), map[string]*int64{"Rss:": &m.rss, "Anonymous:": &m.anonymous}),
		readSizes(fmt.Sprintf("/proc/%d/status", pid), map[string]*int64{"VmHWM:": &m.peak}))
	return m, err
}

// readSizes reads lines of the form "Rss:  1760 kB".
func readSizes(path string, into map[string]*int64) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read memory: %w", err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) != 3 || into[fields[0]] == nil {
			continue
		}
		n, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil {
			return fmt.Errorf("read memory: %w", err)
		}
		*into[fields[0]] = n << 10
	}
	return lines.Err()
}

// observation is what a process had used and held at a moment.
type observation struct {
	memory
	cpu time.Duration
}

// observe looks at a process. Nothing is known of process 0.
func observe(pid int) (o observation, err error) {
	if pid == 0 {
		return o, nil
	}
	if o.memory, err = memoryOf(pid); err != nil {
		return o, err
	}
	o.cpu, err = cpuOf(pid)
	return o, err
}

// meter measures what some processes used between two moments.
type meter struct {
	pids          []int
	began         time.Time
	exact, coarse time.Duration
}

func startMeter(pids ...int) (meter, error) {
	m := meter{pids: pids, began: time.Now()}
	for _, pid := range pids {
		exact, err := cpuOf(pid)
		coarse, coarseErr := ticksOf(pid, statUser, statSystem)
		if err := errors.Join(err, coarseErr); err != nil {
			return m, err
		}
		m.exact += exact
		m.coarse += coarse
	}
	return m, nil
}

// read gives the CPU time since the start. When a thread ended meanwhile the exact count lacks it: the coarse one counts.
func (m meter) read() (time.Duration, error) {
	now, err := startMeter(m.pids...)
	exact, coarse := now.exact-m.exact, now.coarse-m.coarse
	if exact < coarse-max(coarse/50, 30*time.Millisecond) {
		exact = coarse
	}
	return exact, err
}

// cpuModel names the processor, where the system says it.
func cpuModel() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	_, rest, _ := strings.Cut(string(text), "model name")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(strings.TrimLeft(line, "\t :"))
}

// loadAverage is how many processes wanted a processor lately, as the system says it.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "not known"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}
