package e2e

import (
	"testing"
)

func TestTwoPeopleChat(t *testing.T) {
	site := startSite(t)
	ada, bob := site.visitor("ada"), site.visitor("bob")

	ada.setsUp("The Pub", "open")
	bob.registers()
	room := ada.makesRoom("Music", "public")
	ada.isLive()
	ada.says("Anybody there?")

	bob.goesTo("/rooms?q=musi")
	bob.follows(`#pane .list a[href="` + room + `"]`)
	bob.isLive() // who may read may also watch
	bob.seesOnly("Anybody there?")
	bob.submits(room + "/join")
	bob.isLive()
	bob.says("Here I **am**.")
	ada.sees("Here I am.")
	ada.says("Two things:\n\n- one\n- two")
	bob.says("Fine.")
	ada.seesOnly("Anybody there?", "Here I am.", "Two things: one two", "Fine.")
	bob.seesOnly("Anybody there?", "Here I am.", "Two things: one two", "Fine.")
	ada.seesWhatAReloadShows()
	bob.seesWhatAReloadShows()
}

// TestBackAndForward leaves a room and comes back to it by the browser's own buttons, which may take the page from a cache
// as it was.
func TestBackAndForward(t *testing.T) {
	site := openSite(t)
	ada, bob := site.person("ada"), site.person("bob")
	room := ada.makesRoom("Music", "public")
	bob.joins(room)
	ada.isLive()
	ada.says("one")

	ada.follows(`#head a.count`)
	bob.says("two, while she was away")
	ada.goesBack()
	ada.isLive()
	bob.says("three")
	ada.seesOnly("one", "two, while she was away", "three")

	ada.goesForward()
	ada.isAt(room + "/members")
	bob.says("four")
	ada.goesBack()
	ada.isLive()
	ada.says("five")
	bob.sees("five")
	ada.seesOnly("one", "two, while she was away", "three", "four", "five")
	bob.seesOnly("one", "two, while she was away", "three", "four", "five")
	ada.seesWhatAReloadShows()
}

// TestSigningOut ends a session in one tab: the other one is told, and nothing of it comes back.
func TestSigningOut(t *testing.T) {
	site := openSite(t)
	ada, bob := site.person("ada"), site.person("bob")
	room := ada.makesRoom("Music", "public")
	bob.joins(room)
	ada.isLive()
	ada.says("my secret")
	bob.sees("my secret")
	other := ada.opensTab(room)
	other.isLive()

	ada.submits("/logout")
	ada.isAt("/login")
	const ended = `!document.getElementById('line').hidden && document.getElementById('line').textContent === document.getElementById('line').dataset.ended`
	other.until(ended)
	eventually(t, "the other tab has no socket", func() bool { return other.liveSockets() == 0 })
	bob.says("is she gone?")
	other.seesOnly("my secret")
	other.is(ended)

	other.expects("status of 401")
	other.reloads()
	other.is(`!!document.querySelector('form[action="/login"]')`)
	ada.expects("status of 401")
	ada.goesBack()
	ada.is(`!!document.querySelector('form[action="/login"]') && !document.body.textContent.includes('my secret')`)
	ada.is(`sessionStorage.length === 0 && localStorage.length === 0 && document.cookie === ''`)

	ada.signsIn()
	ada.goesTo(room)
	ada.isLive()
	ada.says("back again")
	ada.seesOnly("my secret", "is she gone?", "back again")
	bob.sees("back again")
}
