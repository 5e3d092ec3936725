package chat

import (
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold makes what people type comparable: "Ann", " ANN" and full-width "Ａｎｎ" are one. Keys are stored folded, because
// databases disagree on what a letter's other case is.
func Fold(s string) string {
	folded := cases.Fold().String(norm.NFKC.String(oneLine(s)))
	return oneLine(norm.NFKC.String(strings.ToLower(folded))) // x/text turns Cherokee's cases into each other
}

// oneLine is a name, a topic or an address as it was meant: no controls, no line breaks, single spaces.
func oneLine(s string) string {
	return strings.Join(strings.Fields(cleanText(s)), " ")
}
