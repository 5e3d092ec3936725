package static_test

import (
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestComposer(t *testing.T) {
	browser := startBrowser(t)
	for name, test := range map[string]func(*room, *tab){
		"send":                     sendAndTypeOn,
		"send twice":               sendTwice,
		"only the next key":        keyAlone,
		"nothing to send":          sendNothing,
		"newline":                  shiftEnter,
		"input method":             enterWhileComposing,
		"touch keyboard":           enterOnTouch,
		"refused":                  keepRefused,
		"refused with a new key":   keepConflict,
		"refused without composer": keepRetargeted,
		"offline":                  keepOffline,
		"no answer":                keepUnanswered,
		"busy":                     keepBusy,
		"full":                     keepFull,
		"signed out":               signInInPlace,
		"strange page":             keepFromStrangers,
		"from history":             sendFromHistory,
		"growing":                  growWithText,
	} {
		t.Run(name, func(t *testing.T) {
			p := openTab(t, browser)
			test(startRoom(t), p)
			p.quiet("status of 4", "status of 5", "ERR_INTERNET_DISCONNECTED", "htmx: htmx:error:")
		})
	}
}

// keys types on a keyboard. A key and its character are one event of the protocol: as two, which is what
// chromedp.KeyEvent sends, the character comes even where a script has prevented the key.
func (p *tab) keys(keys string, options ...chromedp.KeyOption) {
	p.t.Helper()
	for _, r := range keys {
		events := kb.Encode(r)
		down, up := events[0], events[len(events)-1]
		if len(events) == 3 {
			down.Text, down.UnmodifiedText = events[1].Text, events[1].UnmodifiedText
		}
		for _, option := range options {
			option(down)
		}
		for _, event := range []*input.DispatchKeyEventParams{down, up} {
			if _, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, *event); err != nil {
				p.t.Fatal(err)
			}
		}
	}
}

// typed is a condition: the box holds this text, and the cursor.
func typed(text string) string {
	return `document.getElementById('body').value === '` + text + `' && document.activeElement.id === 'body'`
}

// says is a condition: this sentence stands beside the box.
func says(sentence string) string {
	return `document.getElementById('body-error').textContent === '` + sentence + `'`
}

// wants checks what came and answers it.
func (p *post) wants(r *room, body, key string) *post {
	r.t.Helper()
	if p.form.Get("body") != body || p.form.Get("key") != key {
		r.t.Errorf("came %v, want %q with key %q", p.form, body, key)
	}
	return p
}

func sendAndTypeOn(r *room, p *tab) {
	s := r.open(p)
	p.run(`document.getElementById('scroll').scrollTop = -900`)
	p.keys("hello\r")
	post := r.received().wants(r, "hello", "first")
	p.is(typed(""))
	p.keys("more")
	post.answer <- answer{200, arrive(row(41)) + composer("second", "", "")}
	p.until(lastRows("40 41"))
	p.until(atBottom)
	p.is(typed("more"))
	p.is(`document.getElementById('log').dataset.rev === '340'`) // others may have written in between
	s.send(arrive(row(41)))
	p.until(`document.getElementById('log').dataset.rev === '341'`)
	p.is(`document.querySelectorAll('#m41').length === 1`)
	p.do(chromedp.Click(chromedp.CSS("#composer button")))
	r.received().wants(r, "more", "second").answer <- answer{200, arrive(row(42)) + composer("third", "", "")}
	p.until(lastRows("40 41 42"))
	p.is(typed(""))
}

func sendTwice(r *room, p *tab) {
	r.open(p)
	p.keys("one\r")
	post := r.received().wants(r, "one", "first")
	p.keys("two\r\r")
	p.is(typed("two"))
	post.answer <- answer{200, arrive(row(41)) + composer("second", "", "")}
	post = r.received().wants(r, "two", "second")
	p.keys("three\r, and more")
	post.answer <- answer{200, arrive(row(42)) + composer("third", "", "")}
	p.until(lastRows("40 41 42"))
	p.is(typed("three, and more")) // no longer what Enter was pressed for
	p.until(`!document.querySelector('.htmx-request')`)
	p.keys("\r")
	r.received().wants(r, "three, and more", "third").answer <- answer{200, composer("fourth", "", "")}
}

// keyAlone is how a server answers whose socket brings the message: the rest of the composer stays as it is.
func keyAlone(r *room, p *tab) {
	s := r.open(p)
	p.until(connected)
	p.keys("one\r")
	post := r.received().wants(r, "one", "first")
	if post.prefer != "return=minimal" {
		r.t.Errorf("with its socket open the page preferred %q", post.prefer)
	}
	p.keys("more")
	post.answer <- answer{200, `<input type="hidden" id="key" name="key" value="second" data-seq="41" hx-swap-oob="true">`}
	p.until(`document.querySelector('#composer [name=key]').value === 'second'`)
	p.is(typed("more"))
	s.send(arrive(row(41)))
	p.until(lastRows("40 41"))
	p.keys("\r")
	r.received().wants(r, "more", "second").answer <- answer{200, composer("third", "", "")}
}

func sendNothing(r *room, p *tab) {
	r.open(p)
	p.keys("\r  \r")
	p.is(typed("  "))
	p.keys("x\r")
	r.received().wants(r, "  x", "first").answer <- answer{200, composer("second", "", "")}
}

func shiftEnter(r *room, p *tab) {
	r.open(p)
	p.keys("one")
	p.keys("\r", chromedp.KeyModifiers(chromedp.ModifierShift))
	p.keys("two")
	p.is(typed(`one\ntwo`))
	p.keys("\r")
	r.received().wants(r, "one\ntwo", "first").answer <- answer{200, composer("second", "", "")}
	p.until(typed(""))
}

func enterWhileComposing(r *room, p *tab) {
	r.open(p)
	word := input.ImeSetCompositionParams{Text: "にほん", SelectionStart: 3, SelectionEnd: 3}
	if _, err := chromedp.Call(p.ctx, input.ImeSetComposition, word); err != nil {
		p.t.Fatal(err)
	}
	p.is(typed("にほん"))
	p.keys(kb.Enter, func(key *input.DispatchKeyEventParams) { key.Text, key.UnmodifiedText = "", "" })
	if _, err := chromedp.Call(p.ctx, input.InsertText, input.InsertTextParams{Text: "日本"}); err != nil {
		p.t.Fatal(err)
	}
	p.is(typed("日本"))
	// Safari has ended the composition by the time of the key, and says so only by its code.
	p.run(`document.getElementById('body').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', keyCode: 229, bubbles: true}))`)
	p.is(typed("日本"))
	p.keys("\r")
	r.received().wants(r, "日本", "first").answer <- answer{200, composer("second", "", "")}
}

func enterOnTouch(r *room, p *tab) {
	p.do(chromedp.EmulateViewport(360, 640, chromedp.EmulateMobile, chromedp.EmulateTouch))
	r.open(p)
	p.is(`matchMedia('(pointer: coarse)').matches`)
	p.keys("one\rtwo")
	p.is(typed(`one\ntwo`))
	p.do(chromedp.Click(chromedp.CSS("#composer button")))
	r.received().wants(r, "one\ntwo", "first").answer <- answer{200, composer("second", "", "")}
}

func keepRefused(r *room, p *tab) {
	r.open(p)
	p.keys("too long\r")
	post := r.received().wants(r, "too long", "first")
	p.keys("more")
	p.keys(kb.ArrowLeft)
	post.answer <- answer{422, composer("first", "too long", "Shorter, please.")}
	p.until(says("Shorter, please."))
	p.is(typed(`too long\nmore`))
	p.keys("!") // the cursor stays where it was
	p.is(typed(`too long\nmor!e`))
	p.keys("\r")
	post = r.received().wants(r, "too long\nmor!e", "first")
	p.is(says(""))
	post.answer <- answer{200, arrive(row(41)) + composer("second", "", "")}
	p.until(lastRows("40 41"))
	p.is(typed(""))
}

func keepConflict(r *room, p *tab) {
	r.open(p)
	p.keys("text\r")
	post := r.received().wants(r, "text", "first")
	p.keys("more")
	p.run(`document.getElementById('scroll').focus()`) // htmx leaves only the focused box alone
	post.answer <- answer{409, composer("fresh", "text", "Sent already.")}
	p.until(says("Sent already."))
	p.is(`document.getElementById('body').value === 'text\nmore'`)
	p.run(`document.getElementById('composer').requestSubmit()`)
	post = r.received().wants(r, "text\nmore", "fresh")
	p.run(`document.getElementById('scroll').focus()`)
	post.answer <- answer{200, composer("second", "", "")}
	p.until(`document.querySelector('[name=key]').value === 'second'`)
	p.is(`document.getElementById('body').value === ''`)
}

func keepRetargeted(r *room, p *tab) {
	r.open(p)
	p.keys("text\r")
	r.received().wants(r, "text", "first").answer <- answer{403, "Not here."}
	p.until(says("Not here."))
	p.is(typed("text"))
}

func keepOffline(r *room, p *tab) {
	r.open(p)
	p.offline(true)
	p.keys("text\r")
	p.until(says("Not sent."))
	p.is(typed("text"))
	p.offline(false)
	r.accept(340)
	p.keys("\r")
	r.received().wants(r, "text", "first").answer <- answer{200, arrive(row(41)) + composer("second", "", "")}
	p.until(lastRows("40 41"))
	p.is(typed(""))
	p.is(says(""))
}

func keepUnanswered(r *room, p *tab) {
	p.atStart(hurry)
	r.open(p)
	p.keys("text\r")
	late := r.received().wants(r, "text", "first")
	p.until(says("Not sent."))
	p.is(typed("text"))
	late.answer <- answer{200, arrive(row(41)) + composer("late", "", "")} // nobody listens any more
	p.keys("\r")
	r.received().wants(r, "text", "first").answer <- answer{200, arrive(row(41)) + composer("second", "", "")}
	p.until(lastRows("40 41"))
	p.is(typed(""))
}

func keepBusy(r *room, p *tab) {
	r.open(p)
	p.keys("text\r")
	r.received().wants(r, "text", "first").answer <- answer{503, "<!doctype html><title>Busy</title><p>Busy"}
	p.until(says("Busy."))
	p.is(typed("text"))
}

// keepFull holds that a server which can say what is wrong with it is heard.
func keepFull(r *room, p *tab) {
	r.open(p)
	p.keys("text\r")
	r.received().wants(r, "text", "first").answer <- answer{503, composer("first", "text", "The disk is full.")}
	p.until(says("The disk is full."))
	p.is(typed("text"))
	p.keys("\r")
	r.received().wants(r, "text", "first").answer <- answer{503, "all servers are down"}
	p.until(says("Busy."))
	p.is(typed("text"))
}

// signInInPlace holds that the form which signs in has what was sent and what was typed since, and is sent by the browser.
func signInInPlace(r *room, p *tab) {
	r.open(p)
	p.keys("text\r")
	post := r.received().wants(r, "text", "first")
	p.keys("more")
	post.answer <- answer{401, `<form id="composer" class="signin" method="post" action="/login"><p id="body-error" role="alert">Signed out.</p>` +
		`<input type="hidden" id="key" name="key" value="first"><textarea id="body" name="body" readonly>text</textarea>` +
		`<input id="username" name="username"><button>Sign in and send</button></form>`}
	p.until(says("Signed out."))
	p.is(`document.getElementById('body').value === 'text\nmore' && document.activeElement.id === 'username'`)
	p.run(`window.sent = 0; document.addEventListener('submit', (event) => { window.sent += event.defaultPrevented ? 100 : 1; event.preventDefault() })`)
	p.run(`document.getElementById('body').focus()`)
	p.keys("\r")
	p.is(`window.sent === 0`)
	p.do(chromedp.Click(chromedp.CSS("#composer button")))
	p.until(`window.sent === 1`)
}

func keepFromStrangers(r *room, p *tab) {
	r.open(p)
	p.keys("text\r")
	r.received().wants(r, "text", "first").answer <- answer{200, "<!doctype html><title>Wi-Fi</title><p>Sign in"}
	p.until(says("Not sent."))
	p.is(typed("text"))
	p.keys("\r")
	r.received().wants(r, "text", "first").answer <- answer{200, composer("second", "", "")}
	p.until(typed(""))
}

func sendFromHistory(r *room, p *tab) {
	p.do(chromedp.Navigate(r.url + "/history"))
	r.accept(340)
	p.run(`document.getElementById('body').focus()`)
	p.keys("text\r")
	r.received().answer <- answer{200, arrive(row(41)) + composer("second", "", "")}
	p.until(`location.pathname === '/rooms/12' && !!document.getElementById('tail')`)
}

// growWithText takes away what CSS can do about it.
func growWithText(r *room, p *tab) {
	p.atStart(`CSS.supports = () => false`)
	r.open(p)
	for range 3 {
		p.keys("line")
		p.keys("\r", chromedp.KeyModifiers(chromedp.ModifierShift))
	}
	p.is(`document.getElementById('body').rows === 4`)
	p.keys("\r")
	p.is(`document.getElementById('body').rows === 1`)
	r.received().answer <- answer{422, composer("first", "", "No.")}
	p.until(says("No."))
	p.is(`document.getElementById('body').rows === 4`)
}
