package handlers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"chinwag/chat"
)

// link is where the link with an id, or in the element with a class, leads to; empty if there is none.
func (p *page) link(fits func(*html.Node) bool) string {
	if a := p.find(fits); a != nil {
		return attribute(a, "href")
	}
	return ""
}

func hasID(id string) func(*html.Node) bool {
	return func(n *html.Node) bool { return attribute(n, "id") == id }
}

func TestHistoryIsReadByLinks(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	room := s.room("Market", chat.RoomPublic, 120)
	bob := s.newcomer()
	var ids []string
	p := bob.get(roomPath(room)).is(http.StatusOK)
	if p.byID("tail") == nil || p.byID("composer") == nil {
		t.Error("the newest page is not live")
	}
	for pages := 1; ; pages++ {
		ids = append(p.messageIDs(), ids...)
		older := p.link(hasID("older-link"))
		if older == "" {
			if pages != 3 {
				t.Errorf("%d pages", pages)
			}
			break
		}
		p = bob.get(older).is(http.StatusOK)
		if p.byID("tail") != nil || p.attribute("app", "hx-ws:connect") != "" {
			t.Error("an older page is live: what is new would be appended to it")
		}
	}
	if diff := cmp.Diff(numbered(1, 120), ids); diff != "" {
		t.Errorf("the pages show:\n%s", diff)
	}
	for pages := 0; pages < 5; pages++ { // and back down
		next := p.link(func(n *html.Node) bool { return strings.HasPrefix(attribute(n, "href"), roomPath(room)+"?after=") })
		if next == "" {
			break
		}
		p = bob.get(strings.Split(next, "#")[0]).is(http.StatusOK)
	}
	if p.byID("tail") == nil || !slices.Contains(p.messageIDs(), "m120") {
		t.Error("the way down does not lead to the newest message")
	}
}

func numbered(from, to int) []string {
	var list []string
	for n := from; n <= to; n++ {
		list = append(list, fmt.Sprintf("m%d", n))
	}
	return list
}

func TestPermalinksShowWhatIsAroundAMessage(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	room := s.room("Market", chat.RoomPublic, 120)
	bob := s.newcomer()
	for _, seq := range []int{1, 2, 60, 119, 120} {
		for _, path := range []string{fmt.Sprintf("/%d", seq), fmt.Sprintf("?at=%d", seq)} {
			p := bob.get(roomPath(room) + path).is(http.StatusOK)
			ids := p.messageIDs()
			if !slices.Contains(ids, fmt.Sprintf("m%d", seq)) || len(ids) < 25 || len(ids) > 50 {
				t.Errorf("%s shows %v", path, ids)
			}
			if live, newest := p.byID("tail") != nil, ids[len(ids)-1] == "m120"; live != newest {
				t.Errorf("%s is live: %v, and ends at the newest: %v", path, live, newest)
			}
		}
	}
	for _, path := range []string{"/121", "?at=121", "?at=99999"} {
		bob.get(roomPath(room) + path).is(http.StatusNotFound)
	}
}

// The script gets older messages without a page around them, the next link, and the row that stood first until now.
func TestOlderMessagesForTheScript(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	room := s.room("Market", chat.RoomPublic, 120)
	bob := s.newcomer()
	req := bob.request(http.MethodGet, roomPath(room)+"?before=71", nil)
	req.Header.Set("HX-Request", "true")
	p := bob.do(req).is(http.StatusOK)
	if diff := cmp.Diff(append(numbered(21, 70), "m71"), p.messageIDs()); diff != "" {
		t.Error(diff)
	}
	if got := attribute(p.byID("m71"), "hx-swap-oob"); got != "true" {
		t.Errorf("the row that stood first swaps %q", got)
	}
	if got := p.link(hasID("older-link")); got != roomPath(room)+"?before=21" {
		t.Errorf("older is %q", got)
	}
	if strings.Contains(p.Body, "<html") || p.byID("composer") != nil {
		t.Error("the answer is a page")
	}
}

// Several old messages of one author stand under one name; whoever writes between them begins anew.
func TestMessagesAreGrouped(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	room := s.room("Market", chat.RoomPublic, 2)
	bob := s.newcomer(room)
	bob.says(room, "between")
	s.seedMessages(room, "root", 1)
	names := func() (list []string) {
		p := bob.get(roomPath(room))
		for n := range p.byID("log").Descendants() {
			if n.Data == "b" && attribute(n, "class") == "by" {
				list = append(list, textOf(n))
			}
		}
		return list
	}
	if diff := cmp.Diff([]string{"root", bob.name(), "root"}, names()); diff != "" {
		t.Error(diff)
	}
	s.clock.forward(6 * 60 * 1e9)
	s.seedMessages(room, "root", 1)
	if diff := cmp.Diff([]string{"root", bob.name(), "root", "root"}, names()); diff != "" {
		t.Errorf("after five minutes a name stands again:\n%s", diff)
	}
}
