package e2e

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// watch keeps what Chromium says of a page by itself: what goes wrong, where the page asks, and its sockets.
type watch struct {
	host string // the only one that a page may ask

	mu       sync.Mutex
	faults   []string
	expected []string // parts of faults that the test brings about
	asked    []string // addresses of all requests, in order
	sockets  map[network.RequestID]bool
	joined   []string // addresses of all sockets, in order
}

// Bindings that our own scripts, and those of hostile texts, report by.
const (
	violated = "violated" // the page broke its content security policy
	pwned    = "pwned"    // a script ran that somebody wrote into a text
)

// reportViolations runs before a page's own scripts.
const reportViolations = `document.addEventListener('securitypolicyviolation', e => violated(e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample))`

func newWatch(host string) *watch {
	return &watch{host: host, sockets: map[network.RequestID]bool{}}
}

// event takes in what Chromium says. It runs in chromedp's reader, so it only notes.
func (w *watch) event(ev any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch ev := ev.(type) {
	case *log.EventEntryAdded:
		if level := ev.Entry.Level; level == log.EntryLevelError || level == log.EntryLevelWarning {
			w.fault("console: %s (%s)", ev.Entry.Text, ev.Entry.URL)
		}
	case *runtime.EventConsoleAPICalled:
		if ev.Type == runtime.ConsoleAPICalledTypeError || ev.Type == runtime.ConsoleAPICalledTypeWarning {
			w.fault("console: %s", words(ev.Args))
		}
	case *runtime.EventExceptionThrown:
		w.fault("exception: %s", ev.ExceptionDetails.Text+" "+words([]*runtime.RemoteObject{ev.ExceptionDetails.Exception}))
	case *runtime.EventBindingCalled:
		w.fault("%s: %s", ev.Name, ev.Payload)
	case *page.EventJavascriptDialogOpening:
		w.fault("dialog: %s", ev.Message)
	case *network.EventRequestWillBeSent:
		w.asks(ev.Request.URL)
	case *network.EventWebSocketCreated:
		w.asks(ev.URL)
		w.joined = append(w.joined, ev.URL)
	case *network.EventWebSocketHandshakeResponseReceived:
		w.sockets[ev.RequestID] = true
	case *network.EventWebSocketClosed:
		delete(w.sockets, ev.RequestID)
	case *page.EventFrameNavigated:
		clear(w.sockets) // a page that goes into the cache does not tell how its socket ends
	}
}

func words(values []*runtime.RemoteObject) string {
	var all []string
	for _, v := range values {
		if v != nil {
			all = append(all, string(v.Value)+v.Description)
		}
	}
	return strings.Join(all, " ")
}

func (w *watch) fault(format string, args ...any) {
	w.faults = append(w.faults, fmt.Sprintf(format, args...))
}

func (w *watch) asks(address string) {
	u, err := url.Parse(address)
	if err == nil && u.Scheme == "data" {
		return // is in the page already
	}
	w.asked = append(w.asked, address)
	if err != nil || u.Host != w.host {
		w.fault("request to another host: %s", address)
	}
}

// expects lets faults pass that the test brings about; each is known by some of its words.
func (w *watch) expects(words ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.expected = append(w.expected, words...)
}

// isClean fails the test at each fault that it did not expect.
func (w *watch) isClean(t testing.TB, who string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, fault := range w.faults {
		if !slices.ContainsFunc(w.expected, func(words string) bool { return strings.Contains(fault, words) }) {
			t.Errorf("%s: %s", who, fault)
		}
	}
}

// liveSockets is how many sockets the page has open.
func (w *watch) liveSockets() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.sockets)
}

// socketsEver is how many sockets the tab has opened so far.
func (w *watch) socketsEver() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.joined)
}

// requests are the addresses that the page asked since a number of them.
func (w *watch) requests(since int) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.asked[since:])
}

// lastSocket is the address that the page's newest socket was opened with.
func (w *watch) lastSocket() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.joined) == 0 {
		return ""
	}
	return w.joined[len(w.joined)-1]
}
