package static_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestEdit(t *testing.T) {
	browser := startBrowser(t)
	for name, test := range map[string]func(*room, *tab){
		"up-arrow":           editLast,
		"draft":              keepDraft,
		"refused":            keepRefusedEdit,
		"offline":            keepOfflineEdit,
		"while saving":       waitWhileSaving,
		"room is lost":       loseRoomWhileSaving,
		"reload":             reloadAfterEdit,
		"delete":             deleteOwn,
		"pointed at":         editPointedAt,
		"focus":              editFocused,
		"while sending":      notWhileSending,
		"form is refused":    keepComposer,
		"form from stranger": keepComposerFromStrangers,
		"nothing of one's":   nothingToEdit,
	} {
		t.Run(name, func(t *testing.T) {
			p := openTab(t, browser)
			test(startRoom(t), p)
			p.quiet("status of 4", "status of 503", "ERR_INTERNET_DISCONNECTED", "htmx: htmx:error:")
		})
	}
}

// editForm is what takes the composer's place.
func editForm(seq, body, sentence string) string {
	path := "/rooms/12/" + seq
	return `<form id="composer" class="edit" method="post" action="` + path + `/edit" hx-post="` + path + `/edit" hx-target="#composer" hx-swap="outerMorph">` +
		`<label for="body">Edit message</label><button type="button" id="delete" hx-post="` + path + `/delete" hx-target="#composer" ` +
		`hx-swap="outerMorph" hx-confirm="Delete?">Delete</button><button type="button" id="cancel">Cancel</button>` +
		`<textarea id="body" name="body" rows="1" data-failed="Not saved." data-busy="Busy.">` + body +
		`</textarea><button>Save</button><p id="body-error" role="alert">` + sentence + `</p></form>`
}

// changed is the row of a message after its change.
func changed(seq int, text string) string {
	return strings.NewReplacer("<li ", `<li hx-swap-oob="true" `, "<p>message", "<p>"+text).Replace(row(seq))
}

// at checks which address was asked.
func (p *post) at(r *room, path string) *post {
	r.t.Helper()
	if p.path != path {
		r.t.Errorf("%s was asked, not %s", p.path, path)
	}
	return p
}

// edits opens the form for the last message by the keyboard.
func (r *room) edits(p *tab) {
	p.t.Helper()
	p.keys(kb.ArrowUp)
	r.received().at(r, "/rooms/12/40/edit").answer <- answer{200, editForm("40", "message 40", "")}
	p.until(typed("message 40"))
}

// composing is a condition: the composer is back with this text, this key, and the cursor.
func composing(text, key string) string {
	return typed(text) + ` && document.getElementById('key')?.value === '` + key + `' && !document.querySelector('.edit')`
}

func editLast(r *room, p *tab) {
	s := r.open(p)
	p.run(`document.getElementById('m39').className = 'm gone'`)
	r.edits(p)
	p.keys("!") // behind what is there
	p.keys("\r")
	post := r.received().at(r, "/rooms/12/40/edit").wants(r, "message 40!", "")
	p.is(typed("message 40!")) // it stays until it is saved
	post.answer <- answer{200, changed(40, "better")}
	p.until(composing("", "first"))
	p.is(`document.getElementById('m40').textContent.includes('better') && document.querySelectorAll('#composer').length === 1`)
	s.send(changed(40, "better"))
	p.until(lastRows("38 39 40"))
	p.keys("hello\r") // the composer works as before
	r.received().at(r, "/rooms/12/messages").wants(r, "hello", "first").answer <- answer{200, arrive(row(41)) + composer("second", "", "")}
	p.until(lastRows("39 40 41"))
	p.is(composing("", "second"))
	p.run(`document.getElementById('m41').dataset.by = '8'; document.getElementById('m40').className = 'm gone'`)
	p.keys(kb.ArrowUp)
	r.received().at(r, "/rooms/12/38/edit").answer <- answer{200, editForm("38", "message 38", "")}
	p.until(typed("message 38"))
	p.run(`document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', isComposing: true, bubbles: true}))`)
	p.is(typed("message 38")) // it was for the input method
	p.keys(kb.Escape)
	p.is(composing("", "second"))
}

// keepDraft holds that a text half written, and the key of a send whose answer was lost, outlive a change.
func keepDraft(r *room, p *tab) {
	r.open(p)
	p.keys("draft")
	p.keys(kb.ArrowUp)
	for _, end := range []func(){
		func() { p.keys(kb.Escape) },
		func() { p.do(chromedp.Click(chromedp.ID("cancel"))) },
		func() { p.keys("\r"); r.received().answer <- answer{200, changed(40, "better")} },
	} {
		p.hovers("#m39 .text")
		p.hovers("#m40 .text")
		p.do(chromedp.Click(chromedp.CSS(".pen")))
		r.received().at(r, "/rooms/12/40/edit").answer <- answer{200, editForm("40", "message 40", "")}
		p.until(typed("message 40"))
		end()
		p.until(composing("draft", "first"))
	}
	p.keys("!\r")
	r.received().wants(r, "draft!", "first").answer <- answer{200, composer("second", "", "")}
	p.until(composing("", "second"))
}

func keepRefusedEdit(r *room, p *tab) {
	r.open(p)
	r.edits(p)
	p.keys(" and more\r")
	r.received().wants(r, "message 40 and more", "").answer <- answer{422, editForm("40", "message 40 and more", "Shorter, please.")}
	p.until(says("Shorter, please."))
	p.is(typed("message 40 and more"))
	p.keys("\r")
	r.received().answer <- answer{503, editForm("40", "message 40 and more", "The disk is full.")}
	p.until(says("The disk is full."))
	p.keys("\r")
	r.received().answer <- answer{403, "Signed out."}
	p.until(says("Signed out."))
	p.is(typed("message 40 and more"))
	p.keys("\r")
	r.received().answer <- answer{200, changed(40, "better")}
	p.until(composing("", "first"))
}

func keepOfflineEdit(r *room, p *tab) {
	r.open(p)
	r.edits(p)
	p.keys("!")
	p.offline(true)
	p.keys("\r")
	p.until(says("Not saved."))
	p.is(typed("message 40!"))
	p.offline(false)
	r.accept(340)
	p.keys("\r")
	r.received().wants(r, "message 40!", "").answer <- answer{200, changed(40, "better")}
	p.until(composing("", "first"))
	p.is(says(""))
}

// waitWhileSaving holds that a change on its way is neither sent again nor given up, and that nothing of it gets into the
// draft, whatever the answer is.
func waitWhileSaving(r *room, p *tab) {
	r.open(p)
	p.keys("draft")
	p.hovers("#m40 .text")
	p.do(chromedp.Click(chromedp.CSS(".pen")))
	r.received().answer <- answer{200, editForm("40", "message 40", "")}
	p.until(typed("message 40"))
	p.keys("!")
	for _, a := range []struct {
		answer answer
		says   string
	}{
		{answer{422, editForm("40", "message 40!", "Shorter, please.")}, "Shorter, please."},
		{answer{429, "slow down"}, "Not saved."},
		{answer{503, editForm("40", "message 40!", "The disk is full.")}, "The disk is full."},
		{answer{503, "<!doctype html><p>Overloaded"}, "Busy."},
		{answer{200, changed(40, "better")}, ""},
	} {
		p.keys("\r")
		post := r.received().wants(r, "message 40!", "")
		p.keys("\r?" + kb.Escape)
		p.do(chromedp.Click(chromedp.ID("delete")), chromedp.Click(chromedp.ID("cancel")))
		p.run(`document.getElementById('composer').requestSubmit(); document.getElementById('body').focus()`)
		p.is(typed("message 40!") + ` && !!document.querySelector('.edit')`)
		post.answer <- a.answer
		if a.says == "" {
			break
		}
		p.until(says(a.says))
		p.is(typed("message 40!"))
	}
	p.until(composing("draft", "first"))
	p.is(says(""))
	p.is(`document.getElementById('m40').textContent.includes('better')`)
	if len(r.posts) > 0 {
		r.t.Errorf("%s was asked besides", (<-r.posts).path)
	}
}

// loseRoomWhileSaving takes the form away from under its answer.
func loseRoomWhileSaving(r *room, p *tab) {
	s := r.open(p)
	r.edits(p)
	p.keys("!\r")
	post := r.received()
	s.send(`<main id="pane" hx-swap-oob="true"><p id="lost">The room is gone.</p></main>`)
	p.until(`!!document.getElementById('lost')`)
	p.run(`window.ended = 0; document.addEventListener('htmx:finally:request', () => window.ended++)`)
	post.answer <- answer{503, editForm("40", "message 40!", "Slow down.")}
	p.until(`window.ended === 1`)
	p.is(`!document.getElementById('composer')`)
}

// reloadAfterEdit holds that a page which is told to load again keeps a draft that stands aside.
func reloadAfterEdit(r *room, p *tab) {
	s := r.open(p)
	p.keys("draft")
	p.hovers("#m40 .text")
	p.do(chromedp.Click(chromedp.CSS(".pen")))
	r.received().answer <- answer{200, editForm("40", "", "")}
	p.until(typed(""))
	p.run(`window.old = true`)
	s.send(askToReload)
	p.until(`document.getElementById('line').textContent === 'Away too long. Reload'`)
	p.keys(kb.Escape)
	p.until(composing("draft", "first"))
	p.is(`window.old`)
	p.run(`document.getElementById('body').value = ''`)
	p.keys(kb.ArrowUp)
	r.received().answer <- answer{200, editForm("40", "message 40", "")}
	p.until(typed("message 40"))
	p.keys(kb.Escape) // nothing is left to lose
	r.accept(340)
	p.until(`window.old === undefined && ` + lineSilent)
}

func deleteOwn(r *room, p *tab) {
	r.open(p)
	r.edits(p)
	p.run(`window.asked = []; window.confirm = (question) => { window.asked.push(question); return window.asked.length > 1 }`)
	p.do(chromedp.Click(chromedp.ID("delete")))
	p.until(`window.asked.length === 1`)
	p.is(`document.querySelector('.edit') !== null`)
	p.is(says(""))
	p.do(chromedp.Click(chromedp.ID("delete")))
	post := r.received().at(r, "/rooms/12/40/delete")
	post.answer <- answer{422, editForm("40", "message 40", "Not now.")}
	p.until(says("Not now."))
	p.do(chromedp.Click(chromedp.ID("delete")))
	r.received().at(r, "/rooms/12/40/delete").answer <- answer{200, strings.Replace(changed(40, "deleted"), `class="m"`, `class="m gone"`, 1)}
	p.until(composing("", "first"))
	p.is(`document.getElementById('m40').className === 'm gone'`)
}

// hovers moves the mouse to an element.
func (p *tab) hovers(selector string) {
	p.t.Helper()
	box, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]float64](`(() => { const box = document.querySelector('`+selector+`').getBoundingClientRect(); return [box.x + 5, box.y + 5] })()`))
	if err != nil {
		p.t.Fatal(err)
	}
	move := input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseMoved, X: box[0], Y: box[1]}
	if _, err := chromedp.Call(p.ctx, input.DispatchMouseEvent, move); err != nil {
		p.t.Fatal(err)
	}
}

func editPointedAt(r *room, p *tab) {
	s := r.open(p)
	p.run(`document.getElementById('m39').dataset.by = '8'`)
	p.hovers("#m40 .text")
	p.until(`document.querySelector('.pen')?.parentNode.id === 'm40' && document.querySelector('.pen').textContent === 'Edit'`)
	s.send(changed(40, "changed meanwhile")) // the row and what was in it are gone
	p.until(`document.getElementById('m40').textContent.includes('changed meanwhile')`)
	p.hovers("#m39 .text")
	p.hovers("#m40 .text")
	p.until(`document.querySelector('.pen')?.parentNode.id === 'm40'`)
	p.hovers("#m39 .text")
	p.until(`!document.querySelector('.pen')`)
}

// editFocused goes by keyboard from a message's time to the link that edits it.
func editFocused(r *room, p *tab) {
	r.open(p)
	p.run(`document.querySelector('#m38 .at').focus()`)
	p.keys("\t")
	p.is(`document.activeElement.className === 'pen' && document.activeElement.parentNode.id === 'm38'`)
	p.hovers("#m40 .text") // the mouse does not take it away
	p.is(`document.activeElement.className === 'pen'`)
	p.keys("\r")
	r.received().at(r, "/rooms/12/38/edit").answer <- answer{200, editForm("38", "message 38", "")}
	p.until(typed("message 38"))
	p.keys(kb.Escape)
	p.until(composing("", "first"))
}

// notWhileSending holds that the form does not come between a send and its answer.
func notWhileSending(r *room, p *tab) {
	r.open(p)
	p.keys(kb.ArrowUp)
	form := r.received()
	p.keys("text\r")
	post := r.received().wants(r, "text", "first")
	form.answer <- answer{200, editForm("40", "message 40", "")}
	p.keys("more")
	post.answer <- answer{200, arrive(row(41)) + composer("second", "", "")}
	p.until(composing("more", "second"))
	p.is(lastRows("39 40 41"))
	p.hovers("#m40 .text")
	p.keys("\r")
	post = r.received().wants(r, "more", "second")
	p.do(chromedp.Click(chromedp.CSS(".pen"))) // asks for nothing now
	post.answer <- answer{200, composer("third", "", "")}
	p.until(`document.getElementById('key').value === 'third'`)
	if len(r.posts) > 0 {
		r.t.Error("a form was asked for while a message was on its way")
	}
}

func keepComposer(r *room, p *tab) {
	r.open(p)
	p.keys(kb.ArrowUp)
	r.received().answer <- answer{403, "Not yours."}
	p.until(says("Not yours."))
	p.keys("text\r")
	r.received().wants(r, "text", "first").answer <- answer{200, composer("second", "", "")}
	p.until(composing("", "second"))
}

func keepComposerFromStrangers(r *room, p *tab) {
	r.open(p)
	p.keys(kb.ArrowUp)
	r.received().answer <- answer{200, "<!doctype html><title>Wi-Fi</title><p>Sign in"}
	p.keys("text\r")
	r.received().wants(r, "text", "first").answer <- answer{200, composer("second", "", "")}
	p.until(composing("", "second"))
}

func nothingToEdit(r *room, p *tab) {
	r.open(p)
	p.run(`for (const row of document.querySelectorAll('.m')) row.dataset.by = '8'`)
	p.keys(kb.ArrowUp)
	p.hovers("#m40 .text")
	p.is(`!document.querySelector('.pen')`)
	p.keys("text\r")
	r.received().at(r, "/rooms/12/messages").answer <- answer{200, composer("second", "", "")}
	p.until(composing("", "second"))
}
