package e2e

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// TestOlderMessages reads a room of 150 messages from its end to its beginning by scrolling, and finds its way back.
func TestOlderMessages(t *testing.T) {
	site := openSite(t)
	bob := site.member("bob")
	room := bob.makesRoom("Music", "public", "")
	bob.says(room, numbered(1, 150)...)
	ada := site.person("ada")
	ada.joins(room)
	ada.isLive()
	ada.seesOnly(numbered(101, 150)...)
	ada.is(inSight("m150"))

	ada.scrollsToOlder("m101", "m51")
	ada.seesOnly(numbered(51, 150)...)
	ada.scrollsToOlder("m51", "m1")
	ada.seesOnly(numbered(1, 150)...)
	ada.is(`!document.getElementById('older-link')`)
	// One author, within five minutes: one name and one day stand above them all, although they came in three parts.
	ada.is(`document.querySelectorAll('.m .by').length === 1 && document.querySelectorAll('.m .day').length === 1`)
	ada.is(`document.querySelectorAll('.m:not(.c)').length === 1`)

	// What arrives while one reads above is counted, moves nothing, and is one press away.
	ada.looksAt("m75")
	before := ada.heightOf("m75")
	bob.says(room, "message 151")
	ada.until(`document.getElementById('newest').checkVisibility() && document.getElementById('newest').textContent.includes('1')`)
	bob.says(room, "message 152")
	ada.until(`document.getElementById('newest').textContent.includes('2')`)
	ada.stands("m75", before)
	ada.presses("#newest")
	ada.until(inSight("m152") + ` && !document.getElementById('newest').checkVisibility()`)
	ada.isAt(room)
	ada.seesOnly(numbered(1, 152)...)
}

// TestPermalink opens the middle of a room, and leaves it for its end.
func TestPermalink(t *testing.T) {
	site := openSite(t)
	bob := site.member("bob")
	room := bob.makesRoom("Music", "public", "")
	bob.says(room, numbered(1, 120)...)
	ada := site.person("ada")
	ada.joins(room)
	ada.isLive()

	ada.looksAt("m90")
	ada.follows("#m90 a.at")
	ada.isAt(room + "/90")
	ada.until(inSight("m90"))
	ada.is(`getComputedStyle(document.getElementById('m90')).backgroundColor !== getComputedStyle(document.getElementById('m89')).backgroundColor`)

	ada.goesTo(room + "/40")
	ada.until(inSight("m40"))
	ada.is(`!document.getElementById('tail')`)
	seen := ask[[]string](ada.tab, texts)
	first, last := 0, 0
	scan(t, seen[0], &first)
	scan(t, seen[len(seen)-1], &last)
	ada.seesOnly(numbered(first, last)...)
	if first >= 40 || last <= 40 || last >= 120 {
		t.Fatalf("the page around message 40 goes from %d to %d", first, last)
	}
	bob.says(room, "message 121")
	ada.seesOnly(numbered(first, last)...) // not at its end
	ada.follows("#newest")
	ada.isAt(room)
	ada.isLive()
	ada.seesOnly(numbered(72, 121)...)
	ada.is(inSight("m121"))
	ada.says("message 122")
	ada.until(inSight("m122"))
}

func scan(t testing.TB, text string, number *int) {
	t.Helper()
	_, err := fmt.Sscanf(strings.TrimPrefix(text, "message "), "%d", number)
	must(t, err)
}

// inSight says whether a message stands in the visible part of the log.
func inSight(id string) string {
	return js(`((row, log) => !!row && row.top >= log.top - 1 && row.bottom <= log.bottom + 1)(document.getElementById(%s)?.getBoundingClientRect(), `+
		`document.getElementById('scroll').getBoundingClientRect())`, id)
}

// looksAt brings a message into the middle of the log.
func (p *person) looksAt(id string) {
	p.t.Helper()
	p.run(js(`document.getElementById(%s).scrollIntoView({block: 'center'})`, id))
	p.until(inSight(id))
}

// heightOf is where the text of a message stands on the screen, in pixels from above.
func (p *person) heightOf(id string) float64 {
	p.t.Helper()
	return ask[float64](p.tab, heightOf(id))
}

func heightOf(id string) string {
	return js(`document.querySelector('#' + %s + ' .text').getBoundingClientRect().top`, id)
}

// stands holds that a message is where it was; browsers scroll by whole pixels, lines of text are higher by a fraction.
func (p *person) stands(id string, was float64) {
	p.t.Helper()
	if now := p.heightOf(id); math.Abs(now-was) > 1 {
		p.t.Errorf("%s: what is read moved from %v to %v", id, was, now)
	}
}

// scrollsToOlder scrolls up until there is nothing more, waits until older messages have come, and holds that what stood on
// the screen stands there still.
func (p *person) scrollsToOlder(first, older string) {
	p.t.Helper()
	was := ask[float64](p.tab, `document.getElementById('scroll').scrollTop = -1e6, `+heightOf(first))
	p.is(inSight(first))
	p.until(js(`!!document.getElementById(%s)`, older))
	p.stands(first, was)
}
