//go:build postgres

package e2e

import "testing"

// TestHoppingBetweenNodes takes a browser from node to node in the midst of a chat. What was said meanwhile comes, once and
// in order; what stood in the box stands there still.
func TestHoppingBetweenNodes(t *testing.T) {
	c := openCommunity(t, 2)
	carl := c.member("carl")
	c.leadsTo(c.nodes[0])
	ada := c.person("ada")
	ada.expects(lostLine()...)
	room := ada.makesRoom("Music", "public")
	carl.at(c.nodes[0]).joins(room)
	ada.isLive()
	carl.says(room, "message 1")
	ada.sees("message 1")
	ada.types("#body", draft)
	said := 1
	for hop := range 4 {
		from, to := c.nodes[hop%2], c.nodes[(hop+1)%2]
		c.door.breaks()
		ada.isCutOff()
		carl.at(from).says(room, "message "+number(said+1))
		carl.at(to).says(room, "message "+number(said+2))
		carl.at(from).edits(room+"/"+number(said+2), "message "+number(said+2)+", better")
		carl.at(to).edits(room+"/"+number(said+2), "message "+number(said+2))
		c.leadsTo(to)
		c.door.mends()
		ada.returns(room, said, said+2)
		carl.at(from).says(room, "message "+number(said+3))
		said += 3
		ada.seesOnly(numbered(1, said)...)
		ada.is(js(`document.getElementById('body').value === %s && document.activeElement.id === 'body'`, draft))
	}
	ada.hits(enter)
	ada.sees(draft)
	ada.says("message 15")
	ada.seesOnly(append(numbered(1, said), draft, "message 15")...)
	ada.seesWhatAReloadShows()
	c.stops()
}
