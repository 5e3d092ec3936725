package e2e

import "testing"

// TestDisabling takes an account away from somebody who is looking at a room, and gives it back.
func TestDisabling(t *testing.T) {
	eachWay(t, func(t *testing.T, visitor func(*site, string) *person) {
		site := startSite(t)
		root, eve := visitor(site, "root"), site.visitor("eve")
		root.setsUp("The Pub", "open")
		eve.registers()
		eve.goesTo("/rooms/1")
		eve.isLive()

		root.goesTo("/admin")
		root.follows(`#pane a[href="/admin/people"]`)
		root.fills(`form[role=search]`, "q", "ev")
		root.follows(`form[role=search] button`)
		root.follows(`a[href="/admin/people/eve"]`)
		root.submits("/admin/people/eve/disable")
		root.isAt("/admin/people/eve")
		eve.isPutOut()
		eve.submits("/login", "username", "eve", "password", password)
		eve.is(`!!document.querySelector('form[action="/login"]')`)

		root.submits("/admin/people/eve/enable")
		eve.submits("/login", "username", "eve", "password", password)
		eve.isLive()
		root.submits("/admin/people/eve/role", "role", "admin")
		eve.isPutOut() // and signs in anew, as who she is now
		eve.submits("/login", "username", "eve", "password", password)
		eve.goesTo("/admin")
		eve.follows(`#pane a[href="/admin/log"]`)
		eve.is(`document.querySelectorAll('#pane time').length >= 3`)
	})
}

// TestHandedOverLink resets a password where no mail goes out: an administrator hands a link over.
func TestHandedOverLink(t *testing.T) {
	eachWay(t, func(t *testing.T, visitor func(*site, string) *person) {
		site := startSite(t)
		root, eve := visitor(site, "root"), visitor(site, "eve")
		root.setsUp("The Pub", "open")
		eve.registers()
		eve.submits("/logout")
		eve.goesTo("/forgot")
		eve.is(`!document.querySelector('form[action="/forgot"]')`)

		root.goesTo("/admin/people/eve")
		root.submits("/admin/people/eve/reset")
		link := ask[string](root.tab, `document.querySelector('#pane [readonly]').value`)
		eve.opens(link)
		path := ask[string](eve.tab, `location.pathname`)
		eve.submits(path, "password", newPassword)
		eve.submits("/login", "username", "eve", "password", newPassword)
		eve.is(`!!document.getElementById('sidebar')`)
	})
}

// TestCommunitySettings renames the community and closes its door.
func TestCommunitySettings(t *testing.T) {
	eachWay(t, func(t *testing.T, visitor func(*site, string) *person) {
		site := startSite(t)
		root, guest := visitor(site, "root"), visitor(site, "guest")
		root.setsUp("The Pub", "open")
		root.goesTo("/admin")
		root.expects("status of 422")
		root.submits("/admin/settings", "community", "   ")
		root.standsAt("community")
		root.submits("/admin/settings", "community", "The Old Ship Inn", "registration", "closed", "zone", "Europe/Berlin")
		root.isAt("/admin")
		guest.goesTo("/register")
		guest.is(`document.title.includes('The Old Ship Inn') && !document.querySelector('form[action="/register"]')`)
	})
}
