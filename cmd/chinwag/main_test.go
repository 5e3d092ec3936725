package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// The settings of whoever runs the tests are not those of the tests. As the program itself, this binary does what its
// arguments say.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	if size := os.Getenv(smallDisk); size != "" {
		limitFiles(size)
		main()
	}
	for _, setting := range os.Environ() {
		if name, _, _ := strings.Cut(setting, "="); strings.HasPrefix(name, "CHINWAG_") {
			_ = os.Unsetenv(name)
		}
	}
	os.Exit(m.Run())
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// screen is what a command has printed so far.
type screen struct {
	mu      sync.Mutex
	text    strings.Builder
	printed chan struct{} // something came since somebody last looked
}

func newScreen() *screen { return &screen{printed: make(chan struct{}, 1)} }

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.printed <- struct{}{}:
	default:
	}
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// ran is how a command ended.
type ran struct {
	code           int
	stdout, stderr string
}

// typed runs a command line to its end, with what is typed when it asks.
func typed(t *testing.T, stdin string, args ...string) ran {
	t.Helper()
	out, err := newScreen(), newScreen()
	code := run(process{t.Context(), strings.NewReader(stdin), out, err}, args)
	return ran{code, out.String(), err.String()}
}

// says checks an exit code and that the last line of stderr has these words.
func (r ran) says(t *testing.T, code int, words ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d", r.code, code)
	}
	lines := strings.Split(strings.TrimSpace(r.stderr), "\n")
	last := lines[len(lines)-1]
	for _, word := range words {
		if !strings.Contains(last, word) {
			t.Errorf("%q does not say %q", last, word)
		}
	}
	if len(words) > 0 && !strings.Contains(last, "chinwag: ") {
		t.Errorf("%q does not say who says it", last)
	}
	if strings.Contains(r.stderr, "goroutine ") {
		t.Errorf("a crash:\n%s", r.stderr)
	}
}

// server is a serve command on a free port.
type server struct {
	url   string
	out   *screen
	stop  func() ran // tells it to stop, and waits
	ended chan struct{}
}

// serve starts a server and waits until it answers.
func serve(t *testing.T, data string, args ...string) *server {
	t.Helper()
	return starts(t, run, data, args...)
}

// starts starts a server in some way and waits until it answers.
func starts(t *testing.T, run func(process, []string) int, data string, args ...string) *server {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &server{out: newScreen(), ended: make(chan struct{})}
	stderr, code := newScreen(), 0
	go func() {
		defer close(s.ended)
		code = run(process{ctx, strings.NewReader(""), s.out, stderr},
			append([]string{"serve", "--addr=127.0.0.1:0", "--data=" + data}, args...))
	}()
	s.stop = func() ran {
		cancel()
		<-s.ended
		return ran{code, s.out.String(), stderr.String()}
	}
	t.Cleanup(func() { s.stop() })
	at := regexp.MustCompile(`(?m)^Chinwag is at (http\S+)$`)
	for s.url == "" {
		select {
		case <-s.out.printed:
		case <-s.ended:
			t.Fatalf("it did not start: %s", stderr)
		}
		if found := at.FindStringSubmatch(s.out.String()); found != nil {
			s.url = found[1]
		}
	}
	if code, _ := get(t, s.url+"/healthz"); code != http.StatusOK {
		t.Fatalf("healthz answers %d", code)
	}
	return s
}

// setup is the printed link, if there is one.
func (s *server) setup() string {
	_, link, _ := strings.Cut(s.out.String(), "Set it up at  ")
	return strings.TrimSpace(link)
}

func get(t *testing.T, url string) (code int, body string) {
	t.Helper()
	response, err := http.Get(url)
	must(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	must(t, err)
	return response.StatusCode, string(content)
}

func TestVersion(t *testing.T) {
	t.Parallel()
	got := typed(t, "", "version")
	if !regexp.MustCompile(`^chinwag \S+ \(go1\.\S+\)\n$`).MatchString(got.stdout) || got.code != 0 || got.stderr != "" {
		t.Errorf("%+v", got)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--help"}, {"-h"}, {"serve", "--help"}, {"user", "--help"}, {"user", "add", "--help"}, {"user", "reset", "--help"}, {"doctor", "--help"}, {"move", "--help"}, {"loadtest", "--help"}, {"loadtest", "suite", "--help"}} {
		got := typed(t, "", args...)
		if got.code != 0 || got.stderr != "" || !strings.HasPrefix(got.stdout, "Usage: chinwag") {
			t.Errorf("%v: %+v", args, got)
		}
	}
	got := typed(t, "", "--help").stdout
	for _, command := range []string{"serve", "user add", "user reset", "doctor", "move", "loadtest suite", "loadtest load", "loadtest seed", "version"} {
		if !strings.Contains(got, "\n  "+command+" ") {
			t.Errorf("no word of %s:\n%s", command, got)
		}
	}
}

// The help of a command has every setting with the name of its variable and its default.
func TestHelpHasEverySetting(t *testing.T) {
	t.Parallel()
	for command, settings := range map[string]any{"serve": serveSettings{}, "doctor": serveSettings{}, "user add": dataSettings{}, "user reset": dataSettings{}, "loadtest seed": dataSettings{}} {
		help := strings.Join(strings.Fields(typed(t, "", append(strings.Fields(command), "--help")...).stdout), " ")
		n := 0
		for _, field := range reflect.VisibleFields(reflect.TypeOf(settings)) {
			if field.Anonymous {
				continue
			}
			n++
			env, ok := field.Tag.Lookup("env")
			if !ok || !strings.HasPrefix(env, "CHINWAG_") {
				t.Errorf("%s has no variable", field.Name)
			}
			flag := "--" + strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(env, "CHINWAG_"), "_", "-")) + "="
			if value := field.Tag.Get("default"); value != "" {
				flag += `"` + value + `"`
			}
			words := strings.TrimSuffix(field.Tag.Get("help"), ".")
			for _, want := range []string{flag, "$" + env, words} {
				if want == "" || !strings.Contains(help, want) {
					t.Errorf("%s --help does not say %q:\n%s", command, want, help)
				}
			}
		}
		if n == 0 {
			t.Errorf("%s has no settings", command)
		}
	}
}

func TestServeStopsWhenTold(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	if code, _ := get(t, s.url+"/readyz"); code != http.StatusOK {
		t.Errorf("readyz answers %d", code)
	}
	s.stop().says(t, 0)
	if response, err := http.Get(s.url + "/healthz"); err == nil {
		t.Error("still there", response.Body.Close())
	}
}

func TestSecondServerIsRefused(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	first := serve(t, data)
	typed(t, "", "serve", "--addr=127.0.0.1:0", "--data="+data).says(t, 1, "another Chinwag server already uses", data)
	if code, _ := get(t, first.url+"/readyz"); code != http.StatusOK {
		t.Errorf("the first one answers %d", code)
	}
	first.stop().says(t, 0)
	serve(t, data).stop().says(t, 0)
}

// A server that must not run leaves everything as it is.
func TestRefusedServerTouchesNothing(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	unlock, err := lock(data)
	must(t, err)
	defer unlock()
	typed(t, "", "serve", "--addr=127.0.0.1:0", "--data="+data).says(t, 1, "another Chinwag server already uses")
	files, err := os.ReadDir(data)
	must(t, err)
	for _, file := range files {
		if file.Name() != "lock" {
			t.Errorf("it made %s", file.Name())
		}
	}
}

func TestAddressInUse(t *testing.T) {
	t.Parallel()
	first := serve(t, t.TempDir())
	addr := strings.TrimPrefix(first.url, "http://")
	typed(t, "", "serve", "--addr="+addr, "--data="+t.TempDir()).says(t, 1, "--addr: cannot listen on "+addr, "address already in use")
}
