package static_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// order is the numbers of the rows on the page, in the order of the page.
const order = `[...document.querySelectorAll('.m[id^=m]')].map(row => row.id.slice(1)).join(' ')`

// lastRows is a condition: the page ends with these rows.
func lastRows(numbers string) string { return order + `.endsWith(' ` + numbers + `')` }

const (
	atBottom = `document.getElementById('scroll').scrollTop === 0`
	jumpOn   = `!document.getElementById('newest').hidden`
	jumpOff  = `document.getElementById('newest').hidden`
	scrollUp = `document.getElementById('scroll').scrollTop = -900`
	// firstSeen is where the row stands that the reader sees first, in pixels from the top of the window.
	firstSeen = `document.getElementById('m20').getBoundingClientRect().top`
)

func TestLog(t *testing.T) {
	browser := startBrowser(t)
	for name, test := range map[string]func(*room, *tab){
		"append":              appendRows,
		"replay":              replayRows,
		"out of order":        placeRows,
		"change":              changeRow,
		"change of the first": changeFirstRow,
		"times":               showLocalTimes,
		"jump to newest":      jumpToNewest,
		"history":             countOnHistory,
		"older":               loadOlder,
		"older are late":      changeOlder,
		"late":                dropLate,
		"no scroll anchoring": keepViewWithoutAnchoring,
	} {
		t.Run(name, func(t *testing.T) {
			p := openTab(t, browser)
			test(startRoom(t), p)
			p.quiet()
		})
	}
}

func appendRows(r *room, p *tab) {
	s := r.open(p)
	p.run(`window.compared = 0; const compare = String.prototype.localeCompare;
		String.prototype.localeCompare = function (...other) { window.compared++; return compare.apply(this, other) }`)
	s.send(arrive(row(41)))
	s.send(arrive(row(42), row(43)))
	p.until(lastRows("40 41 42 43"))
	p.until(`document.getElementById('log').dataset.rev === '343'`)
	p.is(atBottom)
	p.is(jumpOff)
	p.is(`window.compared === 0`) // hx-upsert was not needed
	s.send(arrive(row(45)))
	s.send(arrive(row(44)))
	p.until(lastRows("43 44 45"))
	p.is(`window.compared > 0`)
}

func replayRows(r *room, p *tab) {
	s := r.open(p)
	s.send(arrive(row(41)))
	s.send(arrive(row(40), strings.Replace(row(41), "message 41", "again", 1), row(42)))
	p.until(lastRows("39 40 41 42"))
	p.is(`document.getElementById('m41').textContent.includes('again')`)
	p.is(`document.querySelectorAll('#m41').length === 1`)
	p.run(`document.getElementById('tail').append(document.createElement('li'))`) // a row that is no message
	s.send(arrive(row(42), row(43)))
	p.until(lastRows("40 41 42 43"))
}

func placeRows(r *room, p *tab) {
	s := r.open(p)
	s.send(arrive(row(43), row(45)))
	s.send(arrive(row(46), row(42), row(44)))
	s.send(arrive(row(41), row(47)))
	p.until(lastRows("39 40 41 42 43 44 45 46 47"))
}

func changeRow(r *room, p *tab) {
	s := r.open(p)
	changed := strings.NewReplacer("<li ", `<li hx-swap-oob="true" `, "message 39", "changed", "339", "341").Replace(row(39))
	unknown := strings.Replace(row(900), "<li ", `<li hx-swap-oob="true" `, 1)
	s.send(changed + unknown)
	p.until(`document.getElementById('m39').textContent.includes('changed')`)
	p.until(`document.getElementById('log').dataset.rev === '1200'`)
	p.is(lastRows("38 39 40"))
}

// changeFirstRow changes a row that begins its page with day and name, and continues a group for everybody else.
func changeFirstRow(r *room, p *tab) {
	s := r.open(p)
	const header = `<p class="day">22 November</p><span class="av">B</span><b class="by">Bob</b>`
	p.run(`const row = document.getElementById('m1'); row.innerHTML = '` + header + `' + row.innerHTML`)
	again := strings.NewReplacer(`class="m"`, `class="m c" hx-swap-oob="true"`, "message 1", "changed", "301", "341").Replace(row(1))
	s.send(again)
	p.until(`document.getElementById('m1').textContent.includes('changed')`)
	p.is(`document.getElementById('m1').outerHTML.startsWith('<li class="m" id="m1" data-by="7" data-rev="341">` + header + `<a class="at"')`)
	s.send(arrive(strings.NewReplacer(`class="m"`, `class="m c"`, "message 1", "twice", "301", "342").Replace(row(1))))
	p.until(`document.getElementById('m1').textContent.includes('twice')`)
	p.is(`document.querySelectorAll('#m1 .by, #m1 .day, #m1 .av').length === 3 && !document.querySelector('.c')`)
	s.send(strings.NewReplacer("changed", "thrice", "341", "343").Replace(again))
	p.until(`document.getElementById('m1').textContent.includes('thrice')`)
	p.run(`document.getElementById('older-link').click()`) // it continues what now stands above it
	p.until(`document.querySelectorAll('#older .m').length === 10`)
	p.is(`document.getElementById('m1').textContent.includes('thrice')`) // the answer was read before that
	p.is(`document.getElementById('m1').matches('.c') && !document.querySelector('#m1 .by')`)
}

func showLocalTimes(r *room, p *tab) {
	zone := emulation.SetTimezoneOverrideParams{TimezoneID: "Asia/Tokyo"}
	if _, err := chromedp.Call(p.ctx, emulation.SetTimezoneOverride, zone); err != nil {
		p.t.Fatal(err)
	}
	r.open(p).send(arrive(row(41)))
	p.until(lastRows("40 41"))
	p.is(`[...document.querySelectorAll('.at time')].every(time => time.textContent === '23:05')`)
}

func jumpToNewest(r *room, p *tab) {
	s := r.open(p)
	p.run(scrollUp)
	p.until(jumpOn)
	p.is(`document.getElementById('newest').textContent === 'Jump to newest'`)
	p.run(`window.seen = ` + firstSeen)
	s.send(arrive(row(41)))
	p.until(`document.getElementById('newest').textContent === '1 new message'`)
	s.send(arrive(row(41), row(42)))
	p.until(`document.getElementById('newest').textContent === '2 new messages'`)
	p.until(firstSeen + ` === window.seen`)
	p.do(chromedp.Click(chromedp.ID("newest")))
	p.until(atBottom)
	p.until(jumpOff)
	p.is(`window.seen !== undefined && document.activeElement.id === 'scroll'`)
	p.run(scrollUp)
	p.until(jumpOn)
	p.is(`document.getElementById('newest').textContent === 'Jump to newest'`)
}

func countOnHistory(r *room, p *tab) {
	p.do(chromedp.Navigate(r.url + "/history"))
	p.until(jumpOn)
	s := r.accept(340)
	s.send(arrive(row(41)))
	p.until(`document.getElementById('newest').textContent === '1 new message'`)
	s.send(arrive(row(41)))
	s.send(arrive(row(42)))
	p.until(`document.getElementById('newest').textContent === '2 new messages'`)
	p.is(lastRows("39 40"))
	p.is(`document.getElementById('log').dataset.rev === '342'`)
	p.do(chromedp.Click(chromedp.ID("newest")))
	p.until(`location.pathname === '/rooms/12' && !!document.getElementById('tail')`)
	r.accept(340)
}

// changeOlder changes a row while the page that has it is on its way, read before the change.
func changeOlder(r *room, p *tab) {
	r.slow.Store(true)
	s := r.open(p)
	p.run(`document.getElementById('older-link').click()`)
	late := r.received()
	s.send(gone(row(902), 1500) + gone(row(901), 1501) + arrive(row(41)))
	s.send(strings.Replace(gone(row(903), 1203), "deleted", "as it is there", 1))
	p.until(`document.getElementById('log').dataset.rev === '1501'`)
	late.answer <- answer{200, `<ol>` + rows(901, 904) + `</ol>`}
	p.until(`document.querySelectorAll('#older .m').length === 4`)
	p.is(`[...document.querySelectorAll('#older .text')].map(text => text.textContent).join() === 'deleted,deleted,message 903,message 904'`)
	p.is(`document.getElementById('m901').dataset.rev === '1501' && document.getElementById('m902').dataset.rev === '1500'`)
	p.is(lastRows("39 40 41"))
}

// dropLate holds that a row does not give way to what it was before, whichever way that comes.
func dropLate(r *room, p *tab) {
	s := r.open(p)
	p.keys("hello\r")
	post := r.received()
	s.send(arrive(strings.Replace(gone(row(41), 342), ` hx-swap-oob="true"`, "", 1)) + gone(row(40), 343))
	p.until(`document.getElementById('m41').matches('.gone') && document.getElementById('m40').matches('.gone')`)
	post.answer <- answer{200, arrive(row(41)) + composer("second", "", "")}
	p.until(composing("", "second"))
	s.send(arrive(row(40), row(42)))
	p.until(lastRows("40 41 42"))
	s.send(strings.Replace(gone(row(40), 342), "deleted", "secret", 1) + arrive(row(43)))
	p.until(lastRows("41 42 43"))
	p.is(`[...document.querySelectorAll('.gone .text')].map(text => text.textContent).join() === 'deleted,deleted'`)
}

func loadOlder(r *room, p *tab) {
	r.open(p)
	p.run(`document.getElementById('scroll').scrollTop = -1e6`)
	p.run(`window.seen = ` + firstSeen)
	p.run(`document.getElementById('older-link').click()`)
	p.until(`document.querySelectorAll('#older .m').length === 10`)
	p.is(`document.getElementById('m1').title === '1'`)
	p.until(firstSeen + ` === window.seen`)
}

func keepViewWithoutAnchoring(r *room, p *tab) {
	s := r.open(p)
	p.run(`const rule = document.querySelector('style').sheet; rule.insertRule('#scroll{overflow-anchor:none}', 0)`)
	p.run(scrollUp)
	p.until(jumpOn)
	p.run(`window.seen = ` + firstSeen)
	s.send(arrive(row(41), row(42)))
	p.until(lastRows("40 41 42"))
	p.until(firstSeen + ` === window.seen`)
}
