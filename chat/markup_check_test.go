package chat

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// checkRender holds a rendering against all that must be true of every one.
func checkRender(t rapid.TB, markup *Markup, source string) {
	t.Helper()
	out := markup.Render(source)
	if again := markup.Render(source); again != out {
		t.Fatalf("Render(%q)\n     was %s\nand then %s", source, out, again)
	}
	if strings.Contains(string(out), `data-rev="`) || strings.Contains(strings.ToLower(string(out)), "<hx-") {
		t.Fatalf("Render(%q) writes as the server does: %s", source, out)
	}
	body := parseBody(t, out)
	// Only an address in brackets and a fence's language are not shown.
	source = cleanText(source)
	hides := strings.Contains(source, "](") || strings.Contains(source, "```") || strings.Contains(source, "~~~")
	if got, want := letters(words(body)), letters(source); !hides && got != want {
		t.Fatalf("Render(%q) shows the letters %q, want %q", source, got, want)
	}
}

// messageTags are the tags of a message's body, with their attributes and what
// these may say.
var messageTags = map[string]map[string]*regexp.Regexp{
	"p": nil, "br": nil, "em": nil, "strong": nil, "del": nil, "pre": nil, "blockquote": nil, "ul": nil, "li": nil, "small": nil,
	"ol":   {"start": regexp.MustCompile(`^[0-9]{1,3}$`)},
	"code": {"class": regexp.MustCompile(`^language-[a-z0-9+#-]{1,20}$`)},
	"a": {
		"href":   regexp.MustCompile(`^(https?://[A-Za-z0-9_\[][A-Za-z0-9_.:\]-]*([/?#][!-~]*)?|mailto:[A-Za-z0-9_.+-]+@[A-Za-z0-9.-]+)$`),
		"rel":    regexp.MustCompile(`^noopener noreferrer nofollow ugc$`),
		"target": regexp.MustCompile(`^_blank$`),
	},
}

// parseBody reads HTML the way a browser does, inside the element that holds a
// message on the page, and gives that element. It fails when anything got out
// of it, when the tree is not the one that was written, and at each tag,
// attribute or address that a message must not have.
func parseBody(t rapid.TB, out SafeHTML) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader("<!doctype html><ol><li><div>" + string(out) + "</div></ol><i></i>"))
	if err != nil {
		t.Fatal(err)
	}
	main := doc.LastChild.LastChild
	list := main.FirstChild
	body := list.FirstChild.FirstChild
	if body.NextSibling != nil || list.FirstChild.NextSibling != nil || list.NextSibling != main.LastChild || main.LastChild.Data != "i" {
		t.Fatalf("it leaves its element: %s", out)
	}
	var written strings.Builder
	for c := body.FirstChild; c != nil; c = c.NextSibling {
		if err := html.Render(&written, c); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.ReplaceAll(written.String(), "<br/>", "<br>"); got != string(out) {
		t.Fatalf("a browser reads\n     %s\nfrom %s", got, out)
	}
	for node := range body.Descendants() {
		checkNode(t, node, out)
	}
	return body
}

func checkNode(t rapid.TB, node *html.Node, out SafeHTML) {
	t.Helper()
	if node.Type == html.TextNode {
		return
	}
	allowed, ok := messageTags[node.Data]
	if node.Type != html.ElementNode || !ok {
		t.Fatalf("<%s> in %s", node.Data, out)
	}
	for _, attr := range node.Attr {
		if value, ok := allowed[attr.Key]; !ok || !value.MatchString(attr.Val) {
			t.Fatalf("<%s %s=%q> in %s", node.Data, attr.Key, attr.Val, out)
		}
	}
	if node.Data == "a" && len(node.Attr) != len(allowed) {
		t.Fatalf("a link without its attributes in %s", out)
	}
}

// depth counts the elements that stand in one another, node included.
func depth(node *html.Node) int {
	deepest := 0
	for c := range node.ChildNodes() {
		if c.Type == html.ElementNode {
			deepest = max(deepest, depth(c))
		}
	}
	return deepest + 1
}

// words gives the text a reader sees, with line ends where lines end.
func words(node *html.Node) string {
	var seen strings.Builder
	for n := range node.Descendants() {
		switch {
		case n.Type == html.TextNode:
			seen.WriteString(n.Data)
		case n.Data == "p" || n.Data == "br":
			seen.WriteString("\n")
		}
	}
	return seen.String()
}

// letters leaves of a text only its letters.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, s)
}
