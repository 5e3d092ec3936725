package e2e

import (
	"strings"
	"testing"
)

// newPassword is what somebody takes instead of what everybody has.
const newPassword = "a battery of correct horses"

// eachWay runs a test for people who have JavaScript, and for people who do not.
func eachWay(t *testing.T, test func(t *testing.T, visitor func(*site, string) *person)) {
	t.Helper()
	t.Run("with JavaScript", func(t *testing.T) { test(t, (*site).visitor) })
	t.Run("without JavaScript", func(t *testing.T) { test(t, (*site).visitorWithoutScript) })
}

// TestForgottenPassword gets back in by mail, from a telephone, while somebody is still signed in at home: from then on the
// telephone alone is.
func TestForgottenPassword(t *testing.T) {
	eachWay(t, func(t *testing.T, visitor func(*site, string) *person) {
		site, mail := openSiteWithMail(t)
		home, phone := site.visitor("ada"), visitor(site, "ada")
		home.registersWith(mail, "ada@example.org")
		home.goesTo("/rooms/1")
		home.isLive()

		phone.goesTo("/login")
		phone.follows(`a[href="/forgot"]`)
		phone.expects("status of 422", "status of 404", "status of 401")
		phone.submits("/forgot", "email", "ada..love@example.org")
		phone.standsAt("email")
		phone.submits("/forgot", "email", "Ada@Example.org")
		link := mail.link("ada@example.org", "/reset/")
		phone.goesTo(link) // a look does not use it up
		phone.goesTo(link)
		phone.submits(link, "password", "short")
		phone.standsAt("password")
		home.goesTo("/rooms/1") // is still signed in
		home.isLive()
		phone.submits(link, "password", newPassword)
		phone.isAt("/login")

		home.isPutOut()
		phone.submits("/login", "username", "ada", "password", password)
		phone.standsAt("")
		phone.submits("/login", "username", "ada", "password", newPassword)
		phone.goesTo("/rooms/1")
		phone.is(`!!document.getElementById('composer')`)
		phone.goesTo(link)
		phone.is(`!document.querySelector('input[type=password]')`)
		mail.brings("ada@example.org", 3) // the confirmation, the link, and word that the password is another
	})
}

// TestNewPassword changes a password: the other browser is put out, the own other tab comes back by itself.
func TestNewPassword(t *testing.T) {
	eachWay(t, func(t *testing.T, visitor func(*site, string) *person) {
		site := openSite(t)
		ada, other := visitor(site, "ada"), site.visitor("ada")
		ada.registers()
		other.signsIn()
		other.goesTo("/rooms/1")
		other.isLive()
		tab := ada.opensTab("/rooms/1")
		tab.isLive()

		ada.expects("status of 403", "status of 422")
		ada.goesTo("/settings")
		ada.submits("/settings/password", "current", "no idea any more", "password", newPassword)
		ada.standsAt("current")
		ada.submits("/settings/password", "current", password, "password", "password1234")
		ada.standsAt("password")
		ada.submits("/settings/password", "current", password, "password", newPassword)
		ada.isAt("/settings")
		other.isPutOut()
		tab.comesBack(1)
		other.submits("/login", "username", "ada", "password", newPassword)
		other.isLive()
		other.says("still here?")
		tab.sees("still here?")
	})
}

// TestPasswordAgain changes an address long after the password was typed. The page asks for it and keeps what was typed; the
// tab beside it goes on as if nothing had been.
func TestPasswordAgain(t *testing.T) {
	eachWay(t, func(t *testing.T, visitor func(*site, string) *person) {
		site, mail := openSiteWithMail(t)
		ada := visitor(site, "ada")
		ada.registers()
		tab := ada.opensTab("/rooms/1")
		tab.isLive()
		ada.goesTo("/settings") // while the password was typed lately
		site.timePasses()

		const kept = `document.querySelector('form[action="/settings/email"] [name=email]').value === 'ada@example.org'`
		ada.expects("status of 403")
		ada.submits("/settings/email", "email", "ada@example.org")
		ada.standsAt("current")
		ada.is(kept)
		ada.submits("/settings/email", "current", "no idea any more")
		ada.standsAt("current")
		ada.is(kept)
		ada.submits("/settings/email", "current", password)
		ada.isAt("/settings")
		mail.link("ada@example.org", "/confirm/")
		tab.comesBack(1)
		ada.is(`!document.querySelector('form[action="/settings/email"] [name=current]')`) // it was typed just now
	})
}

// TestNewAddress changes an e-mail address: the link that comes to the new one is opened in another browser, where nobody is
// signed in, and the old one is told.
func TestNewAddress(t *testing.T) {
	eachWay(t, func(t *testing.T, visitor func(*site, string) *person) {
		site, mail := openSiteWithMail(t)
		ada, phone := visitor(site, "ada"), visitor(site, "ada's telephone")
		ada.registersWith(mail, "ada@old.example")
		ada.goesTo("/settings")
		ada.expects("status of 422")
		ada.submits("/settings/email", "email", "ada..love@new.example")
		ada.standsAt("email")
		ada.submits("/settings/email", "email", "ada@new.example")
		ada.isAt("/settings")
		ada.isTold("ada@old.example", "ada@new.example") // the one that is, and the one that is to be
		mail.brings("ada@old.example", 2)

		link := mail.link("ada@new.example", "/confirm/")
		phone.goesTo(link)
		ada.goesTo("/settings")
		ada.isTold("ada@old.example") // a look confirms nothing
		phone.submits(link)
		ada.goesTo("/settings")
		ada.isTold("ada@new.example")
		ada.is(`!document.getElementById('pane').textContent.includes('ada@old.example')`)
	})
}

// TestDevices signs a browser out from another one, and then every browser from one.
func TestDevices(t *testing.T) {
	eachWay(t, func(t *testing.T, visitor func(*site, string) *person) {
		site := openSite(t)
		ada, library, phone := visitor(site, "ada"), site.visitor("ada"), site.visitor("ada")
		ada.registers()
		library.signsIn()
		library.goesTo("/rooms/1")
		library.isLive()

		const others = `form[action="/settings/sessions/end"]`
		ada.goesTo("/settings")
		ada.is(js(`document.querySelectorAll(%s).length === 1`, others))
		ada.follows(others + " button")
		ada.isAt("/settings")
		ada.is(js(`!document.querySelector(%s)`, others))
		library.isPutOut()

		phone.signsIn()
		phone.goesTo("/rooms/1")
		phone.isLive()
		ada.reloads()
		ada.submits("/settings/sessions/end-all")
		ada.isAt("/login")
		phone.isPutOut()
	})
}

// registersWith makes an account with an e-mail address, and opens the link that comes there.
func (p *person) registersWith(mail *mailbox, address string) {
	p.t.Helper()
	p.goesTo("/register")
	p.submits("/register", "username", p.name, "password", password, "email", address)
	link := mail.link(address, "/confirm/")
	p.goesTo(link)
	p.submits(link)
}

// isPutOut waits until an open room says that its session has ended and has closed its socket; a page it asks for is then
// that to sign in.
func (p *person) isPutOut() {
	p.t.Helper()
	p.until(`!document.getElementById('line').hidden && document.getElementById('line').textContent === document.getElementById('line').dataset.ended`)
	p.isCutOff()
	p.expects("status of 401")
	p.reloads()
	p.is(`!!document.querySelector('form[action="/login"]') && !document.getElementById('log')`)
}

// comesBack waits until a page that had so many sockets has another one, and has said nothing of it.
func (p *person) comesBack(had int) {
	p.t.Helper()
	eventually(p.t, p.name+"'s tab is back", func() bool { return p.socketsEver() > had && p.liveSockets() == 1 })
	p.is(`document.getElementById('line').hidden`)
}

// standsAt holds that the page says what is wrong, and that the cursor is in the wrong field, where one sees it; "" is none.
func (p *person) standsAt(field string) {
	p.t.Helper()
	p.is(`[...document.querySelectorAll('[role=alert]')].some(e => e.textContent.trim() !== '')`)
	if field == "" {
		return
	}
	p.is(js(`document.activeElement.name === %s && document.activeElement.matches('[aria-invalid=true]')`, field))
	p.is(`(box => box.top >= 0 && box.bottom <= innerHeight)(document.activeElement.getBoundingClientRect())`)
	p.is(`!!document.getElementById(document.activeElement.getAttribute('aria-describedby').split(' ').at(-1))?.textContent.trim()`)
}

// isTold holds that words stand on the page.
func (p *person) isTold(words ...string) {
	p.t.Helper()
	text := ask[string](p.tab, `document.getElementById('pane').textContent`)
	for _, w := range words {
		if !strings.Contains(text, w) {
			p.t.Errorf("%s is not told %q in: %s", p.name, w, strings.Join(strings.Fields(text), " "))
		}
	}
}
