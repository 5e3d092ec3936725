package e2e

import (
	"net/url"
	"testing"
)

// draft is what ada has in the box while her line is gone.
const draft = "half a thought, not yet"

// TestComingBack takes the server or the line away from an open page. It comes back by itself, with everything that was
// said meanwhile, once and in order, and with what stood in the box.
func TestComingBack(t *testing.T) {
	for name, c := range map[string]struct {
		leave, comeBack func(*site, *line)
	}{
		"the server restarts":  {func(s *site, _ *line) { s.stops() }, func(s *site, _ *line) { s.starts() }},
		"the server is killed": {func(s *site, _ *line) { s.isKilled() }, func(s *site, _ *line) { s.starts() }},
		"the line drops":       {func(_ *site, l *line) { l.breaks() }, func(_ *site, l *line) { l.mends() }},
	} {
		t.Run(name, func(t *testing.T) {
			l := startLine(t)
			site := openSiteBehind(t, l, "127.0.0.1")
			ada, bob, carl := site.person("ada"), site.person("bob"), site.member("carl")
			room := ada.makesRoom("Music", "public")
			bob.joins(room)
			carl.joins(room)
			ada.isLive()
			bob.isLive()
			ada.says("message 1")
			carl.says(room, "message 2")
			bob.says("message 3")
			for _, p := range []*person{ada, bob} {
				p.seesOnly(numbered(1, 3)...)
				p.expects(lostLine()...)
			}
			ada.types("#body", draft)

			for round := range 2 { // the second time with the cursor of a connection that was itself a return
				said := 3 + 5*round
				c.leave(site, l)
				ada.isCutOff()
				bob.isCutOff()
				if site.run == nil {
					c.comeBack(site, l)
					carl.says(room, numbered(said+1, said+2)...)
				} else { // carl has another line
					carl.says(room, numbered(said+1, said+2)...)
					c.comeBack(site, l)
				}
				ada.returns(room, said, said+2)
				bob.returns(room, said, said+2)
				carl.says(room, numbered(said+3, said+4)...)
				bob.says("message " + number(said+5))
				ada.seesOnly(numbered(1, said+5)...)
				bob.seesOnly(numbered(1, said+5)...)
				ada.is(js(`document.getElementById('body').value === %s && document.activeElement.id === 'body'`, draft))
			}
			ada.is(`document.getElementById('line').hidden`)
			ada.hits(enter)
			bob.sees(draft)
			ada.sees(draft)
			ada.seesWhatAReloadShows()
			bob.seesWhatAReloadShows()
		})
	}
}

func (p *person) isCutOff() {
	p.t.Helper()
	eventually(p.t, p.name+" has no socket", func() bool { return p.liveSockets() == 0 })
}

// returns waits until the page is live again, and holds that it asked from where it was: from a revision at which it had
// seen that many messages, and no later than the newest.
func (p *person) returns(room string, seen, newest int) {
	p.t.Helper()
	p.isLive()
	p.sees("message " + number(newest))
	address, err := url.Parse(p.lastSocket())
	must(p.t, err)
	if at := "/rooms/" + address.Query().Get("room"); at != room {
		p.t.Errorf("%s came back to %s, not to %s", p.name, at, room)
	}
	row := js(`document.getElementById(%s).dataset.rev`, "m"+number(seen))
	if after, want := address.Query().Get("after"), ask[string](p.tab, row); after != want {
		p.t.Errorf("%s came back asking after revision %s, not %s", p.name, after, want)
	}
}

// TestAwayForLong comes back after more than can be caught up piece by piece: the page says how much that was, and leads to
// where one was and to the end. It shows no hole, and loses nothing of what stands in the box.
func TestAwayForLong(t *testing.T) {
	l := startLine(t)
	site := openSiteBehind(t, l, "127.0.0.1")
	ada, bob, carl := site.person("ada"), site.person("bob"), site.member("carl")
	room := ada.makesRoom("Music", "public")
	bob.joins(room)
	carl.joins(room)
	carl.says(room, numbered(1, 5)...)
	ada.isLive()
	bob.isLive()
	ada.sees("message 5")
	bob.sees("message 5")
	ada.types("#body", draft)
	for _, p := range []*person{ada, bob} {
		p.expects(lostLine()...)
	}
	l.breaks()
	ada.isCutOff()
	bob.isCutOff()
	carl.says(room, numbered(6, 215)...)
	l.mends()
	for _, p := range []*person{ada, bob} {
		p.until(`document.getElementById('line').textContent.includes('210 messages since you left')`)
		p.seesOnly(numbered(1, 5)...)
	}
	carl.says(room, "message 216")
	bob.follows(js(`#line a[href=%s]`, room+"/6"))
	bob.isAt(room + "/6")
	bob.sees(numbered(5, 7)...)
	bob.follows("#newest")
	bob.isLive()
	bob.seesOnly(numbered(167, 216)...)

	ada.seesOnly(numbered(1, 5)...) // what comes now belongs below what is not there
	ada.is(js(`document.getElementById('body').value === %s`, draft))
	ada.hits(enter)
	bob.sees(draft)
	ada.sees(draft)
	ada.seesOnly(append(numbered(168, 216), draft)...)
}

// TestSendingWithoutSocket sends where no socket comes through: one sees what one said, and when sockets come through again,
// what others said meanwhile stands where it belongs.
func TestSendingWithoutSocket(t *testing.T) {
	l := startLine(t)
	site := openSiteBehind(t, l, "127.0.0.1")
	ada, carl := site.person("ada"), site.member("carl")
	ada.expects(lostLine()...)
	room := ada.makesRoom("Music", "public")
	carl.joins(room)
	ada.isLive()
	ada.says("message 1")
	ada.sees("message 1")
	l.refusesSockets()
	ada.isCutOff()
	carl.says(room, "message 2")
	ada.says("message 3")
	ada.sees("message 1", "message 3")
	carl.says(room, "message 4")
	ada.says("message 5")
	ada.sees("message 5")
	l.mends()
	ada.isLive()
	ada.seesOnly(numbered(1, 5)...)
	carl.says(room, "message 6")
	ada.seesOnly(numbered(1, 6)...)
	ada.seesWhatAReloadShows()
}

// lostLine is how Chromium complains of one.
func lostLine() []string {
	return []string{"ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "WebSocket connection", "ws:error"}
}
