package e2e

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// screenshots is where TestScreenshots leaves its pictures; empty: it only looks. make screenshots
var screenshots = flag.String("screenshots", "", "directory for pictures of the main pages")

// screen is a size that the main pages are looked at in.
type screen struct {
	name          string
	width, height int64
	mobile        bool
}

// screens are a small telephone and a small notebook.
func screens() []screen {
	return []screen{{"360x740", 360, 740, true}, {"1280x800", 1280, 800, false}}
}

// TestScreenshots looks at every main page, narrow and wide, light and dark: nothing is wider than the screen, nothing
// stands in the console.
func TestScreenshots(t *testing.T) {
	site := startSite(t)
	ada, eve := site.visitor("ada"), site.visitor("eve")
	ada.goesTo(site.setupLink())
	ada.looks("setup")
	ada.setsUp("The Old Ship Inn", "open")
	ada.looks("room-empty")

	eve.goesTo("/login")
	eve.looks("login")
	eve.expects("status of 422", "status of 404")
	eve.goesTo("/register")
	eve.submits("/register", "username", "a", "password", password, "display_name", "Eve")
	eve.looks("register-error")

	room := site.isLivedIn()
	ada.joins(room)
	ada.isLive()
	ada.looks("room")
	ada.goesTo(room + "/members")
	ada.looks("members")
	for _, s := range screens() { // it opens at its message, on any screen
		ada.turnsTo(s)
		ada.goesTo(room + "/12")
		ada.until(inSight("m12"))
		ada.looksOn(s, "permalink")
	}
	ada.goesTo("/rooms")
	ada.looks("rooms")
	ada.goesTo("/rooms/new")
	ada.looks("new-room")
	ada.makesRoom("Long words and code", "private")
	ada.isLive()
	for _, text := range wideTexts() {
		ada.says(text)
	}
	ada.looks("room-wide")
	ada.changesOwnWords()

	eve.registers()
	eve.goesTo(room)
	eve.isLive()
	eve.looks("room-guest")
	eve.goesTo("/rooms/4711")
	eve.looks("not-found")
}

// changesOwnWords looks at all there is to changing a message, as its author and as who keeps order, and at a session that
// ends meanwhile.
func (p *person) changesOwnWords() {
	p.t.Helper()
	room := ask[string](p.tab, `location.pathname`)
	for _, s := range screens() {
		p.turnsTo(s)
		p.goesTo(room + "/3")
		p.until(inSight("m3"))
		p.looksOn(s, "permalink-own")
	}
	p.goesTo(room)
	p.isLive()
	p.types("#body", "Half a thought")
	p.run(`document.querySelector('#m5 .at').focus()`)
	p.looksOn(screens()[1], "pen")
	p.presses("#m5 .pen")
	p.until(`!!document.querySelector('form.edit')`)
	p.looks("edit-in-place")
	p.goesTo(room + "/5/edit")
	p.looks("edit")
	p.submits(room+"/5/edit", "body", "Shorter now")
	p.goesTo(room + "/5/edit")
	p.submits(room+"/5/edit", "body", "Third thoughts, and longer again than the second ones were")
	p.goesTo(room + "/5/edit")
	p.looks("edit-versions")
	p.goesTo(room)
	p.isLive()
	p.looks("room-edited")
	p.expects("status of 401")
	other := p.opensTab("/rooms")
	other.submits("/logout")
	p.types("#body", "Written while the session ended elsewhere")
	p.leads(func() { p.run(`document.getElementById('composer').submit()`) }) // past the script
	p.looks("signed-out")
	p.submits("/login", "username", p.name, "password", password)
	p.isLive()
	p.sees("Written while the session ended elsewhere")
	other.goesTo("/rooms")
	other.submits("/logout")
	p.until(`!document.getElementById('line').hidden`)
	p.types("#body", "And once more")
	p.hits(enter)
	p.until(`!!document.querySelector('form.signin')`)
	p.looks("signed-out-in-place")
}

// isLivedIn fills the site with rooms and a conversation, and gives the room where it is held.
func (s *site) isLivedIn() string {
	s.t.Helper()
	grace, linus := s.client("grace"), s.client("linus")
	grace.submits("/register", "/register", "username", "grace", "password", password, "display_name", "Grace Hopper")
	linus.submits("/register", "/register", "username", "linus", "password", password, "display_name", "Linus Pauling")
	room := grace.makesRoom("Allotment", "public", "Seeds, slugs and who waters when")
	grace.makesRoom("An evening class on the history of lighthouses and other towers", "public", "")
	linus.makesRoom("Choir", "public", "Tuesdays at seven")
	linus.joins(room)
	for i, text := range conversationLines(s.t) {
		[]*client{grace, grace, linus, grace, linus}[i%5].says(room, text)
	}
	return room
}

// wideTexts are what likes to be wider than a screen.
func wideTexts() []string {
	return []string{
		strings.Repeat("Donaudampfschifffahrtsgesellschaft", 6),
		"https://chat.example.org/" + strings.Repeat("a-very-long-path/", 12),
		"```go\nfunc wide() string { return \"" + strings.Repeat("a line of code does not break ", 6) + "\" }\n```",
		"`" + strings.Repeat("inline_code_neither", 8) + "`",
		"> " + strings.Repeat("quoted", 30) + "\n\n1. one\n2. " + strings.Repeat("two", 60),
		strings.Repeat("漢字かな交じり文", 20),
		"مرحبا بالعالم، هذا نص من اليمين إلى اليسار.",
		strings.Repeat("🎉", 60),
	}
}

// looks checks the page at every size and in both colour schemes, and keeps a picture of each if asked to.
func (p *person) looks(name string) {
	p.t.Helper()
	for _, s := range screens() {
		p.turnsTo(s)
		p.looksOn(s, name)
	}
}

func (p *person) turnsTo(s screen) {
	p.t.Helper()
	call(p.tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: s.width, Height: s.height, DeviceScaleFactor: 1, Mobile: s.mobile,
	})
	p.until(js(`innerWidth === %s`, s.width))
}

func (p *person) looksOn(s screen, name string) {
	p.t.Helper()
	for _, scheme := range []string{"light", "dark"} {
		call(p.tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		p.until(js(`matchMedia('(prefers-color-scheme: ' + %s + ')').matches`, scheme))
		p.fits(name + " at " + s.name)
		p.keeps(name + "-" + s.name + "-" + scheme + ".png")
	}
}

// fits holds that nothing on the page is wider than the screen, and that no box cuts off what is in it, but for names that
// end in an ellipsis and code, which scrolls.
func (p *person) fits(what string) {
	p.t.Helper()
	wide := ask[[]string](p.tab, `[document.scrollingElement, ...document.querySelectorAll('#app, #pane, #scroll, #log, .sheet, #composer, .m, .text')]
		.filter(e => e.scrollWidth > Math.max(e.clientWidth, e === document.scrollingElement ? innerWidth : 0) && e.checkVisibility())
		.map(e => e.tagName + '#' + e.id + '.' + e.className + ' is ' + e.scrollWidth + ' wide in ' + e.clientWidth)`)
	for _, fault := range wide {
		p.t.Errorf("%s: %s", what, fault)
	}
}

func (p *person) keeps(name string) {
	p.t.Helper()
	if *screenshots == "" {
		return
	}
	picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	must(p.t, err)
	must(p.t, os.MkdirAll(*screenshots, 0o755))
	must(p.t, os.WriteFile(filepath.Join(*screenshots, name), picture, 0o644))
}
