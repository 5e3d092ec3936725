package loadtest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"chinwag/db"
)

// target is where browsers are played against.
type target struct {
	origin string // http://127.0.0.1:8080
	host   string // 127.0.0.1:8080
	pid    int    // 0: nothing is known of the process
}

func targetAt(origin string, pid int) target {
	return target{origin, strings.TrimPrefix(origin, "http://"), pid}
}

// server is our own server process.
type server struct {
	target
	command *exec.Cmd
	ended   chan struct{}
	result  error         // of the process, when it has ended
	start   time.Duration // until it was ready
	log     *complaints
}

// complaints is what a server says on its standard error: the beginning of it is printed, the rest only counted.
type complaints struct {
	out   io.Writer
	lines int
}

// printed is how many lines are enough to see what is wrong.
const printed = 5

func (c *complaints) Write(text []byte) (int, error) {
	for line := range bytes.Lines(text) {
		c.lines++
		if c.lines <= printed {
			_, _ = fmt.Fprintf(c.out, "  the server says: %s\n", bytes.TrimSpace(line)) // it is only to be read
		}
	}
	return len(text), nil
}

// last is said when the server has ended.
func (c *complaints) last() {
	if c.lines > printed {
		_, _ = fmt.Fprintf(c.out, "  the server said %d lines more\n", c.lines-printed)
	}
}

// anyPort lets the system choose.
const anyPort = "127.0.0.1:0"

// readyWithin is long enough for any start that is worth waiting for.
const readyWithin = time.Minute

// serve starts the server on a community and waits until it is ready.
func (l *lab) serve(ctx context.Context, place, addr string) (*server, error) {
	began := time.Now()
	s := &server{ended: make(chan struct{}), log: &complaints{out: l.Out}}
	s.command = exec.CommandContext(ctx, l.Program, "serve", "--addr="+addr, "--limits=off", "--log-level=error") //nolint:gosec // our own binary
	s.command.Env = append(withoutSettings(os.Environ()), l.settings(place)...)
	s.command.Stderr = s.log
	out, err := s.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	if err := s.command.Start(); err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	at := strings.Fields(line)
	if err != nil || len(at) == 0 {
		return nil, errors.Join(fmt.Errorf("the server said %q", line), err, s.command.Wait())
	}
	go func() {
		_, _ = io.Copy(io.Discard, lines)
		s.result = s.command.Wait()
		s.log.last()
		close(s.ended)
	}()
	s.target = targetAt(at[len(at)-1], s.command.Process.Pid)
	if err := s.ready(ctx); err != nil {
		return nil, errors.Join(err, s.kill())
	}
	s.start = time.Since(began)
	return s, nil
}

func (s *server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.origin+"/readyz", nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		if err := pause(ctx, time.Millisecond); err != nil {
			return fmt.Errorf("the server does not become ready: %w", err)
		}
	}
}

// stop tells the server to end, and waits.
func (s *server) stop() error {
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop the server: %w", err)
	}
	select {
	case <-s.ended:
		return s.result
	case <-time.After(readyWithin):
		return errors.Join(errors.New("the server does not stop"), s.kill())
	}
}

// kill ends the server as a power cut would.
func (s *server) kill() error {
	err := s.command.Process.Kill()
	<-s.ended
	return err
}

// settings say where a community is kept. They stand in the environment, which others may not look at, because there may be
// passwords in them; and all of them do, so that no configuration file leads the server to a community that is in use.
func (l *lab) settings(place string) []string {
	data, address, nats := place, "", ""
	if db.Shared(place) {
		data, address, nats = l.Dir, place, l.NATSURL
	}
	return []string{"CHINWAG_DATA=" + data, "CHINWAG_DATABASE_URL=" + address, "CHINWAG_NATS_URL=" + nats, "CHINWAG_PUBLIC_URL="}
}

// withoutSettings drops what would change how the server runs.
func withoutSettings(environment []string) []string {
	var list []string
	for _, variable := range environment {
		if !strings.HasPrefix(variable, "CHINWAG_") {
			list = append(list, variable)
		}
	}
	return list
}

// pause waits, unless the run is over.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
