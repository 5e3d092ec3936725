package e2e

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestHostileTexts_S42_S43_S44 posts texts that want to be more than texts, and looks at them everywhere: as they arrive,
// after a reload, as older messages, around a permalink, and with JavaScript off. None does anything but stand there. The
// tabs themselves watch for scripts, policy violations, console errors and requests to other hosts.
func TestHostileTexts_S42_S43_S44(t *testing.T) {
	site := openSite(t)
	ada, bob := site.person("ada"), site.person("bob")
	room := ada.makesRoom("Music", "public")
	bob.joins(room)
	ada.isLive()
	bob.isLive()
	adas, bobs := ada.surroundings(), bob.surroundings()

	for _, text := range hostileTexts() {
		ada.says(text)
	}
	count := len(hostileTexts())
	for _, p := range []*person{ada, bob} {
		p.until(js(`document.querySelectorAll('.m').length === %s`, count))
		p.seesNothingButText()
		p.sees(verbatim(hostileTexts())...)
	}
	ada.isSurroundedBy(adas)
	bob.isSurroundedBy(bobs)
	before := bob.screen()
	bob.reloads()
	bob.isSurroundedBy(bobs)
	bob.seesNothingButText()

	site.member("carl").talks(room, 60)
	ada.goesTo(room)
	ada.isLive()
	ada.scrollsToOlder("m"+number(count+11), "m"+number(count))
	ada.run(`document.getElementById('scroll').scrollTop = -1e6`)
	ada.until(`!!document.getElementById('m1')`)
	ada.seesNothingButText()
	if diff := cmp.Diff(before, ada.screen()[:count]); diff != "" {
		t.Errorf("what arrived live differs from older messages (-live +older):\n%s", diff)
	}
	ada.isSurroundedBy(adas)
	ada.goesTo(room + "/" + number(count))
	ada.sees(verbatim(hostileTexts()[count-20:])...)

	eve := site.visitorWithoutScript("eve")
	eve.registers()
	eve.goesTo(room + "/20")
	eve.sees(verbatim(hostileTexts()[:20])...)
	eve.seesNothingButText()
	for _, p := range []*person{ada, bob, eve} {
		p.asksNothingElse()
	}
}

// TestHostileTextInTheBox holds that a text which is refused comes back as the same text.
func TestHostileTextInTheBox(t *testing.T) {
	site := openSite(t)
	ada, eve := site.person("ada"), site.visitorWithoutScript("eve")
	eve.registers()
	room := ada.makesRoom("Music", "public")
	eve.joins(room)
	ada.isLive()
	text := `</textarea></form><script>pwned(1)</script><img src=x onerror=pwned(2) hx-get="/pwned">"'` + strings.Repeat(" too long", 500)
	ada.types("#body", text)
	ada.hits(enter)
	ada.until(`document.getElementById('body-error').textContent.trim() !== ''`)
	eve.says(text)
	for _, p := range []*person{ada, eve} {
		p.expects("status of 422")
		p.is(js(`document.getElementById('body').value === %s`, text))
		p.is(`document.querySelectorAll('#composer img, #composer script, .m').length === 0`)
		p.asksNothingElse()
	}
}

// talks sends many plain messages as a member.
func (c *client) talks(room string, count int) {
	c.t.Helper()
	c.joins(room)
	c.says(room, numbered(1, count)...)
}

// verbatim are the texts that Markdown has nothing to say about, and that hide nothing: they are shown as they were typed.
func verbatim(list []string) []string {
	var kept []string
	for _, text := range list {
		if !strings.ContainsAny(text, "`*_[]~|\\\n\u202e") && !strings.HasPrefix(text, ">") && !strings.Contains(text, "://") {
			kept = append(kept, strings.Join(strings.Fields(text), " "))
		}
	}
	return kept
}

// surroundings is the whole page but its messages and what counts them: head, sidebar, header, line, composer. Tokens
// differ on every page.
const surroundings = `(() => {
	const page = document.documentElement.cloneNode(true);
	for (const e of page.querySelectorAll('.m, .none, [nonce]')) e.remove();
	for (const e of page.querySelectorAll('input[type=hidden]')) for (const name of ['value', 'data-seq']) e.removeAttribute(name);
	for (const e of page.querySelectorAll('#older, #newest, .count')) e.replaceChildren();
	for (const [id, name] of [['log', 'data-rev'], ['app', 'hx-ws:connect'], ['newest', 'hidden'], ['newest', 'class'], ['newest', 'data-none']])
		page.querySelector('#' + id).removeAttribute(name);
	return page.outerHTML.replace(/\s+/g, ' ').replace(/> ?</g, '>\n<').split('\n');
})()`

func (p *person) surroundings() []string { p.t.Helper(); return ask[[]string](p.tab, surroundings) }

func (p *person) isSurroundedBy(before []string) {
	p.t.Helper()
	if diff := cmp.Diff(before, p.surroundings()); diff != "" {
		p.t.Errorf("%s: the page around the messages changed (-before +after):\n%s", p.name, diff)
	}
}

// seesNothingButText holds that in the texts is only what Markdown may draw, and nowhere else anything new.
func (p *person) seesNothingButText() {
	p.t.Helper()
	strange := ask[[]string](p.tab, `(() => {
		const allowed = {P: [], BR: [], EM: [], STRONG: [], DEL: [], PRE: [], BLOCKQUOTE: [], UL: [], LI: [], SMALL: [], OL: ['start'], CODE: ['class'], A: ['href', 'rel', 'target']};
		const strange = [];
		for (const e of document.querySelectorAll('.m .text *')) {
			const names = allowed[e.tagName];
			if (!names || e.getAttributeNames().some(name => !names.includes(name))) strange.push(e.cloneNode().outerHTML);
			if (e.tagName === 'A' && !/^(https?:|mailto:)/.test(e.protocol)) strange.push(e.outerHTML);
		}
		for (const e of document.querySelectorAll('script:not([src*="/static/"]), iframe, object, embed, img, math, style:not([nonce]), base, .m form, .m input'))
			strange.push(e.outerHTML);
		return strange;
	})()`)
	for _, e := range strange {
		p.t.Errorf("%s: a text became %s", p.name, e)
	}
	p.is(`document.querySelectorAll('.m').length === document.querySelectorAll('#log .text, #older .text').length`)
	p.hasEachIDOnce()
}

// asksNothingElse holds that no text made the page ask for anything.
func (p *person) asksNothingElse() {
	p.t.Helper()
	for _, address := range p.requests(0) {
		path, _, _ := strings.Cut(address, "?q=") // what was searched for is in the address, and may be
		if strings.Contains(path, "pwned") || strings.HasSuffix(path, "/x") {
			p.t.Errorf("%s: a text made the page ask for %s", p.name, address)
		}
	}
}
