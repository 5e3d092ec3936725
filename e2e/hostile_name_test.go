package e2e

import (
	"net/http"
	"net/url"
	"testing"
)

// TestHostileNames_S45 lets people, rooms, topics and searches be called what they should not, and looks at every page that
// says such a name: each is text, and nothing but text.
func TestHostileNames_S45(t *testing.T) {
	site := startSite(t)
	ada := site.visitor("ada")
	ada.setsUp(hostileNames()[0], "open")
	const general = "/rooms/1"
	ada.goesTo(general)
	ada.isLive()
	rooms := make([]string, 0, len(hostileNames()))
	for i, name := range hostileNames() {
		c := site.client("user" + number(i))
		c.submits("/register", "/register", "username", c.name, "password", password, "display_name", name)
		rooms = append(rooms, c.makesRoom(name, "public", name))
		c.says(general, "message "+number(i+1))
		c.says(rooms[i], "hello")
	}
	ada.sees(numbered(1, len(hostileNames()))...)
	ada.reads(`.by`, hostileNames()...)
	ada.seesWhatAReloadShows()
	ada.seesNothingButText()

	ada.goesTo(general + "/members")
	ada.reads(`.people b`, append([]string{"ada"}, hostileNames()...)...)
	ada.goesTo("/rooms")
	ada.reads(`.list b`, append([]string{"General"}, hostileNames()...)...)
	ada.reads(`.list .topic`, hostileNames()...)
	for i, room := range rooms {
		name := hostileNames()[i]
		ada.joins(room)
		ada.isLive()
		ada.reads(`#head h1`, name)
		ada.reads(`#head .topic`, name)
		ada.reads(`.by`, name)
		ada.is(js(`document.title.startsWith(%s) && document.querySelectorAll('#composer, #sidebar, #app, #pane').length === 4`, name))
		ada.submits(room + "/leave") // and the next page says that she left it
		ada.is(js(`document.querySelector('#pane [role=status]').textContent.includes(%s)`, name))
		ada.joins(room)
	}
	ada.reads(`#sidebar li b, #sidebar li span`, append([]string{"General"}, hostileNames()...)...)

	for _, name := range hostileNames() {
		ada.goesTo("/rooms?" + url.Values{"q": {name + "?"}}.Encode())
		ada.is(js(`document.getElementById('q').value === %s && document.getElementById('pane').textContent.includes(%[1]s)`, name+"?"))
	}
	ada.expects("status of 422")
	ada.goesTo(general + "/members")
	ada.submits(general+"/members", "username", hostileNames()[1])
	ada.is(js(`document.getElementById('username').value === %s`, hostileNames()[1]))
	ada.asksNothingElse()
}

// TestWhereToGoNext holds that a link to the sign-in page leads nowhere but into the site.
func TestWhereToGoNext(t *testing.T) {
	site := openSite(t)
	site.member("ada")
	for _, next := range []string{"//evil.test/", "https://evil.test/", `/\evil.test`, "javascript:pwned(1)", "/\t/evil.test", "http:evil.test", "/rooms\r\nX-Pwned: 1"} {
		c := site.client("ada")
		page := "/login?" + url.Values{"next": {next}}.Encode()
		a := c.submits(page, "/login", "username", "ada", "password", password)
		to, err := url.Parse(a.Header.Get("Location"))
		if err != nil || to.Host != "" || to.Scheme != "" || a.Header.Get("X-Pwned") != "" || c.get("/rooms").Status != http.StatusOK {
			t.Errorf("next=%q led to %q", next, a.Header.Get("Location"))
		}
	}
}

// reads holds that the elements are these texts, in any order and nothing else.
func (p *person) reads(selector string, words ...string) {
	p.t.Helper()
	p.is(js(`(all => all.length === %s && %s.every(words => all.includes(words)))([...document.querySelectorAll(%s)].map(e => e.textContent.trim()))`,
		len(words), words, selector))
}
