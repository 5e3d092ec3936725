package e2e

import "testing"

const upArrow = "ArrowUp"

// TestChangingOnesWords edits and deletes on one screen while others look on: in place, and nowhere twice.
func TestChangingOnesWords(t *testing.T) {
	site := openSite(t)
	ada, bob, carl := site.person("ada"), site.person("bob"), site.visitorWithoutScript("carl")
	room := ada.makesRoom("Music", "public")
	bob.joins(room)
	carl.registers()
	carl.joins(room)
	ada.isLive()
	bob.isLive()
	ada.says("First")
	ada.says("Secnod")
	bob.sees("First", "Secnod")

	ada.hits(upArrow)
	ada.until(`!!document.querySelector('form.edit') && document.activeElement.value === 'Secnod'`)
	ada.run(`document.activeElement.value = ''`)
	ada.types("#body", "Second")
	ada.hits(enter)
	bob.sees("First", "Second")
	ada.seesOnly("First", "Second")
	ada.until(`document.activeElement.id === 'body' && document.getElementById('composer').dataset.me && !document.activeElement.value`)
	bob.says("Hear, hear.")
	ada.sees("Hear, hear.")

	carl.goesTo(room)
	carl.says("Off the record")
	carl.goesTo(room + "/4")
	carl.follows(`#chosen .pen`)
	carl.submits(room+"/4/edit", "body", "On the record")
	carl.isAt(room + "/4")
	carl.seesOnly("First", "Second", "Hear, hear.", "On the record")
	bob.sees("On the record")

	ada.goesTo(room + "/4") // as the room's owner
	ada.follows(`#chosen a[href$="#delete"]`)
	ada.submits(room + "/4/delete")
	ada.isAt(room + "/4")
	bob.sees("Message deleted")
	bob.run(`window.confirm = () => true`)
	bob.types("#body", "Half a thought")
	bob.run(`document.querySelector('#m3 .at').focus()`)
	bob.hits(tabulator)
	bob.hits(enter)
	bob.until(`!!document.querySelector('form.edit')`)
	bob.presses(`form.edit .danger`)
	bob.until(`!document.querySelector('form.edit') && document.getElementById('body').value === 'Half a thought'`)
	bob.seesOnly("First", "Second", "Message deleted", "Message deleted")
	bob.run(`document.getElementById('body').value = ''`)
	bob.says("Where was I?")
	ada.goesTo(room)
	ada.seesOnly("First", "Second", "Message deleted", "Message deleted", "Where was I?")
	bob.seesWhatAReloadShows()
}

// TestASessionEndsWhileSomebodyWrites holds that the text goes out once its author has signed in again, once.
func TestASessionEndsWhileSomebodyWrites(t *testing.T) {
	site := openSite(t)
	ada, bob := site.person("ada"), site.person("bob")
	room := ada.makesRoom("Music", "public")
	bob.joins(room)
	bob.isLive()
	for _, p := range []*person{ada, site.visitorWithoutScript("carl")} {
		p.expects("status of 401")
		if !p.script {
			p.registers()
			p.joins(room)
		} else {
			p.goesTo(room)
			p.isLive()
		}
		other := p.opensTab("/rooms")
		p.types("#body", "Written by "+p.name)
		other.submits("/logout")
		if p.script {
			p.until(`!document.getElementById('line').hidden`)
			p.hits(enter)
			p.until(`document.querySelector('form.signin #body')?.value === 'Written by ada' && document.activeElement.id === 'username'`)
		} else {
			p.follows("#composer button")
			p.is(`document.getElementById('body').value === 'Written by carl'`)
		}
		bob.is(`!document.body.textContent.includes('Written by ` + p.name + `')`)
		p.submits("/login", "username", p.name, "password", password)
		p.isAt(room)
		p.sees("Written by " + p.name)
		bob.sees("Written by " + p.name)
	}
	bob.seesOnly("Written by ada", "Written by carl")
	bob.seesWhatAReloadShows()
}
