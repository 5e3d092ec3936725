package static_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// patience is how long a condition may take on a slow machine before the test fails.
const patience = 20 * time.Second

// startBrowser starts a Chromium for a test; each case opens its own tabs in it.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return ctx
}

// tab is one page of the browser. At the end of the case its console has to be empty, but for what the case expects.
type tab struct {
	t        *testing.T
	ctx      context.Context
	mu       sync.Mutex
	messages []string
	end      chan struct{}
}

const endOfConsole = "end of the console"

func openTab(t *testing.T, browser context.Context) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	p := &tab{t: t, ctx: ctx, end: make(chan struct{})}
	console := chromedp.Console(ctx)
	go func() {
		defer close(p.end)
		for message, err := range console {
			if err != nil || message.Text == endOfConsole {
				return
			}
			p.mu.Lock()
			p.messages = append(p.messages, message.String())
			p.mu.Unlock()
		}
	}()
	return p
}

// quiet ends the tab's case: nothing may stand in the console but lines that contain one of the expected words.
func (p *tab) quiet(expected ...string) {
	p.t.Helper()
	p.run("console.debug('" + endOfConsole + "')")
	select {
	case <-p.end:
	case <-time.After(patience):
		p.t.Fatal("the console did not end")
	}
lines:
	for _, line := range p.messages {
		for _, word := range expected {
			if strings.Contains(line, word) {
				continue lines
			}
		}
		p.t.Errorf("console: %s", line)
	}
}

func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// atStart runs a script before those of every page that the tab opens from now on.
func (p *tab) atStart(script string) {
	p.t.Helper()
	params := page.AddScriptToEvaluateOnNewDocumentParams{Source: script}
	if _, err := chromedp.Call(p.ctx, page.AddScriptToEvaluateOnNewDocument, params); err != nil {
		p.t.Fatal(err)
	}
}

func (p *tab) run(script string) {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](script))
}

// is fails the test when the page does not think so now.
func (p *tab) is(condition string) {
	p.t.Helper()
	ok, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](condition))
	if err != nil {
		p.t.Fatalf("%s: %v", condition, err)
	}
	if !ok {
		p.t.Fatalf("not so: %s\nwith %s", condition, p.state())
	}
}

// until waits for a condition, through navigations if need be.
func (p *tab) until(condition string) {
	p.t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	late := time.After(patience)
	for {
		// While the page navigates there is nothing to ask, and that is no error.
		if ok, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](condition)); err == nil && ok {
			return
		}
		select {
		case <-again.C:
		case <-late:
			p.t.Fatalf("never so: %s\nwith %s", condition, p.state())
		}
	}
}

// state describes the page for a failure: what can be read off it at a glance, without the middle of the log.
func (p *tab) state() string {
	const script = `JSON.stringify({
		address: location.href, box: document.getElementById('body')?.value, focus: document.activeElement.id, line: document.getElementById('line')?.outerHTML,
		error: document.getElementById('body-error')?.textContent, rev: document.getElementById('log')?.dataset.rev,
		jump: document.getElementById('newest')?.outerHTML, top: document.getElementById('scroll')?.scrollTop,
		rows: [...document.querySelectorAll('.m')].map(row => row.id).join(' ')}, null, 1)`
	state, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](script))
	if err != nil {
		return err.Error()
	}
	return state
}
