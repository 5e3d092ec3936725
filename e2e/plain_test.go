package e2e

import (
	"strings"
	"testing"
)

// TestWithoutScript is the whole way with JavaScript off, by links, forms and the browser's own buttons.
func TestWithoutScript(t *testing.T) {
	site := startSite(t)
	ada, bob := site.visitorWithoutScript("ada"), site.visitorWithoutScript("bob")

	ada.setsUp("The Pub", "open")
	bob.registers()
	room := ada.makesRoom("Music", "public")
	ada.says("Anybody there?")
	bob.goesTo("/rooms")
	bob.fills(`form[role=search]`, "q", "musi")
	bob.follows(`form[role=search] button`)
	bob.follows(`#pane .list a[href="` + room + `"]`)
	bob.seesOnly("Anybody there?")
	bob.submits(room + "/join")
	bob.says("Here I **am**.")
	ada.follows("a.refresh")
	ada.seesOnly("Anybody there?", "Here I am.")
	ada.says("Fine.")
	ada.seesOnly("Anybody there?", "Here I am.", "Fine.")
	bob.reloads()
	bob.seesOnly("Anybody there?", "Here I am.", "Fine.")

	// What cannot be sent stays in the box, with a sentence; then it can.
	long := strings.Repeat("long ", 801)
	ada.expects("status of 422")
	ada.says(long)
	ada.is(js(`document.getElementById('body').value === %s && document.getElementById('body-error').textContent.trim() !== ''`, long))
	ada.seesOnly("Anybody there?", "Here I am.", "Fine.")
	ada.run(`document.getElementById('body').value = ''`)
	ada.says("short")
	ada.seesOnly("Anybody there?", "Here I am.", "Fine.", "short")

	// Back and forward go through pages as they were, and send nothing again.
	ada.goesBack()
	ada.goesForward()
	ada.isAt(room)
	ada.follows("a.refresh")
	ada.seesOnly("Anybody there?", "Here I am.", "Fine.", "short")

	site.stops()
	site.starts()
	bob.says("after a restart")
	bob.seesOnly("Anybody there?", "Here I am.", "Fine.", "short", "after a restart")

	bob.follows("#head a.count")
	bob.is(`document.getElementById('pane').textContent.includes('ada')`)
	bob.submits(room + "/leave")
	bob.isAt("/rooms")
	bob.submits("/logout")
	bob.isAt("/login")
	bob.expects("status of 401")
	bob.goesTo(room)
	bob.is(`!document.body.textContent.includes('Anybody')`)
	bob.submits("/login", "username", "bob", "password", password)
	bob.isAt(room) // where he wanted to go
	bob.seesOnly("Anybody there?", "Here I am.", "Fine.", "short", "after a restart")
}

// TestHistoryWithoutScript pages through a room by links.
func TestHistoryWithoutScript(t *testing.T) {
	site := openSite(t)
	bob := site.member("bob")
	room := bob.makesRoom("Music", "public", "")
	bob.says(room, numbered(1, 120)...)
	ada := site.visitorWithoutScript("ada")
	ada.registers()
	ada.goesTo(room)
	ada.seesOnly(numbered(71, 120)...)
	ada.is(inSight("m120"))

	ada.follows("#older-link")
	ada.seesOnly(numbered(21, 70)...)
	ada.follows("#older-link")
	ada.seesOnly(numbered(1, 20)...)
	ada.is(`!document.getElementById('older-link')`)
	ada.follows(".newer a")
	ada.seesOnly(numbered(21, 70)...)
	ada.looksAt("m30")
	ada.follows("#m30 a.at")
	ada.isAt(room + "/30")
	ada.until(inSight("m30"))
	ada.follows("#newest")
	ada.isAt(room)
	ada.seesOnly(numbered(71, 120)...)
}
