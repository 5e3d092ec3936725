package chat

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Characters that only turn the direction of what stands around them: the
// embeddings, overrides and isolates of Unicode's UAX #9. A name or a message
// that carries one can show other words than it holds ("Trojan Source",
// CVE-2021-42574). Every text stands in an element with its own direction, so
// nobody needs them; the marks LRM, RLM and ALM do no harm and stay.
const bidiControls = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

// Characters without a picture that Unicode does not count as space. Inside a
// text they have work to do (they join emoji and shape Persian); a text that
// begins, ends or consists of them only looks empty.
const invisible = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f" +
	"\u2060\u2061\u2062\u2063\u2064\u2800\u3164\ufeff\uffa0"

// cleanText gives a text that came from outside the one form in which it is
// kept: valid UTF-8 in NFC, lines that end in "\n" alone, no control character
// but newline and tab, no bidi control, no blank line at its start and nothing
// invisible at its end. The first line keeps its indentation, which may be that
// of code. A text that shows nothing is ""; cleaning a clean text changes nothing.
func cleanText(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
	s = norm.NFC.String(strings.Map(cleanRune, s))
	s = strings.TrimRightFunc(s, isBlank)
	if strings.IndexFunc(s, shows) < 0 {
		return ""
	}
	seen := strings.TrimLeftFunc(s, isBlank)
	blank := s[:len(s)-len(seen)]
	indent := blank[strings.LastIndexByte(blank, '\n')+1:]
	return indent[len(strings.TrimRight(indent, " \t")):] + seen
}

func cleanRune(r rune) rune {
	switch {
	case r == '\n', r == '\t':
		return r
	case r == '\r', r == '\u2028', r == '\u2029':
		return '\n'
	case unicode.IsControl(r), strings.ContainsRune(bidiControls, r):
		return -1
	}
	return r
}

// isBlank tells whether a character shows nothing.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune(invisible, r)
}

// shows tells whether a character shows something by itself: not those that only change their neighbours, which Unicode
// calls default ignorable (UAX #44).
func shows(r rune) bool {
	return !isBlank(r) && !unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}
