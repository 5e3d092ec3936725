package views_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// element is one element of a parsed page.
type element struct{ *html.Node }

func (e element) attr(name string) string {
	for _, a := range e.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func (e element) has(name string) bool {
	return slices.ContainsFunc(e.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// find is every element below that fits.
func (e element) find(fits func(element) bool) []element {
	var found []element
	for node := range e.Descendants() {
		if node.Type == html.ElementNode && fits(element{node}) {
			found = append(found, element{node})
		}
	}
	return found
}

func named(names ...string) func(element) bool {
	return func(e element) bool { return slices.Contains(names, e.Data) }
}

func with(attribute string) func(element) bool {
	return func(e element) bool { return e.has(attribute) }
}

// eachPage runs a test on every page in its main states.
func eachPage(t *testing.T, test func(t *testing.T, page element)) {
	t.Helper()
	for name, component := range newSample(t, "Kitchen", 3, 4).pages() {
		t.Run(name, func(t *testing.T) { test(t, element{parse(t, draw(t, component))}) })
	}
}

// TestPolicy holds what the content security policy asks of every page.
func TestPolicy(t *testing.T) {
	eachPage(t, func(t *testing.T, page element) {
		for _, e := range page.find(func(element) bool { return true }) {
			for _, a := range e.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") {
					t.Errorf("<%s> has the attribute %s", e.Data, a.Key)
				}
			}
		}
		for _, e := range page.find(named("style")) {
			if e.attr("nonce") != nonce {
				t.Error("a style without the nonce")
			}
		}
		for _, e := range page.find(named("script")) {
			if !e.has("src") || e.FirstChild != nil {
				t.Error("a script in the page")
			}
		}
	})
}

// TestAddressesOnPages holds that a page asks nothing of another host. The page about the true address links to it.
func TestAddressesOnPages(t *testing.T) {
	own := regexp.MustCompile(`^(/[a-z]*|#[a-z]|data:image/svg\+xml,|https://chat\.example/$)`)
	eachPage(t, func(t *testing.T, page element) {
		for _, name := range []string{"href", "src", "action", "hx-get", "hx-post"} {
			for _, e := range page.find(with(name)) {
				if !own.MatchString(e.attr(name)) || strings.HasPrefix(e.attr(name), "//") {
					t.Errorf("<%s %s=%q>", e.Data, name, e.attr(name))
				}
			}
		}
	})
}

// TestForms holds that every form that writes carries the token, that every field has its label, and that no password
// comes back.
func TestForms(t *testing.T) {
	eachPage(t, func(t *testing.T, page element) {
		for _, form := range page.find(named("form")) {
			tokens := form.find(func(e element) bool { return e.attr("name") == "csrf" && e.attr("value") == "csrf-token" })
			if form.attr("method") == "post" && len(tokens) != 1 || form.attr("method") != "post" && len(tokens) != 0 {
				t.Errorf("the form to %s has %d tokens", form.attr("action"), len(tokens))
			}
		}
		for _, field := range page.find(named("input", "textarea")) {
			id := field.attr("id")
			labels := page.find(func(e element) bool { return e.Data == "label" && e.attr("for") == id })
			switch kind := field.attr("type"); {
			case kind == "hidden":
			case kind == "radio" && field.Parent.Data != "label":
				t.Errorf("the choice %s stands in no label", field.attr("value"))
			case kind != "radio" && len(labels) != 1:
				t.Errorf("the field %s has %d labels", field.attr("name"), len(labels))
			case kind == "password" && field.attr("value") != "":
				t.Error("a password came back")
			}
		}
	})
}

// TestReferences holds that ids are unique and that what refers to one finds it.
func TestReferences(t *testing.T) {
	eachPage(t, func(t *testing.T, page element) {
		ids := map[string]bool{}
		for _, e := range page.find(with("id")) {
			if ids[e.attr("id")] {
				t.Errorf("the id %s is there twice", e.attr("id"))
			}
			ids[e.attr("id")] = true
		}
		for _, e := range page.find(with("aria-describedby")) {
			for id := range strings.FieldsSeq(e.attr("aria-describedby")) {
				if !ids[id] {
					t.Errorf("%s is described by %s, which is not there", e.attr("name"), id)
				}
			}
		}
		for _, e := range page.find(func(e element) bool { return strings.HasPrefix(e.attr("href"), "#") }) {
			if !ids[e.attr("href")[1:]] {
				t.Errorf("a link leads to %s, which is not there", e.attr("href"))
			}
		}
	})
}

// TestReadable holds what somebody who listens to a page relies on.
func TestReadable(t *testing.T) {
	eachPage(t, func(t *testing.T, page element) {
		if n := len(page.find(named("h1"))); n != 1 {
			t.Errorf("%d main headings", n)
		}
		if n := len(page.find(with("autofocus"))); n > 1 {
			t.Errorf("%d fields want the cursor", n)
		}
		for _, wrong := range page.find(with("aria-invalid")) {
			if !wrong.has("autofocus") {
				t.Errorf("the cursor is not in the wrong field %s", wrong.attr("name"))
			}
		}
		for _, e := range page.find(named("button", "a")) {
			if text(e) == "" && e.attr("aria-label") == "" {
				t.Errorf("a <%s> without a name: %s", e.Data, e.attr("href"))
			}
		}
		if strings.Contains(text(page), "<no value>") {
			t.Error("a sentence has an empty gap")
		}
		for key := range catalogue(t) {
			if strings.Contains(text(page), key) {
				t.Errorf("the page shows the key %s", key)
			}
		}
	})
}

// TestWrongField holds that a sentence stands where its field points to.
func TestWrongField(t *testing.T) {
	s := newSample(t, "Kitchen", 3, 1)
	for name, field := range map[string]string{
		"login, wrong": "password", "register, wrong": "username", "new room, wrong": "name", "members, wrong": "username", "room, wrong": "body",
		"settings, wrong address": "email", "settings, no password": "current", "settings, wrong password": "current", "settings, short password": "password",
		"settings, download, stale": "current", "forgot, wrong": "email", "reset, wrong": "password", "leaving, wrong name": "username", "leaving, stale": "current",
	} {
		t.Run(name, func(t *testing.T) {
			page := element{parse(t, draw(t, s.pages()[name]))}
			fields := page.find(func(e element) bool { return e.has("aria-invalid") })
			if len(fields) != 1 || fields[0].attr("name") != field {
				t.Fatalf("%d wrong fields, want %s alone", len(fields), field)
			}
			alerts := page.find(func(e element) bool { return e.attr("role") == "alert" && text(e) != "" })
			if len(alerts) != 1 || !slices.Contains(strings.Fields(fields[0].attr("aria-describedby")), alerts[0].attr("id")) {
				t.Errorf("the field does not point to its sentence")
			}
		})
	}
}

func text(e element) string {
	var b strings.Builder
	for node := range e.Descendants() {
		if node.Type == html.TextNode && node.Parent.Data != "style" {
			b.WriteString(node.Data)
		}
	}
	return strings.TrimSpace(b.String())
}
