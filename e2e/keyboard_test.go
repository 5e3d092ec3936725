package e2e

import (
	"slices"
	"testing"
)

// TestKeyboard walks through a room by Tab alone: past the skip link, the sidebar and the log to the composer and Send.
// Wherever the focus is, it can be seen.
func TestKeyboard(t *testing.T) {
	site := openSite(t)
	ada := site.person("ada")
	ada.makesRoom("Music", "public")
	ada.isLive()
	ada.says("hello")
	ada.startsAtTheTop()

	var parts []string
	for stops := 0; stops < 50 && !slices.Contains(parts, "Send"); stops++ {
		ada.hits(tabulator)
		parts = append(parts, ada.focus())
		ada.is(focusVisible)
	}
	want := []string{"skip link", "sidebar", "head", "log", "box", "Send"}
	if got := slices.Compact(parts); !slices.Equal(got, want) {
		t.Errorf("Tab goes through %q, not %q", got, want)
	}

	ada.startsAtTheTop()
	ada.hits(tabulator)
	ada.hits(enter) // on the skip link
	ada.until(`document.activeElement.id === 'body' || location.hash === '#body'`)
	ada.is(`document.activeElement.id === 'body'`)
	ada.typesHere("by keyboard alone")
	ada.hits(enter)
	ada.sees("by keyboard alone")
}

// startsAtTheTop puts the focus where it is on a page that has not been touched.
func (p *person) startsAtTheTop() {
	p.t.Helper()
	p.run(`document.body.tabIndex = -1, document.body.focus(), document.body.removeAttribute('tabindex')`)
}

// focus names the part of the page that has the focus.
func (p *person) focus() string {
	p.t.Helper()
	return ask[string](p.tab, `(e => e.matches('.skip') ? 'skip link' : e.id === 'body' ? 'box' : e.matches('#composer button') ? 'Send' :
		e.closest('#sidebar') ? 'sidebar' : e.closest('#head') ? 'head' : e.closest('#scroll') ? 'log' : e.outerHTML.slice(0, 100))(document.activeElement)`)
}

// focusVisible holds that the focused element, or the box that it fills, stands out and is on the screen.
const focusVisible = `(e => {
	const outlined = e => getComputedStyle(e).outlineStyle !== 'none' && parseFloat(getComputedStyle(e).outlineWidth) > 0;
	const {left, top, right, bottom} = e.getBoundingClientRect();
	return (outlined(e) || outlined(e.parentElement)) && left >= 0 && top >= -1 && right <= innerWidth && bottom <= innerHeight + 1;
})(document.activeElement)`
