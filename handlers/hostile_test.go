package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"chinwag/chat"
)

// allowed is what may stand in a message's text, and with which attributes.
func allowed() map[string][]string {
	return map[string][]string{
		"p": nil, "br": nil, "em": nil, "strong": nil, "del": nil, "code": {"class"}, "pre": nil, "blockquote": nil,
		"ul": nil, "ol": {"start"}, "li": nil, "a": {"href", "rel", "target"}, "small": nil,
	}
}

// skeleton is all elements of some HTML with the names of their attributes, in order: what is said in it does not show.
// What stands in the text of a message is left out and held against what may stand there.
func skeleton(t *testing.T, root *html.Node) []string {
	t.Helper()
	var list []string
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			list = append(list, shape(n))
		}
		if n.Type == html.CommentNode {
			list = append(list, "<!---->")
		}
		if slices.Contains(strings.Fields(attribute(n, "class")), "text") {
			onlyAllowed(t, n)
			return
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	walk(root)
	return list
}

func shape(n *html.Node) string {
	names := make([]string, 0, len(n.Attr))
	for _, a := range n.Attr {
		if a.Key != "aria-current" { // which of several links has it, their names decide
			names = append(names, a.Key)
		}
	}
	slices.Sort(names)
	return n.Data + " " + strings.Join(names, " ")
}

// onlyAllowed holds the text of a message against what may stand in it.
func onlyAllowed(t *testing.T, text *html.Node) {
	t.Helper()
	for n := range text.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("a comment stands in a message: %q", n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		attributes, ok := allowed()[n.Data]
		if !ok {
			t.Errorf("<%s> stands in a message", n.Data)
		}
		for _, a := range n.Attr {
			if !slices.Contains(attributes, a.Key) {
				t.Errorf("<%s %s=%q> stands in a message", n.Data, a.Key, a.Val)
			}
		}
		if n.Data == "a" {
			safeLink(t, n)
		}
		if n.Data == "code" && attribute(n, "class") != "" && !strings.HasPrefix(attribute(n, "class"), "language-") {
			t.Errorf("the class %q stands in a message", attribute(n, "class"))
		}
	}
}

func safeLink(t *testing.T, a *html.Node) {
	t.Helper()
	u, err := url.Parse(attribute(a, "href"))
	web := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
	mail := err == nil && u.Scheme == "mailto" && u.Opaque != "" && u.RawQuery == ""
	if !web && !mail {
		t.Errorf("a link leads to %q", attribute(a, "href"))
	}
	if got := attribute(a, "rel"); got != "noopener noreferrer nofollow ugc" {
		t.Errorf("a link has rel=%q", got)
	}
}

func fragmentOf(t *testing.T, frame string) *html.Node {
	t.Helper()
	root := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(frame), root)
	must(t, err)
	for _, n := range nodes {
		root.AppendChild(n)
	}
	return root
}

// What a message holds changes nothing outside its own text: live, in the answer to the script, on the page, on older
// pages and at its own address.
func TestS42_S43_S44_MessagesStayInTheirPlace(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bodies := hostileBodies()
	plain, hostile := s.room("Market", chat.RoomPublic, 0), s.room("Market", chat.RoomPublic, 0)
	bob := s.newcomer(plain, hostile)
	frames := map[chat.RoomID]*screen{plain: bob.watches(plain, 0), hostile: bob.watches(hostile, 0)}
	answers := map[chat.RoomID][][]string{}
	for i, body := range bodies {
		for room, text := range map[chat.RoomID]string{plain: "hello", hostile: body} {
			p := bob.htmx(roomPath(room)+"/messages", "body", text, "key", strconv.Itoa(i)+roomPath(room)[1:2]+strconv.Itoa(int(room))).is(http.StatusOK)
			answers[room] = append(answers[room], skeleton(t, p.root))
		}
	}
	for i, body := range bodies {
		if diff := cmp.Diff(answers[plain][i], answers[hostile][i]); diff != "" {
			t.Errorf("the answer to %q holds more than a message:\n%s", body, diff)
		}
	}
	live := map[chat.RoomID][]string{}
	for room, screen := range frames {
		last := strconv.Itoa(len(bodies))
		screen.shows(`id="m` + last + `"`)
		for _, frame := range screen.got() {
			root := fragmentOf(t, frame)
			live[room] = append(live[room], slices.DeleteFunc(skeleton(t, root), func(s string) bool { return s == "body " || s == "hx-upsert hx-target" })...)
		}
	}
	if diff := cmp.Diff(live[plain], live[hostile]); diff != "" {
		t.Errorf("the frames hold more than messages:\n%s", diff)
	}
	pages := []string{"", "?before=21", "?after=10", "/7", "/" + strconv.Itoa(len(bodies))}
	for _, page := range pages {
		want, got := skeleton(t, bob.get(roomPath(plain)+page).is(http.StatusOK).root), skeleton(t, bob.get(roomPath(hostile)+page).is(http.StatusOK).root)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the page %q holds more than messages:\n%s", page, diff)
		}
	}
	req := bob.request(http.MethodGet, roomPath(hostile)+"?before=41", nil)
	req.Header.Set("HX-Request", "true")
	skeleton(t, bob.do(req).is(http.StatusOK).root)
	catchUp := bob.watches(hostile, 1)
	catchUp.shows(`id="m` + strconv.Itoa(len(bodies)) + `"`)
	for _, frame := range catchUp.got() {
		skeleton(t, fragmentOf(t, frame))
	}
}

func TestS46_LinksLeadToTheWebOrToAMailbox(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob := s.newcomer(general)
	links := 0
	for _, address := range linkSpellings() {
		for _, body := range []string{"[x](" + address + ")", "[x](<" + address + ">)", "<" + address + ">", address, "[x]: " + address + "\n\n[x]"} {
			p := bob.htmx(sendToGeneral, "body", body, "key", chat.NewToken(16)).is(http.StatusOK)
			for n := range p.root.Descendants() {
				if slices.Contains(strings.Fields(attribute(n, "class")), "text") {
					onlyAllowed(t, n)
					links += strings.Count(render(t, n), "<a ")
				}
			}
		}
	}
	if links < 8 {
		t.Errorf("only %d of the good links are links", links)
	}
}

func render(t *testing.T, n *html.Node) string {
	t.Helper()
	var b strings.Builder
	must(t, html.Render(&b, n))
	return b.String()
}

// Whatever people call themselves, their rooms and their community, it is text wherever it stands: no page has another
// element, attribute or header for it.
func TestS45_S48_NamesAreTextEverywhere(t *testing.T) {
	t.Parallel()
	hostile := hostileNames()
	plain := make([]string, len(hostile))
	for i := range plain {
		plain[i] = fmt.Sprintf("Plain %d", i)
	}
	want, got := pagesOfNames(t, plain), pagesOfNames(t, hostile)
	for what := range want {
		if diff := cmp.Diff(want[what], got[what]); diff != "" {
			t.Errorf("%s is another page with names that mean harm:\n%s", what, diff)
		}
	}
}

// pagesOfNames are the elements and headers of all pages of a site where people, rooms, topics and the community are
// called so, in the order of the alphabet, for lists stand in the order of names.
func pagesOfNames(t *testing.T, names []string) map[string][]string {
	t.Helper()
	s := startSite(t, withoutLimits)
	pages := map[string][]string{}
	notes := func(what string, p *page) {
		list := skeleton(t, p.root)
		for _, name := range headerNames(p) {
			if name != "Vary" { // only larger pages have it
				list = append(list, "header "+name)
			}
		}
		slices.Sort(list)
		pages[what] = list
	}
	ada := s.stranger()
	ada.opens("/setup?token=" + setupToken)
	ada.post("/setup?token="+setupToken, "community", names[0], "username", "ada", "password", password, "registration", "open").is(http.StatusSeeOther)
	for i, name := range names {
		topic := names[(i+1)%len(names)]
		s.callsItself(storable(names[(i+2)%len(names)]))
		at := func(what string) string { return fmt.Sprintf("%s with %q", what, fmt.Sprint(i)) }
		bob := s.called(i, name)
		notes(at("the welcome"), bob.opens("/"))
		p := bob.post("/rooms", "name", name, "kind", "public", "topic", topic).is(http.StatusSeeOther)
		notes(at("a made room"), p)
		room := p.Header.Get("Location")
		notes(at("an empty room"), bob.opens(room))
		screen := bob.opensSocket("?room=" + strings.TrimPrefix(room, "/rooms/"))
		screen.stays()
		notes(at("a message"), bob.htmx(room+"/messages", "body", "hello", "key", "k1").is(http.StatusOK))
		screen.shows("hello")
		pages[at("a frame")] = skeleton(t, fragmentOf(t, screen.got()[0]))
		notes(at("a refused message"), bob.post(room+"/messages", "body", "", "key", "k1"))
		notes(at("a room"), bob.opens(room))
		if !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' }) {
			bob.page.sees(strings.Join(strings.Fields(name), " ")) // as it was typed
		}
		notes(at("as a guest"), ada.opens(room))
		notes(at("its members"), bob.opens(room+"/members"))
		notes(at("the directory"), ada.opens("/rooms"))
		notes(at("a search"), ada.opens("/rooms?q="+url.QueryEscape("nothing is called "+name)))
		notes(at("a room missing"), bob.opens("/rooms/77"))
		notes(at("somebody unknown"), bob.post(room+"/members", "username", "nobody "+name))
		notes(at("a wrong room"), bob.post("/rooms", "name", name, "kind", "", "topic", topic))
		notes(at("a wrong name"), s.stranger().submitsTo("/register", "username", "!"+name, "password", "short", "display_name", name, "email", name))
		notes(at("on the way in"), s.stranger().opens("/login?next="+url.QueryEscape("/"+name)))
		for _, path := range []string{"/invitations", "/admin", "/admin/people", "/admin/people/" + bob.name(), "/admin/log"} {
			notes(at(path[:min(len(path), len("/admin/people/"))]), ada.opens(path))
		}
		notes(at("people sought"), ada.opens("/admin/people?q="+url.QueryEscape("nobody is "+name)))
		notes(at("a log sought"), ada.opens("/admin/log?who="+url.QueryEscape(name)))
		notes(at("an invitation"), ada.submitsFrom("/invitations", "/invitations", "room", strings.TrimPrefix(room, "/rooms/")))
		notes(at("on an invitation"), s.stranger().opens(strings.TrimPrefix(ada.page.copied(), s.origin())))
		notes(at("leaving"), bob.submitsFrom(room, room+"/leave"))
		notes(at("signed out"), bob.submitsFrom("/rooms", "/logout"))
	}
	return pages
}

// called registers somebody, by the form for every fourth: a password takes its time.
func (s *site) called(i int, name string) *browser {
	s.t.Helper()
	if i%4 != 0 {
		bob := s.newcomer(general)
		s.runs(`UPDATE users SET display_name = $1 WHERE id = $2`, storable(name), bob.me())
		return bob
	}
	bob := s.stranger()
	bob.opens("/register")
	bob.post("/register", "username", fmt.Sprintf("bob%d", i), "password", password, "display_name", name).is(http.StatusSeeOther)
	return bob
}

// storable is a name that any database takes past the rules, which let no NUL through: PostgreSQL has no such text.
func storable(name string) string { return strings.ReplaceAll(name, "\x00", "") }
