package e2e

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/chromedp/cdproto/network"
)

const kB = 1000

// TestSize counts what passes on the wire: every byte between Chromium and the server, headers and framing included.
func TestSize(t *testing.T) {
	b := &budget{t: t}
	l, ada, room := furnishedRoom(t, "127.0.0.1") // Chromium takes it for a safe place, and asks for brotli there
	p := ada.inChromium()
	cold := l.counts(func() { p.goesTo(room); p.isLive() })
	b.holds("cold room, brotli", cold.total(), 25*kB, 40*kB)
	b.holds("… in requests", cold.requests, 4, 6)
	p.seesRoomInFull()

	b.holds("all JavaScript, brotli", l.asset(p, `document.querySelector('script[src]').src`), 18*kB, 24*kB)
	b.holds("CSS of a room, brotli", l.asset(p, `document.querySelector('link[rel=stylesheet]').href`), 3500, 4*kB)
	p.goesTo("/rooms")
	b.holds("… and of all other pages", l.asset(p, `document.querySelectorAll('link[rel=stylesheet]')[1].href`), 2*kB, 3*kB)
	warm := l.counts(func() { p.follows(`#sidebar a[href="` + room + `"]`); p.isLive() })
	b.holds("warm room", warm.total(), 6*kB, 10*kB)
	b.holds("… in requests", warm.requests, 2, 2)

	off := ada.inChromiumWithoutScript()
	plain := l.counts(func() { off.goesTo(room) })
	b.holds("room with JavaScript off", plain.total(), 7*kB, 10*kB)
	b.holds("… in requests", plain.requests, 2, 2)
	off.seesRoomInFull()

	measureMessages(b, l, ada, p, room)

	l, ada, room = furnishedRoom(t, plainHost) // on a plain site, Chromium asks for gzip alone
	p = ada.inChromium()
	cold = l.counts(func() { p.goesTo(room); p.isLive() })
	b.holds("cold room, gzip", cold.total(), 30*kB, 48*kB)
	b.print()
}

// measureMessages counts what one message costs who receives it and who sends it, and what a lost line costs.
func measureMessages(b *budget, l *line, ada *client, p *person, room string) {
	b.t.Helper()
	bob := ada.site.member("bob")
	bob.joins(room)
	for _, m := range []struct {
		what         string
		target, hard int
	}{{"message received, with its header", 400, 520}, {"message received, grouped", 260, 350}} {
		text := (m.what + strings.Repeat(" as long as a hundred characters", 4))[:100]
		got := l.counts(func() { bob.says(room, text); p.sees(text) }) // bob has a line of his own
		b.holds(m.what, got.socketDown, m.target, m.hard)
	}
	sent := l.counts(func() { p.says("Then that is settled. I bring the panes on Saturday, ten o'clock.") })
	b.holds("message sent, up and down", sent.http(), 1200, 1300)
	b.holds("… up", sent.up, kB, 0)
	b.holds("… down", sent.down, 200, 0)

	p.expects(lostLine()...)
	l.breaks()
	p.isCutOff()
	b.holds("reconnect with nothing missed", l.counts(func() { l.mends(); p.isLive() }).total(), 1500, 2500)
}

// furnishedRoom is a room as people have it: fifty messages by five people, for somebody who is in twenty rooms.
func furnishedRoom(t *testing.T, host string) (*line, *client, string) {
	t.Helper()
	l := startLine(t)
	site := openSiteBehind(t, l, host)
	ada := site.member("ada")
	for _, name := range strings.Split(roomNames, ", ") {
		ada.makesRoom(name, "public", "")
	}
	room := ada.makesRoom("Allotment", "public", "Seeds, slugs and who waters when")
	people := []*client{ada}
	for _, name := range []string{"grace", "linus", "priya", "tom"} {
		c := site.member(name)
		c.joins(room)
		people = append(people, c)
	}
	turns := []int{0, 0, 1, 2, 0, 3, 3, 1, 4, 2} // who speaks: some twice in a row
	for i, text := range conversationLines(t) {
		people[turns[i%len(turns)]].says(room, text)
	}
	return l, ada, room
}

// roomNames are the rooms beside General and the one that is measured.
const roomNames = "Announcements, Choir, Cycling, Kitchen, Library, Music, Repairs, Lost and found, Summer party, Carpool, " +
	"Chess, Film club, Neighbours, Photography, Running, Support, Tea room, Village hall"

// seesRoomInFull holds that what was measured is what was meant.
func (p *person) seesRoomInFull() {
	p.t.Helper()
	p.is(`document.querySelectorAll('.m').length === 50 && document.querySelectorAll('#sidebar a[href^="/rooms/"]:not([href$=new])').length === 20`)
}

// inChromium is the client in a browser of their own with empty caches, signed in.
func (c *client) inChromium() *person {
	c.t.Helper()
	return c.site.visitor(c.name).withCookiesOf(c)
}

func (c *client) inChromiumWithoutScript() *person {
	c.t.Helper()
	return c.site.visitorWithoutScript(c.name).withCookiesOf(c)
}

func (p *person) withCookiesOf(c *client) *person {
	p.t.Helper()
	for _, cookie := range c.cookies() {
		call(p.tab, network.SetCookie, network.SetCookieParams{Name: cookie.Name, Value: cookie.Value, URL: p.site.URL})
	}
	return p
}

// asset is what one file costs who asks for brotli and says no word too many.
func (l *line) asset(p *person, script string) int {
	l.t.Helper()
	address := strings.TrimPrefix(ask[string](p.tab, script), p.site.URL)
	return l.counts(func() {
		conn, err := net.Dial("tcp", l.listener.Addr().String())
		must(l.t, err)
		defer conn.Close()
		_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept-Encoding: br\r\nConnection: close\r\n\r\n", address, p.host)
		must(l.t, err)
		_, err = io.Copy(io.Discard, conn)
		must(l.t, err)
	}).down
}

// budget is a table of what was counted, what is aimed at and what fails.
type budget struct {
	t    *testing.T
	rows []string
}

// holds notes a number. Above the hard limit the test fails; 0 is none.
func (b *budget) holds(what string, got, target, hard int) {
	b.t.Helper()
	mark, limit := "", "–"
	if got > target {
		mark = "over target"
	}
	if hard > 0 {
		limit = number(hard)
		if got > hard {
			mark = "TOO MUCH"
			b.t.Errorf("%s: %d, at most %d", what, got, hard)
		}
	}
	b.rows = append(b.rows, fmt.Sprintf("%s\t%d\t%d\t%s\t%s", what, got, target, limit, mark))
}

func (b *budget) print() {
	b.t.Helper()
	var out strings.Builder
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	_, err := fmt.Fprintf(table, "what\tbytes\ttarget\thard limit\t\n%s\n", strings.Join(b.rows, "\n"))
	must(b.t, err)
	must(b.t, table.Flush())
	b.t.Logf("on the wire\n%s", out.String())
}
