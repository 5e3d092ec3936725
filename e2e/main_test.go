package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// shared is what every test of the package uses and nobody wants to make twice: the built program and one Chromium. Each is
// made when it is first asked for.
var shared *fixture

type fixture struct {
	dir     string
	binary  func() (string, error)          // path of the program
	browser func() (context.Context, error) // Chromium; each person has a browser context of their own in it
	quit    func()                          // ends Chromium, if it was started
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "chinwag-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	shared = &fixture{dir: dir, quit: func() {}}
	shared.binary = sync.OnceValues(shared.buildProgram)
	shared.browser = sync.OnceValues(shared.startChromium)
	code := m.Run()
	shared.close()
	os.Exit(code)
}

func (f *fixture) close() {
	f.quit()
	if err := os.RemoveAll(f.dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// buildProgram builds the binary the way the tests themselves were built: with the race detector or without.
func (f *fixture) buildProgram() (string, error) {
	path := filepath.Join(f.dir, "chinwag")
	args := []string{"build", "-tags", "sqlite_fts5", "-o", path}
	if raceDetector() {
		args = append(args, "-race")
	}
	build := exec.Command("go", append(args, "chinwag/cmd/chinwag")...)
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return path, nil
}

func raceDetector() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// plainHost is a name that leads to this machine and that Chromium does not take for it: an ordinary site without TLS.
const plainHost = "chat.test"

func (f *fixture) startChromium() (context.Context, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(filepath.Join(f.dir, "chromium")),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP "+plainHost+" 127.0.0.1"))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, leave := chromedp.NewContext(allocator)
	f.quit = func() {
		leave()
		stop()
	}
	if err := chromedp.Do(ctx); err != nil {
		return nil, fmt.Errorf("start Chromium: %w", err)
	}
	return ctx, nil
}
