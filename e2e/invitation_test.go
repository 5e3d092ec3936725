package e2e

import (
	"strings"
	"testing"
)

// TestInvitation brings somebody in where only those who are invited may come: by a link, which stands on the page to be
// copied and as a code to be held before a camera.
func TestInvitation(t *testing.T) {
	eachWay(t, func(t *testing.T, visitor func(*site, string) *person) {
		site := startSite(t)
		root, bob, carl := visitor(site, "root"), visitor(site, "bob"), visitor(site, "carl")
		root.setsUp("The Pub", "invite")
		room := root.makesRoom("Cellar", "private")
		bob.goesTo("/register")
		bob.is(`!document.querySelector('form[action="/register"]')`)

		link := root.invites("days", "7", "uses", "1", "room", strings.TrimPrefix(room, "/rooms/"))
		root.is(`[...document.querySelectorAll('#pane svg[role=img]')].map(e => e.getBoundingClientRect()).some(box => box.width >= 160 && box.width === box.height)`)
		page := ask[string](root.tab, `location.pathname`)

		carl.goesTo(link)
		bob.goesTo(link)
		bob.expects("status of 422")
		bob.submits("/register", "username", "b", "password", password)
		bob.standsAt("username")
		bob.submits("/register", "username", "bob", "password", password)
		bob.isAt(room)
		carl.expects("status of 422", "status of 404")
		carl.submits("/register", "username", "carl", "password", password) // the page is open, the last use is gone
		carl.isAt("/register")
		carl.goesTo(link)
		carl.is(`!document.querySelector('form[action="/register"]')`)

		root.expects("status of 404")
		again := root.invites("days", "1", "uses", "0")
		root.submits(ask[string](root.tab, `location.pathname`) + "/revoke")
		carl.goesTo(again)
		carl.is(`!document.querySelector('form[action="/register"]')`)
		root.goesTo(page)
		root.is(`!document.querySelector('form[action$="/revoke"]')`)

		// Somebody who has an account already comes into the room.
		other := root.makesRoom("Loft", "private")
		bob.goesTo(root.invites("days", "7", "uses", "5", "room", strings.TrimPrefix(other, "/rooms/")))
		bob.submits("/invitations/accept")
		bob.isAt(other)
	})
}

// invites makes an invitation and gives its link's path.
func (p *person) invites(fields ...string) string {
	p.t.Helper()
	p.goesTo("/invitations")
	p.submits("/invitations", fields...)
	link := ask[string](p.tab, `document.querySelector('#pane [readonly]').value`)
	path, ok := strings.CutPrefix(link, p.site.URL)
	if !ok {
		p.t.Fatalf("the link leads to %s", link)
	}
	return path
}
