package chat

import (
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// checkPlain holds the short way against the long one.
func checkPlain(t rapid.TB, markup *Markup, source string) {
	t.Helper()
	source = cleanText(source)
	got, ok := plain(source)
	if !ok {
		return
	}
	if want := markup.parse(source); got != want {
		t.Fatalf("plain(%q)\n    is %s\nand not %s", source, got, want)
	}
}

func TestWordsAreDrawnAsMarkupWould(t *testing.T) {
	markup := NewMarkup()
	for _, source := range []string{
		"Shall we meet at the station at eight?",
		`She said "Don't"; and (then: she) left - at last... 12 times!!`,
		"Ünïcödé, 日本語。 שלום. 👩‍👧 \u00a0x",
		"a  b   c", "http: no, https:", "ww.w w.w.w", "a: b) c. d- e", "a\ufffdb", "é\u0301x",
	} {
		if _, ok := plain(cleanText(source)); !ok {
			t.Errorf("%q is taken for more than words", source)
		}
		checkPlain(t, markup, source)
	}
}

func TestWhatMayBeMarkupIsNotTakenForWords(t *testing.T) {
	for _, source := range []string{
		"", "1. a", "- a", "(a)", " a", "\ta", "'a", "a\nb", "a\tb", "a *b*", "a _b_", "a `b`", "a ~~b~~", "a [b](c)", "a <b>", "a > b",
		"a & b", "a &amp; b", `a \* b`, "a http://b.example", "a www.b.example", "a WwW.b.example", "a b@c.example", "a /b", "a\x00b", "a\x7fb",
	} {
		if drawn, ok := plain(source); ok {
			t.Errorf("%q is taken for words: %s", source, drawn)
		}
	}
}

func TestEveryTextIsDrawnAsMarkupWould(t *testing.T) {
	markup := NewMarkup()
	pieces := rapid.SampledFrom([]string{
		"a", "B", "7", " ", "  ", ".", ",", ";", ":", "?", "!", "'", `"`, "(", ")", "-", "www", "http", "https", "mailto", "ü", "日", "。", "👍", "\u00a0",
		"\u200d", "\u2028", "\ufffd", "\u3000", "\u0301", "x) ", "1. ", "word ", "\n", "*",
	})
	rapid.Check(t, func(t *rapid.T) {
		source := "a"
		for _, piece := range rapid.SliceOfN(pieces, 0, 30).Draw(t, "pieces") {
			source += piece
		}
		checkPlain(t, markup, source)
	})
}

func FuzzPlain(f *testing.F) {
	markup := NewMarkup()
	for _, source := range []string{"Shall we meet at the station at eight?", "a: b) c. d- 'e' \"f\"", "http: www", "日本語。", "é"} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if utf8.RuneCountInString(source) <= BodyMax {
			checkPlain(t, markup, source)
		}
	})
}
