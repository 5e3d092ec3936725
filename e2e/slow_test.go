package e2e

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"chinwag/views/viewstest"
)

// What peers that do not read may cost the others.
const (
	cutWithin   = 60 * time.Second       // they keep a socket in a busy room no longer
	othersWait  = 500 * time.Millisecond // at the 99th percentile
	memoryGrows = 60 << 20               // bytes, of the whole program
	dearWhen    = 4                      // so much slower and larger the race detector makes it all
)

// TestPeersThatDoNotReadAreCut opens many sockets in a busy room from which little or nothing is ever read: they are closed,
// they cost little memory, and nobody else notices.
func TestPeersThatDoNotReadAreCut(t *testing.T) {
	t.Parallel() // it mostly waits
	site := openSite(t)
	c := site.crowd(2, 2)
	for _, w := range c.watchers {
		w.restless = false // sockets are counted
	}
	c.watches()
	c.areWatching()
	speaker := c.writers[0]
	sockets, memory := site.sockets(), site.memory()
	var sipping sync.WaitGroup
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop); sipping.Wait() })
	for i := range 20 {
		peer := c.writers[i%2].hardlyReads(c.room)
		if i%2 == 0 {
			sipping.Go(func() { sipsFrom(peer, stop) })
		}
	}
	eventually(t, "they are all there", func() bool { return site.sockets() >= sockets+20 })

	began, grown := time.Now(), 0
	var took []time.Duration
	for n := 1; site.sockets() > sockets; n++ {
		if time.Since(began) > cutWithin {
			t.Fatalf("after %v there are still %d sockets, %d before", cutWithin, site.sockets(), sockets)
		}
		asked := time.Now()
		key := "long-" + number(n) // each as long as a message may be: some hundreds fill every buffer on the way
		row := viewstest.Row{Text: key + " " + strings.Repeat("😀", 3900)}
		if _, ok := speaker.does(key, row, c.room+"/messages", "body", row.Text, "key", key); !ok {
			break
		}
		took = append(took, time.Since(asked))
		if n > 300 { // by now nothing more fits into what lies between
			pause(context.Background(), 250*time.Millisecond)
		}
		grown = max(grown, site.memory()-memory)
	}
	t.Logf("all cut after %v and %d messages; p99 of the others %v; memory grew by %d MiB", time.Since(began), len(took), percentile(99, took), grown>>20)
	dear := 1
	if raceDetector() {
		dear = dearWhen
	}
	if late := percentile(99, took); late > othersWait*time.Duration(dear) {
		t.Errorf("the others waited %v", late)
	}
	if grown > memoryGrows*dear {
		t.Errorf("memory grew by %d MiB", grown>>20)
	}
	c.ends()
	site.stops()
}

// hardlyReads opens a socket of the room's page and leaves what comes to whoever may read it.
func (c *client) hardlyReads(room string) net.Conn {
	c.t.Helper()
	page, err := viewstest.Open(c.get(room).Body)
	must(c.t, err)
	conn, err := net.Dial("tcp", c.site.addr)
	must(c.t, err)
	c.t.Cleanup(func() { _ = conn.Close() })
	must(c.t, conn.(*net.TCPConn).SetReadBuffer(4<<10))
	req, err := http.NewRequest(http.MethodGet, c.site.URL+page.Socket(), nil)
	must(c.t, err)
	for _, cookie := range c.cookies() {
		req.AddCookie(cookie)
	}
	for name, value := range map[string]string{
		"Origin": c.site.URL, "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "Y2hpbndhZyBjaGlud2FnIQ==",
	} {
		req.Header.Set(name, value)
	}
	must(c.t, req.Write(conn))
	res, err := http.ReadResponse(bufio.NewReaderSize(conn, 16), req)
	must(c.t, err)
	defer res.Body.Close()
	if res.StatusCode != http.StatusSwitchingProtocols {
		c.t.Fatalf("the socket is answered %s", res.Status)
	}
	return conn
}

// sipsFrom reads ten bytes now and then.
func sipsFrom(conn net.Conn, stop <-chan struct{}) {
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for {
		select {
		case <-stop:
			return
		case <-again.C:
			if _, err := conn.Read(make([]byte, 10)); err != nil {
				return
			}
		}
	}
}

// sockets is how many the program has open at the address it listens on.
func (s *site) sockets() (n int) {
	s.t.Helper()
	proc := fmt.Sprintf("/proc/%d/", s.run.Process.Pid)
	table, err := os.ReadFile(proc + "net/tcp")
	must(s.t, err)
	_, port, err := net.SplitHostPort(s.addr)
	must(s.t, err)
	decimal, err := strconv.Atoi(port)
	must(s.t, err)
	open := map[string]bool{}
	for line := range strings.Lines(string(table)) {
		const local, inode = 1, 9
		fields := strings.Fields(line)
		if strings.HasSuffix(fields[local], fmt.Sprintf(":%04X", decimal)) {
			open["socket:["+fields[inode]+"]"] = true
		}
	}
	files, err := os.ReadDir(proc + "fd")
	must(s.t, err)
	for _, file := range files {
		if to, err := os.Readlink(proc + "fd/" + file.Name()); err == nil && open[to] {
			n++
		}
	}
	return n
}

// memory is what the program holds of it, in bytes.
func (s *site) memory() int {
	s.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.run.Process.Pid))
	must(s.t, err)
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kilobytes, err := strconv.Atoi(strings.Fields(rest)[0])
	must(s.t, err)
	return kilobytes << 10
}
