package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is one page of the browser. At the end of its test it has to be without faults.
type tab struct {
	t   testing.TB
	ctx context.Context
	*watch
	steps int // how many pages were left
}

// openTab opens a tab, in the browser context of another one or, from the browser itself, in a new one.
func openTab(t testing.TB, from context.Context, host, who string) *tab {
	t.Helper()
	var options []chromedp.ContextOption
	if chromedp.FromContext(from).BrowserContextID == "" {
		options = append(options, chromedp.WithNewBrowserContext())
	}
	ctx, leave := chromedp.NewContext(from, options...)
	p := &tab{t: t, ctx: ctx, watch: newWatch(host)}
	must(t, chromedp.Listen(ctx, p.event))
	t.Cleanup(func() {
		p.run(`0`) // what happened before has been told by now
		p.isClean(t, who)
		leave()
	})
	call(p, runtime.AddBinding, runtime.AddBindingParams{Name: violated})
	call(p, runtime.AddBinding, runtime.AddBindingParams{Name: pwned})
	call(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: reportViolations})
	call(p, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	return p
}

// call sends a command of the DevTools protocol.
func call[P, R any](p *tab, command cdp.Command[P, R], params P) R {
	p.t.Helper()
	result, err := chromedp.Call(p.ctx, command, params)
	must(p.t, err)
	return result
}

// js puts values into a script, each as JSON in the place of a %s.
func js(script string, values ...any) string {
	list := make([]any, len(values))
	for i, v := range values {
		text, err := json.Marshal(v)
		if err != nil {
			panic(err) // a test's own value
		}
		list[i] = text
	}
	return fmt.Sprintf(script, list...)
}

// ask reads a value off the page.
func ask[T any](p *tab, script string) T {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](script))
	if err != nil {
		p.t.Fatalf("%s: %v", script, err)
	}
	return value
}

func (p *tab) run(script string) {
	p.t.Helper()
	must(p.t, chromedp.Do(p.ctx, chromedp.Evaluate[chromedp.Void](script)))
}

// is fails the test when the page does not think so now.
func (p *tab) is(condition string) {
	p.t.Helper()
	if !ask[bool](p, condition) {
		p.t.Fatalf("not so: %s\nwith %s", condition, p.state())
	}
}

// until waits until the page thinks so, through navigations if need be.
func (p *tab) until(condition string) {
	p.t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	late := time.After(patience)
	for {
		// While the page navigates there is nobody to ask, and that is no error.
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

// state describes the page for a failure.
func (p *tab) state() string {
	const script = `JSON.stringify({address: location.href, title: document.title, focus: document.activeElement?.id,
		box: document.getElementById('body')?.value, alerts: [...document.querySelectorAll('[role=alert], #line')].map(e => e.textContent),
		rows: [...document.querySelectorAll('.m')].map(row => row.id + ' ' + row.querySelector('.text').textContent.slice(0, 40)).slice(-10)}, null, 1)`
	state, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](script))
	if err != nil {
		return err.Error()
	}
	return state
}

// leads does what leads to another page and waits until that is there. A page that comes back from the cache is another one.
func (p *tab) leads(do func()) {
	p.t.Helper()
	p.steps++
	p.run(js(`window.step = %s`, p.steps))
	do()
	p.until(js(`window.step !== %s && document.readyState === 'complete'`, p.steps))
}

// opens goes to an address.
func (p *tab) opens(address string) {
	p.t.Helper()
	p.leads(func() { call(p, page.Navigate, page.NavigateParams{URL: address}) })
}

// presses clicks on an element, where a person sees it.
func (p *tab) presses(selector string) {
	p.t.Helper()
	const find = `(() => {
		const element = document.querySelector(%s), visible = element?.checkVisibility();
		if (!visible) return [];
		element.scrollIntoView({block: 'nearest'});
		const {left, top, width, height} = element.getBoundingClientRect(), x = left + width / 2, y = top + height / 2;
		return element.contains(document.elementFromPoint(x, y)) ? [x, y] : [];
	})()`
	place := ask[[]float64](p, js(find, selector))
	if len(place) == 0 {
		p.t.Fatalf("%s cannot be pressed\nwith %s", selector, p.state())
	}
	must(p.t, chromedp.Do(p.ctx, chromedp.MouseClickXY(place[0], place[1])))
}

// types puts the cursor into a field and writes.
func (p *tab) types(selector, text string) {
	p.t.Helper()
	p.is(js(`(document.querySelector(%s)?.focus(), document.activeElement.matches(%[1]s))`, selector))
	p.typesHere(text)
}

// typesHere writes where the cursor is.
func (p *tab) typesHere(text string) {
	p.t.Helper()
	call(p, input.InsertText, input.InsertTextParams{Text: text})
}

// Names of keys, as UI Events has them.
const (
	enter     = "Enter"
	tabulator = "Tab"
)

// hits presses one of the keys that are no letters. Enter writes a new line, unless the page prevents it; in one event with
// the key itself, as a keyboard sends it.
func (p *tab) hits(key string) {
	p.t.Helper()
	event := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: key, Code: key}
	switch key {
	case enter:
		event.Text, event.WindowsVirtualKeyCode = "\r", 13
	case tabulator:
		event.WindowsVirtualKeyCode = 9
	case upArrow:
		event.WindowsVirtualKeyCode = 38
	}
	call(p, input.DispatchKeyEvent, event)
	event.Type, event.Text = input.DispatchKeyEventTypeKeyUp, ""
	call(p, input.DispatchKeyEvent, event)
}

// travels goes back or forward in the tab's history.
func (p *tab) travels(steps int64) {
	p.t.Helper()
	history := call(p, page.GetNavigationHistory, cdp.Empty{})
	entry := history.Entries[history.CurrentIndex+steps]
	call(p, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: entry.ID})
}
