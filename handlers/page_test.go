package handlers_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// is holds the page against a status.
func (p *page) is(status int) *page {
	p.t.Helper()
	if p.Status != status {
		p.t.Fatalf("%s answered %d, not %d: %.500s", p.URL, p.Status, status, p.text())
	}
	return p
}

// sees holds that a person reads these words on the page.
func (p *page) sees(words ...string) *page {
	p.t.Helper()
	for _, w := range words {
		if !strings.Contains(p.text(), w) {
			p.t.Fatalf("%s (%d) does not say %q: %s", p.URL, p.Status, w, p.text())
		}
	}
	return p
}

// misses holds that these words are nowhere in the answer.
func (p *page) misses(words ...string) *page {
	p.t.Helper()
	for _, w := range words {
		if strings.Contains(p.Body, w) {
			p.t.Fatalf("%s says %q", p.URL, w)
		}
	}
	return p
}

// bare is the whole answer but for what differs each time: ids, nonces, tokens, keys and the date.
func (p *page) bare() string {
	random := []string{p.Header.Get("X-Request-Id"), p.nonce()}
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && (attribute(n, "name") == "csrf" || attribute(n, "name") == "key") {
			random = append(random, attribute(n, "value"))
		}
	}
	header := p.Header.Clone()
	header.Del("Date")
	var b strings.Builder
	fmt.Fprintln(&b, p.Status)
	_ = header.Write(&b) // a strings.Builder does not fail
	b.WriteString(p.Body)
	text := b.String()
	for _, r := range random {
		if r != "" {
			text = strings.ReplaceAll(text, r, "…")
		}
	}
	return cookieValue.ReplaceAllString(text, "Set-Cookie: $1=…")
}

// cookieValue finds what a cookie is set to.
var cookieValue = regexp.MustCompile(`Set-Cookie: ([^=]+)=[^;\r]*`)

// nonce is what the page's policy lets its own style in by.
func (p *page) nonce() string {
	_, after, _ := strings.Cut(p.Header.Get("Content-Security-Policy"), "'nonce-")
	nonce, _, _ := strings.Cut(after, "'")
	return nonce
}

// text is what a person reads.
func (p *page) text() string { return textOf(p.root) }

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "style" && d.Parent.Data != "script" {
			b.WriteString(d.Data)
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// find is the first element that fits.
func (p *page) find(fits func(*html.Node) bool) *html.Node {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && fits(n) {
			return n
		}
	}
	return nil
}

// byID is the element with an id.
func (p *page) byID(id string) *html.Node {
	return p.find(func(n *html.Node) bool { return attribute(n, "id") == id })
}

// attribute reads one of the element with an id, which must be there.
func (p *page) attribute(id, name string) string {
	p.t.Helper()
	n := p.byID(id)
	if n == nil {
		p.t.Fatalf("%s (%d) has no #%s: %s", p.URL, p.Status, id, p.text())
	}
	return attribute(n, name)
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// hidden is the value of the first field with a name.
func (p *page) hidden(name string) string {
	p.t.Helper()
	n := p.find(func(n *html.Node) bool { return n.Data == "input" && attribute(n, "name") == name })
	if n == nil {
		p.t.Fatalf("%s (%d) has no field %s: %s", p.URL, p.Status, name, p.text())
	}
	return attribute(n, "value")
}

// field is what the composer holds in a field.
func (p *page) field(name string) string {
	p.t.Helper()
	composer := p.byID("composer")
	if composer == nil {
		p.t.Fatalf("%s (%d) has no composer: %s", p.URL, p.Status, p.text())
	}
	return fieldsOf(composer).Get(name)
}

// alerts are the sentences that say what is wrong.
func (p *page) alerts() string {
	var list []string
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && attribute(n, "role") == "alert" {
			list = append(list, textOf(n))
		}
	}
	return strings.TrimSpace(strings.Join(list, " "))
}

// messageIDs are the ids of the messages on the page.
func (p *page) messageIDs() []string {
	var list []string
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "li" && hasAttribute(n, "data-rev") {
			list = append(list, attribute(n, "id"))
		}
	}
	return list
}

// form is what a form would send as it stands.
func (p *page) form(action string) url.Values {
	p.t.Helper()
	form := p.find(isForm(action))
	if form == nil {
		p.t.Fatalf("%s (%d) has no form to %s: %s", p.URL, p.Status, action, p.text())
	}
	return fieldsOf(form)
}

// isForm fits the form with an action.
func isForm(action string) func(*html.Node) bool {
	return func(n *html.Node) bool { return n.Data == "form" && attribute(n, "action") == action }
}

func fieldsOf(form *html.Node) url.Values {
	values := url.Values{}
	for n := range form.Descendants() {
		name := attribute(n, "name")
		if n.Type != html.ElementNode || name == "" {
			continue
		}
		switch kind := attribute(n, "type"); {
		case n.Data == "textarea":
			values.Set(name, strings.TrimPrefix(textRaw(n), "\n"))
		case n.Data == "select":
			values.Set(name, chosen(n))
		case kind == "radio" || kind == "checkbox":
			if hasAttribute(n, "checked") {
				values.Set(name, attribute(n, "value"))
			}
		default:
			values.Set(name, attribute(n, "value"))
		}
	}
	return values
}

// chosen is the value of a list's option that is chosen.
func chosen(list *html.Node) string {
	for n := range list.Descendants() {
		if n.Data == "option" && hasAttribute(n, "selected") {
			return attribute(n, "value")
		}
	}
	return ""
}

func hasAttribute(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func textRaw(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// messages are the texts in the log, in order, as "author: text"; a grouped one counts for the author before it.
func (p *page) messages() []string {
	var list []string
	author := ""
	for n := range p.root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch class := " " + attribute(n, "class") + " "; {
		case strings.Contains(class, " by "):
			author = textOf(n)
		case strings.Contains(class, " text "):
			list = append(list, author+": "+textOf(n))
		}
	}
	return list
}

func itoa(n int) string { return strconv.Itoa(n) }
