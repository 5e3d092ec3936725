//go:build faults

package e2e

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"chinwag/views/viewstest"
)

// freedWithin is how soon lines that went dead without a word are let go of.
const freedWithin = 90 * time.Second

// halfOpenLines puts people behind a line of their own and cuts it without a word: no packet goes through in either direction.
// The server notices by itself; when the line is back, every page comes back to what it should be.
func halfOpenLines(t *testing.T, all *tally) {
	far := newSubnet(t)
	site := newSite(t, newPlace(t), far.here+":0", "--limits", "on")
	site.starts()
	site.isSetUp()
	site.hurt = true
	c := site.crowd(5, 50)
	for _, w := range c.watchers {
		w.restless, w.dial = false, far.dial
	}
	c.watches()
	c.areWatching()
	must(t, c.says(3))
	before := site.sockets()
	far.goesDown()
	c.record.happened("the line is dead")
	must(t, c.says(2)) // written to lines that nobody hears, some of it
	began := time.Now()
	for site.sockets() > before-len(c.watchers) {
		if time.Since(began) > freedWithin {
			t.Fatalf("after %v there are still %d of %d sockets, %d of which are dead", freedWithin, site.sockets(), before, len(c.watchers))
		}
		c.waits(50*time.Millisecond, 100*time.Millisecond)
	}
	t.Logf("%d dead lines let go of after %v", len(c.watchers), time.Since(began).Round(time.Millisecond))
	far.comesUp()
	for _, w := range c.watchers {
		w.hangsUp() // as our script does when it has heard nothing for long
	}
	c.areWatching()
	must(t, c.says(2))
	all.takes(c, c.ends())
	site.stops()
	site.isSound()
}

// says lets each writer write that often.
func (c *crowd) says(times int) error {
	c.t.Helper()
	for range times {
		for _, w := range c.writers {
			key := fmt.Sprintf("%s-line-%d", w.name, c.random.Int64())
			if _, ok := w.does(key, viewstest.Row{Text: key}, c.room+"/messages", "body", key, "key", key); !ok {
				return fmt.Errorf("%s could not say anything", w.name)
			}
		}
	}
	return nil
}

// subnet is a network beside this machine's, with one line between the two.
type subnet struct {
	t           *testing.T
	name        string // of the network
	line        string // our end of the line
	here, there string // addresses of the two ends
}

func newSubnet(t *testing.T) *subnet {
	t.Helper()
	id := os.Getpid() % 1000
	n := &subnet{t: t, name: fmt.Sprintf("chinwag%d", id), line: fmt.Sprintf("cw%da", id), here: "10.213.77.1", there: "10.213.77.2"}
	far := fmt.Sprintf("cw%db", id)
	n.ip("netns", "add", n.name)
	t.Cleanup(func() { n.ip("netns", "del", n.name) }) // and the line with it
	n.ip("link", "add", n.line, "type", "veth", "peer", "name", far, "netns", n.name)
	n.ip("addr", "add", n.here+"/30", "dev", n.line)
	n.ip("link", "set", n.line, "up")
	n.ip("-n", n.name, "addr", "add", n.there+"/30", "dev", far)
	n.ip("-n", n.name, "link", "set", far, "up")
	n.ip("-n", n.name, "link", "set", "lo", "up")
	return n
}

func (n *subnet) goesDown() { n.ip("link", "set", n.line, "down") }

// comesUp brings back the line, and its address, which went with it.
func (n *subnet) comesUp() {
	n.ip("link", "set", n.line, "up")
	n.ip("addr", "replace", n.here+"/30", "dev", n.line)
}

func (n *subnet) ip(args ...string) {
	n.t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		n.t.Fatalf("cannot be set up: ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// dial opens a connection from the other side.
func (n *subnet) dial(ctx context.Context, _, address string) (net.Conn, error) {
	type result struct {
		conn net.Conn
		err  error
	}
	done := make(chan result, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread belongs to the other network, and ends with this function
		conn, err := n.dialThere(ctx, address)
		done <- result{conn, err}
	}()
	r := <-done
	return r.conn, r.err
}

func (n *subnet) dialThere(ctx context.Context, address string) (net.Conn, error) {
	file, err := os.Open("/run/netns/" + n.name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
		return nil, fmt.Errorf("setns: %w", err)
	}
	return (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: -1}).DialContext(ctx, "tcp", address)
}
