package e2e

import (
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long something may take on a busy machine before a test gives up on it.
const patience = 30 * time.Second

// password is everybody's.
const password = "correct horse battery"

// site is one community: where it is kept, and the process that serves it, which may end and start again.
type site struct {
	t     testing.TB
	URL   string // where people reach it
	addr  string // where the process listens
	place string // where the community is kept
	args  []string
	run   *exec.Cmd
	out   *output // of the process that runs
	ends  chan error

	slowest time.Duration // start of all
	hurt    bool          // what is around it fails, and it may say so
}

// startSite starts the program where nothing is yet, and on a free port.
func startSite(t testing.TB) *site {
	t.Helper()
	return startSiteAt(t, freeAddress(t))
}

// startSiteAt starts it at an address, with more settings. Limits are off, as in any load test: tests type faster than people.
func startSiteAt(t testing.TB, addr string, settings ...string) *site {
	t.Helper()
	s := newSite(t, newPlace(t), addr, settings...)
	s.starts()
	return s
}

// newSite is one that has not started yet.
func newSite(t testing.TB, place, addr string, settings ...string) *site {
	t.Helper()
	s := &site{t: t, addr: addr, place: place, args: append([]string{"--limits", "off"}, settings...), out: &output{}}
	t.Cleanup(func() {
		if s.run != nil {
			s.stops()
		}
		if t.Failed() {
			t.Logf("the program said at its end:\n%s", s.out.tail())
		}
	})
	return s
}

// openSite starts the program and sets it up: root runs it, General is its first room, and anybody may register.
func openSite(t testing.TB) *site {
	t.Helper()
	s := startSite(t)
	s.isSetUp()
	return s
}

// openSiteBehind is openSite for people who reach it through a line, under a host name that leads there.
func openSiteBehind(t testing.TB, l *line, host string) *site {
	t.Helper()
	s := startSiteAt(t, l.to, "--public-url", "http://"+net.JoinHostPort(host, l.port()))
	s.isSetUp()
	return s
}

func (s *site) isSetUp() {
	s.t.Helper()
	link := s.setupLink()
	s.client("root").submits(link, link, "community", "The Pub", "username", "root", "password", password, "registration", "open")
}

// starts runs the program and waits until it takes requests.
func (s *site) starts() {
	s.t.Helper()
	_, err := shared.binary() // building it is no part of a start
	must(s.t, err)
	began := time.Now()
	s.launches()
	s.isThere()
	s.slowest = max(s.slowest, time.Since(began))
}

// isThere waits until it takes requests.
func (s *site) isThere() {
	s.t.Helper()
	url := s.out.match(s.t, regexp.MustCompile(`(https?://[^\s/]+)`))
	if s.URL == "" { // and keeps it: others read it while the program comes and goes
		s.URL = url
	}
	if strings.HasSuffix(s.addr, ":0") {
		s.addr = strings.TrimPrefix(s.URL, "http://") // the next time too
	}
	eventually(s.t, "the site is ready", func() bool { return s.answers("/readyz") == http.StatusOK })
}

// launches runs the program and does not wait.
func (s *site) launches() {
	s.t.Helper()
	binary, err := shared.binary()
	must(s.t, err)
	s.out = &output{}
	run := exec.Command(binary, append([]string{"serve", "--addr", s.addr, keptAt(s.place)}, s.args...)...)
	run.Env = ownEnvironment()
	run.Stdout, run.Stderr = s.out, s.out
	must(s.t, run.Start())
	ends := make(chan error, 1)
	go func() { ends <- run.Wait() }()
	s.run, s.ends = run, ends
}

// ownEnvironment is ours without settings that somebody made for a program of their own.
func ownEnvironment() []string {
	var kept []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "CHINWAG_") {
			kept = append(kept, v)
		}
	}
	return kept
}

// answers is the status that a path is answered with now; 0 is no answer.
func (s *site) answers(path string) int {
	res, err := http.Get("http://" + s.addr + path)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	return res.StatusCode
}

// setupLink is what the program prints until somebody has set it up.
func (s *site) setupLink() string {
	s.t.Helper()
	return s.out.match(s.t, regexp.MustCompile(`https?://\S+(/setup\?token=\S+)`))
}

// stops ends the program as a machine that shuts down does, and holds what it said in its life against what may be said.
func (s *site) stops() {
	s.t.Helper()
	must(s.t, s.run.Process.Signal(syscall.SIGTERM))
	if err := s.ended(); err != nil {
		s.t.Errorf("the program did not end well: %v", err)
	}
	s.isClean()
}

// isKilled ends the program as a power cut does.
func (s *site) isKilled() {
	s.t.Helper()
	must(s.t, s.run.Process.Kill())
	var exit *exec.ExitError
	if err := s.ended(); !errors.As(err, &exit) {
		s.t.Errorf("the program was killed and says %v", err)
	}
	s.isClean()
}

// isClean holds what the program said in its life against what may be said.
func (s *site) isClean() {
	s.t.Helper()
	if s.hurt {
		s.out.isWhole(s.t)
		return
	}
	s.out.isClean(s.t)
}

func (s *site) ended() error {
	s.t.Helper()
	defer func() { s.run = nil }()
	select {
	case err := <-s.ends:
		return err
	case <-time.After(patience):
		s.t.Fatal("the program does not end")
		return nil
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits until something holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	late := time.After(patience)
	for !holds() {
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("never so: %s", what)
		}
	}
}
