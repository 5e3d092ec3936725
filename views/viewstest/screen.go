// Package viewstest keeps an open page of a room as htmx and our script keep it, for tests that need many screens and no
// browser: what comes down is put in its place by id, and the cursor moves with it.
package viewstest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Row is one message as a page shows it. Whether a name and a day stand above it is left out: the first row of a page has
// both, wherever it stood before.
type Row struct {
	ID     string // "m41"
	Rev    int64  // its last change
	Text   string
	Gone   bool
	Edited bool
}

// Seq is the number in the row's id, 0 if there is none.
func (r Row) Seq() int64 {
	n, err := strconv.ParseInt(strings.TrimPrefix(r.ID, "m"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Screen is an open page of a room.
type Screen struct {
	Rows []Row
	Tail bool   // the page ends at the newest message: what is new is appended
	Rev  int64  // the cursor: the highest revision that any frame showed
	Line string // what the page says of its connection
	Away bool   // it was told that it is too far behind: nothing more of the room comes until it is loaded again
	Lost bool   // its pane was replaced: the room is not the viewer's any more

	socket string // where its socket was drawn to go
	whole  bool   // there was no message yet when it was loaded: all that came since belongs on it
}

// Open is a screen with a page that has just been loaded.
func Open(page string) (*Screen, error) {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return nil, fmt.Errorf("read page: %w", err)
	}
	s := &Screen{}
	log := find(root, func(n *html.Node) bool { return attribute(n, "id") == "log" })
	if log == nil {
		return nil, fmt.Errorf("no log on the page:\n%.2000s", page)
	}
	s.Rev, err = strconv.ParseInt(attribute(log, "data-rev"), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("the log's revision: %w", err)
	}
	for n := range log.Descendants() {
		switch {
		case attribute(n, "id") == "tail":
			s.Tail = true
		case isRow(n):
			s.Rows = append(s.Rows, rowOf(n))
		}
	}
	s.whole = len(s.Rows) == 0
	if app := find(root, func(n *html.Node) bool { return attribute(n, "hx-ws:connect") != "" }); app != nil {
		s.socket = attribute(app, "hx-ws:connect")
	}
	return s, nil
}

// after is the place of the cursor in a socket's address, as our script finds it.
var after = regexp.MustCompile(`after=\d*`)

// Socket is the address of the socket that brings what comes after the cursor; empty if the page has none.
func (s *Screen) Socket() string {
	return after.ReplaceAllString(s.socket, "after="+strconv.FormatInt(s.Rev, 10))
}

// revs are the revisions in a frame, as our script finds them.
var revs = regexp.MustCompile(`data-rev="(\d+)"`)

// Take puts one frame onto the page.
func (s *Screen) Take(frame string) error {
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(frame), body)
	if err != nil {
		return fmt.Errorf("read frame: %w", err)
	}
	for _, n := range nodes {
		if n.Type == html.ElementNode {
			s.place(n)
		}
	}
	for _, found := range revs.FindAllStringSubmatch(frame, -1) {
		rev, err := strconv.ParseInt(found[1], 10, 64)
		if err != nil {
			return fmt.Errorf("a frame's revision: %w", err)
		}
		s.Rev = max(s.Rev, rev)
	}
	return nil
}

// place does with one element of a frame what htmx does: an upsert replaces what is there and puts the rest where its number
// belongs, if its list is on the page; a swap by id replaces what is there and drops the rest.
func (s *Screen) place(n *html.Node) {
	switch {
	case n.Data == "hx-upsert" && attribute(n, "hx-target") == "#tail" && s.Tail:
		for child := range n.ChildNodes() {
			if isRow(child) && !s.replace(rowOf(child)) {
				s.insert(rowOf(child))
			}
		}
	case attribute(n, "hx-swap-oob") == "":
	case isRow(n):
		s.replace(rowOf(n))
	case attribute(n, "id") == "line":
		s.Line = textOf(n)
		if hasAttribute(n, "data-behind") { // it is a page of the room's past from here on
			s.Tail = false
		}
		s.Away = hasAttribute(n, "data-behind") || hasAttribute(n, "data-reload")
	case attribute(n, "id") == "pane":
		s.Lost = true
	}
}

func (s *Screen) replace(row Row) bool {
	i := slices.IndexFunc(s.Rows, func(r Row) bool { return r.ID == row.ID })
	if i >= 0 {
		s.Rows[i] = row
	}
	return i >= 0
}

func (s *Screen) insert(row Row) {
	i := len(s.Rows)
	for i > 0 && s.Rows[i-1].Seq() > row.Seq() {
		i--
	}
	s.Rows = slices.Insert(s.Rows, i, row)
}

// Differs says in one line how the rows differ from those that the room has by now, which may begin earlier; empty if they
// do not.
func (s *Screen) Differs(room []Row) string {
	first := slices.IndexFunc(room, func(r Row) bool { return len(s.Rows) > 0 && r.ID == s.Rows[0].ID })
	if len(room) == 0 && len(s.Rows) == 0 {
		return ""
	}
	if first < 0 || s.whole && first > 0 {
		return fmt.Sprintf("the screen has %d rows from %+v, the room %d", len(s.Rows), s.Rows[:min(1, len(s.Rows))], len(room))
	}
	want := room[first:]
	if !s.Tail {
		want = want[:min(len(want), len(s.Rows))]
	}
	for i := range max(len(want), len(s.Rows)) {
		switch {
		case i >= len(want):
			return fmt.Sprintf("the screen has %+v, the room ends before it", s.Rows[i])
		case i >= len(s.Rows):
			return fmt.Sprintf("the room has %+v and %d more, the screen ends before it", want[i], len(want)-i-1)
		case want[i] != s.Rows[i]:
			return fmt.Sprintf("row %d is %+v on the screen and %+v in the room", i, s.Rows[i], want[i])
		}
	}
	return ""
}
