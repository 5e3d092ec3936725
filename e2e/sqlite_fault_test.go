//go:build faults && !postgres

package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ownFaults are those of a program that keeps everything itself.
func ownFaults() []fault {
	return []fault{{"disk full", diskFull}, {"syncs fail", syncsFail}, {"writes fail", writesFail}, {"reads fail", readsFail}}
}

// diskFull runs the community on a small disk and fills it. Reading goes on; what is sent is refused and comes back.
func diskFull(t *testing.T, all *tally) {
	disk := mountDisk(t, "64M")
	site := newSite(t, filepath.Join(disk, "data"), freeAddress(t))
	site.starts()
	site.isSetUp()
	site.hurt = true
	c := site.crowd(8, 3)
	c.begins()
	for range 2 {
		c.waits(time.Second, 2*time.Second)
		filler := fill(t, disk)
		before := c.record.refusals()
		eventually(t, "sends are refused", func() bool { return c.record.refusals() > before+8 })
		c.readsAndKeepsTexts()
		c.waits(3*time.Second, 4*time.Second)
		must(t, os.Remove(filler))
		c.heals()
	}
	all.takes(c, c.ends())
	site.stops()
	site.isSound()
}

// mountDisk makes a disk of its own, which goes with the test.
func mountDisk(t *testing.T, size string) string {
	t.Helper()
	image, disk := filepath.Join(t.TempDir(), "disk.img"), t.TempDir()
	for _, command := range [][]string{
		{"truncate", "-s", size, image},
		{"mkfs.ext4", "-q", "-m", "0", image},
		{"mount", "-o", "loop", image, disk},
	} {
		out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
		needs(t, fmt.Sprintf("%s: %s", strings.Join(command, " "), out), err)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", disk).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	return disk
}

// needs fails the test, as one that could not be set up, when an error stands in the way.
func needs(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("cannot be set up: %s: %v", what, err)
	}
}

// fill takes all the room there is on a disk, and gives the file that holds it.
func fill(t *testing.T, disk string) string {
	t.Helper()
	file, err := os.Create(filepath.Join(disk, "filler"))
	must(t, err)
	for size := 1 << 20; size >= 512; {
		_, err := file.Write(make([]byte, size))
		switch {
		case errors.Is(err, syscall.ENOSPC):
			size /= 2
		default:
			must(t, err)
		}
	}
	must(t, file.Close())
	return file.Name()
}

// refusals is how many answers asked to come back later.
func (r *record) refusals() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.Error == "answered 503" {
			n++
		}
	}
	return n
}

// syncsFail lets no file reach the disk any more. Nothing is acknowledged from then on, and the program ends rather than go
// on: what the system did with the bytes nobody knows.
func syncsFail(t *testing.T, all *tally) {
	site := openSite(t)
	site.hurt = true
	c := site.crowd(8, 3)
	c.begins()
	for range max(1, *rounds/10) {
		c.waits(300*time.Millisecond, 900*time.Millisecond)
		hand := site.meddles("fsync,fdatasync", "EIO", "1+")
		acked := c.record.acknowledged()
		if err := site.ended(); err == nil {
			t.Error("the program ended as if nothing had been")
		}
		c.record.happened("ended by a failed sync")
		hand.letsGo()
		if now := c.record.acknowledged(); now > acked+len(c.writers) { // what was on its way
			t.Errorf("%d messages were acknowledged although no file could be synced", now-acked)
		}
		site.isClean()
		site.starts()
	}
	c.waits(300*time.Millisecond, 900*time.Millisecond)
	all.takes(c, c.ends())
	site.startedInTime()
	site.stops()
	site.isSound()
}

// writesFail and readsFail let some calls fail, here and there. The program may refuse, or end and be started again; either
// way nothing that was acknowledged is lost.
func writesFail(t *testing.T, all *tally) { callsFail(t, all, "pwrite64") }
func readsFail(t *testing.T, all *tally)  { callsFail(t, all, "pread64") }

func callsFail(t *testing.T, all *tally, call string) {
	site := openSite(t)
	site.hurt = true
	c := site.crowd(8, 3)
	c.begins()
	ended := 0
	for range max(1, *rounds/10) {
		c.waits(300*time.Millisecond, 900*time.Millisecond)
		hand := site.meddles(call, "EIO", fmt.Sprintf("%d+%d", 1+c.random.IntN(20), 2+c.random.IntN(9)))
		select {
		case <-time.After(3 * time.Second):
			hand.letsGo()
		case err := <-site.ends:
			c.record.happened(fmt.Sprintf("ended: %v", err))
			ended++
			hand.letsGo()
			site.run = nil
			site.isClean()
			site.starts()
		}
		c.heals()
	}
	t.Logf("%s failed here and there; the program ended %d times", call, ended)
	all.takes(c, c.ends())
	site.startedInTime()
	site.stops()
	site.isSound()
}

// hand is strace, which lets system calls of the program fail.
type hand struct {
	site *site
	run  *exec.Cmd
	ends chan error
}

// meddles lets calls fail: when is strace's, such as 3+ for the third and all after it, or 3+5.
func (s *site) meddles(calls, fault, when string) *hand {
	s.t.Helper()
	said := &output{}
	h := &hand{site: s, ends: make(chan error, 1), run: exec.Command("strace", "-f", "-p", fmt.Sprint(s.run.Process.Pid), "-o", "/dev/null",
		"-e", "trace="+calls, "-e", fmt.Sprintf("inject=%s:error=%s:when=%s", calls, fault, when))}
	h.run.Stdout, h.run.Stderr = said, said
	if err := h.run.Start(); err != nil {
		s.t.Fatalf("cannot be set up: strace: %v", err)
	}
	go func() { h.ends <- h.run.Wait() }()
	s.t.Cleanup(h.letsGo)
	eventually(s.t, "strace is there", func() bool { return strings.Contains(said.String(), "attached") || said.String() != "" })
	if !strings.Contains(said.String(), "attached") {
		s.t.Fatalf("cannot be set up: strace says %s", said)
	}
	return h
}

// letsGo lets the program be. It may have ended, and strace with it.
func (h *hand) letsGo() {
	if h.run == nil {
		return
	}
	_ = h.run.Process.Signal(syscall.SIGINT)
	if err := <-h.ends; err != nil {
		h.site.t.Logf("strace: %v", err)
	}
	h.run = nil
}
