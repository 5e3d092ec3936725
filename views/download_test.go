package views_test

import (
	"slices"
	"strings"
	"testing"
)

// The file with somebody's data is opened from their disk: nothing in it runs or asks for anything, and names are text.
func TestDownload(t *testing.T) {
	want, _ := skeleton(t, draw(t, newSample(t, "Plain", 2, 2).download()))
	for _, name := range append([]string{"Plain"}, hostile...) {
		t.Run(name, func(t *testing.T) {
			source := draw(t, newSample(t, name, 2, 2).download())
			got, said := skeleton(t, source)
			if !slices.Equal(got, want) {
				t.Errorf("the name changed the page:\ngot  %q\nwant %q", got, want)
			}
			if !strings.Contains(said, name) {
				t.Error("the name is not there as it is")
			}
			page := element{parse(t, source)}
			if n := len(page.find(named("script", "link", "img", "iframe", "form", "svg"))); n != 0 {
				t.Errorf("%d elements that do something", n)
			}
			if strings.Contains(text(page), "<no value>") {
				t.Error("a sentence has an empty gap")
			}
		})
	}
}
