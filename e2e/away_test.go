package e2e

import (
	"net/http"
	"testing"
)

// TestChangesWhileAway posts, edits and deletes while a page is away. It comes back by itself, and shows what a fresh page
// shows; what stood in the box stands there still.
func TestChangesWhileAway(t *testing.T) {
	for name, c := range map[string]struct {
		leaves, returns func(*person, *line)
		before          bool // what happens, happens before the page comes back
	}{
		"a dead line": {
			func(_ *person, l *line) { l.breaks() },
			func(_ *person, l *line) { l.mends() }, true,
		},
		"a killed server": {
			func(p *person, _ *line) { p.site.isKilled() },
			func(p *person, _ *line) { p.site.starts() }, false,
		},
		"the back/forward cache": {
			func(p *person, _ *line) { p.run(`window.kept = true`); p.follows(`#head a.count`) },
			func(p *person, _ *line) { p.goesBack(); p.is(`window.kept === true`) }, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := startLine(t)
			l.letsPagesBeKept()
			site := openSiteBehind(t, l, "127.0.0.1")
			ada, carl := site.person("ada"), site.member("carl")
			ada.expects(lostLine()...)
			room := ada.makesRoom("Music", "public")
			carl.joins(room)
			carl.says(room, numbered(1, 5)...)
			ada.isLive()
			ada.sees("message 5")
			ada.types("#body", draft)

			c.leaves(ada, l)
			ada.isCutOff()
			if !c.before {
				c.returns(ada, l)
			}
			carl.edits(room+"/2", "message 2, better")
			carl.deletes(room + "/3")
			carl.says(room, numbered(6, 8)...)
			carl.edits(room+"/7", "message 7, better")
			carl.deletes(room + "/8")
			if c.before {
				c.returns(ada, l)
			}
			ada.isLive()
			carl.says(room, "message 9")
			ada.seesOnly("message 1", "message 2, better", "Message deleted", "message 4", "message 5", "message 6",
				"message 7, better", "Message deleted", "message 9")
			ada.is(js(`document.getElementById('body').value === %s`, draft))
			ada.seesWhatAReloadShows()
		})
	}
}

// edits gives a message another text, by its own page.
func (c *client) edits(message, text string) {
	c.t.Helper()
	c.submits(message+"/edit", message+"/edit", "body", text)
}

// deletes erases a message.
func (c *client) deletes(message string) {
	c.t.Helper()
	a := c.do(http.MethodPost, message+"/delete", c.get(message+"/edit").form(c.t, message+"/delete"))
	if a.Status != http.StatusSeeOther {
		c.t.Fatalf("%s: deleting %s is answered %d", c.name, message, a.Status)
	}
}
