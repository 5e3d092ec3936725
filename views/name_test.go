package views_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"chinwag/views"
)

// hostile are names that mean something to a browser, to htmx, to our catalogue or to a spreadsheet.
var hostile = []string{
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`' onmouseover='alert(1)`,
	`</title></textarea></style><svg onload=alert(1)>`,
	`</li></ol><div id="composer" hx-swap-oob="true">`,
	`" hx-swap-oob="true" data-rev="999999`,
	`" hx-get="/logout" hx-trigger="load`,
	`<hx-upsert hx-target="#tail">`,
	`<style>*{display:none}</style>`,
	`javascript:alert(1)`,
	`&lt;b&gt; &amp; &#x3c;i&#x3e;`,
	`{{.Limit}} {{template "x"}} ${7*7}`,
	`<!-- ]]> --><![CDATA[`,
	`=HYPERLINK("https://evil.example")`,
	"\u202egnp.exe\u2066\u200b `onload`",
}

// TestHostileNames draws every page and fragment with each name for everybody and everything, and with a plain one: apart
// from texts and values the browser must see the same.
func TestHostileNames(t *testing.T) {
	plain := newSample(t, "Plain", 3, 3)
	for _, name := range hostile {
		t.Run(name, func(t *testing.T) {
			s := newSample(t, name, 3, 3)
			for _, set := range []struct{ plain, hostile map[string]templ.Component }{
				{plain.pages(), s.pages()}, {plain.fragments(), s.fragments()},
			} {
				for component, c := range set.hostile {
					want, _ := skeleton(t, draw(t, set.plain[component]))
					got, said := skeleton(t, draw(t, c))
					if !slices.Equal(got, want) {
						t.Errorf("%s: the name changed the page:\ngot  %q\nwant %q", component, got, want)
					}
					if strings.Contains(draw(t, set.plain[component]), "Plain") && !strings.Contains(said, name) {
						t.Errorf("%s: the name is not there as it is", component)
					}
				}
			}
		})
	}
}

// TestHostileNextAddress holds that where somebody was going stays a value of the form.
func TestHostileNextAddress(t *testing.T) {
	for _, name := range hostile {
		s := newSample(t, "Plain", 1, 0)
		s.name = name
		got, _ := skeleton(t, draw(t, views.LoginPage(s.signedOut(), s.typed("", "", nil), "")))
		s.name = "Plain"
		want, _ := skeleton(t, draw(t, views.LoginPage(s.signedOut(), s.typed("", "", nil), "")))
		if !slices.Equal(got, want) {
			t.Errorf("%q changed the page:\ngot  %q\nwant %q", name, got, want)
		}
	}
}

// skeleton is a document without what it says: its elements and the names of their attributes, in order. Where an attribute
// does something, its value counts. Beside it stands what the document says, in texts and attributes.
func skeleton(t *testing.T, source string) (bones []string, said string) {
	t.Helper()
	var words strings.Builder
	for node := range parse(t, source).Descendants() {
		switch node.Type {
		case html.TextNode:
			words.WriteString(node.Data + "\n")
		case html.ElementNode:
			bones = append(bones, node.Data)
			for _, a := range node.Attr {
				bones = append(bones, a.Key)
				words.WriteString(a.Val + "\n")
				if active(a.Key) {
					bones = append(bones, a.Val)
				}
			}
		case html.CommentNode:
			bones = append(bones, "comment")
		}
	}
	return bones, words.String()
}

func active(attribute string) bool {
	return strings.HasPrefix(attribute, "hx-") ||
		slices.Contains([]string{"id", "class", "href", "src", "action", "name", "type", "role"}, attribute)
}

// parse reads a document as a browser does; a fragment becomes the content of a body.
func parse(t *testing.T, source string) *html.Node {
	t.Helper()
	if strings.HasPrefix(source, "<!doctype") {
		doc, err := html.Parse(strings.NewReader(source))
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(source), body)
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range nodes {
		body.AppendChild(node)
	}
	return body
}
