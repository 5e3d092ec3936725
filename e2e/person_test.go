package e2e

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/google/go-cmp/cmp"
)

// person is somebody in front of Chromium.
type person struct {
	*tab
	site   *site
	name   string
	script bool // JavaScript is on
}

// visitor opens a browser that has never been here.
func (s *site) visitor(name string) *person {
	s.t.Helper()
	browser, err := shared.browser()
	must(s.t, err)
	return s.opensTab(browser, name)
}

// visitorWithoutScript is one who has switched JavaScript off.
func (s *site) visitorWithoutScript(name string) *person {
	s.t.Helper()
	p := s.visitor(name)
	p.script = false
	call(p.tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	return p
}

// person is a visitor who has got an account.
func (s *site) person(name string) *person {
	s.t.Helper()
	p := s.visitor(name)
	p.registers()
	return p
}

func (s *site) opensTab(from context.Context, name string) *person {
	s.t.Helper()
	public, err := url.Parse(s.URL)
	must(s.t, err)
	return &person{tab: openTab(s.t, from, public.Host, name), site: s, name: name, script: true}
}

// opensTab opens another tab beside this one.
func (p *person) opensTab(path string) *person {
	p.t.Helper()
	other := p.site.opensTab(p.ctx, p.name+"'s other tab")
	other.goesTo(path)
	return other
}

func (p *person) goesTo(path string) {
	p.t.Helper()
	p.opens(p.site.URL + path)
}

// follows presses a link.
func (p *person) follows(selector string) {
	p.t.Helper()
	p.leads(func() { p.presses(selector) })
}

func (p *person) reloads()     { p.t.Helper(); p.leads(func() { p.run(`location.reload()`) }) }
func (p *person) goesBack()    { p.t.Helper(); p.leads(func() { p.travels(-1) }) }
func (p *person) goesForward() { p.t.Helper(); p.leads(func() { p.travels(1) }) }

// isAt holds which page this is, by the path of its address.
func (p *person) isAt(path string) {
	p.t.Helper()
	if at := ask[string](p.tab, `location.pathname`); at != path {
		p.t.Fatalf("%s is at %s, not at %s\nwith %s", p.name, at, path, p.state())
	}
}

// submits fills in the form with this action by the names of its fields, and sends it.
func (p *person) submits(action string, fields ...string) {
	p.t.Helper()
	form := `form[action="` + action + `"]`
	p.unfolds(form)
	for i := 0; i+1 < len(fields); i += 2 {
		p.fills(form, fields[i], fields[i+1])
	}
	p.follows(form + ` button:not([type=button])`)
}

// unfolds opens what an element is folded away in.
func (p *person) unfolds(selector string) {
	p.t.Helper()
	if ask[bool](p.tab, js(`!!document.querySelector(%s)?.closest('details:not([open])')`, selector)) {
		p.presses(`details:not([open]):has(` + selector + `) > summary`)
	}
}

func (p *person) fills(form, name, value string) {
	p.t.Helper()
	field := form + ` [name="` + name + `"]`
	if radio := field + `[value="` + value + `"]`; ask[bool](p.tab, js(`document.querySelector(%s)?.type === 'radio'`, radio)) {
		p.presses(radio)
		return
	}
	if ask[bool](p.tab, js(`document.querySelector(%s)?.matches("select")`, field)) {
		p.run(js(`document.querySelector(%s).value = %s`, field, value))
		p.is(js(`document.querySelector(%s).value === %s`, field, value))
		return
	}
	p.run(js(`document.querySelector(%s).select()`, field))
	p.types(field, value)
}

// setsUp names the community and becomes its administrator.
func (p *person) setsUp(community, registration string) {
	p.t.Helper()
	link := p.site.setupLink()
	p.goesTo(link)
	p.submits(link, "community", community, "username", p.name, "password", password, "registration", registration)
}

func (p *person) registers() {
	p.t.Helper()
	p.goesTo("/register")
	p.submits("/register", "username", p.name, "password", password)
}

func (p *person) signsIn() {
	p.t.Helper()
	p.goesTo("/login")
	p.submits("/login", "username", p.name, "password", password)
}

// makesRoom gives the path of the new room.
func (p *person) makesRoom(name, kind string) string {
	p.t.Helper()
	p.goesTo("/rooms/new")
	p.submits("/rooms", "name", name, "kind", kind)
	return ask[string](p.tab, `location.pathname`)
}

func (p *person) joins(room string) {
	p.t.Helper()
	p.goesTo(room)
	p.submits(room + "/join")
}

// isLive waits until the page has its socket.
func (p *person) isLive() {
	p.t.Helper()
	eventually(p.t, p.name+" is live", func() bool { return p.liveSockets() == 1 })
}

// says sends a message and waits until it is accepted.
func (p *person) says(text string) {
	p.t.Helper()
	p.types("#body", text)
	if !p.script {
		p.follows("#composer button")
		return
	}
	const key = `document.querySelector('#composer [name=key]').value`
	before := ask[string](p.tab, key)
	p.hits(enter)
	p.until(js(key+` !== %s && document.getElementById('body').value === ''`, before))
}

// texts reads the messages from top to bottom, each on one line.
const texts = `[...document.querySelectorAll('.m .text')].map(e => e.innerText.replace(/\s+/g, ' ').trim())`

// sees waits until messages with these texts are there.
func (p *person) sees(messages ...string) {
	p.t.Helper()
	missing := js(`%s.filter(m => !`+texts+`.includes(m))`, messages)
	p.until(missing + `.length === 0`)
}

// seesOnly holds that the messages are exactly these, in this order.
func (p *person) seesOnly(messages ...string) {
	p.t.Helper()
	p.sees(messages...)
	if diff := cmp.Diff(messages, ask[[]string](p.tab, texts)); diff != "" {
		p.t.Errorf("%s sees other messages (-want +got):\n%s", p.name, diff)
	}
	p.hasEachIDOnce()
}

// hasEachIDOnce holds that no two elements of the page have one id.
func (p *person) hasEachIDOnce() {
	p.t.Helper()
	ids := ask[[]string](p.tab, `[...document.querySelectorAll('[id]')].map(e => e.id)`)
	slices.Sort(ids)
	if len(slices.Compact(slices.Clone(ids))) != len(ids) {
		p.t.Errorf("%s: an id stands twice: %s", p.name, strings.Join(ids, " "))
	}
}

// screen is all that a person sees of the messages, and all that the page knows of them.
func (p *person) screen() []string {
	p.t.Helper()
	return ask[[]string](p.tab, `[...document.querySelectorAll('.m')].map(row =>
		[row.id, row.className, row.dataset.by, row.dataset.rev, row.innerText.replace(/\s+/g, ' ')].join(' | '))`)
}

// seesWhatAReloadShows holds that a page that was live for a while shows what a fresh one does.
func (p *person) seesWhatAReloadShows() {
	p.t.Helper()
	live := p.screen()
	p.reloads()
	if diff := cmp.Diff(p.screen(), live); diff != "" {
		p.t.Errorf("%s: live, the page differs from a fresh one (-fresh +live):\n%s", p.name, diff)
	}
}

// numbered are the texts "message 1", "message 2" …
func numbered(from, to int) []string {
	var list []string
	for i := from; i <= to; i++ {
		list = append(list, "message "+number(i))
	}
	return list
}

func number(n int) string { return strconv.Itoa(n) }
