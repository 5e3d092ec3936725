package chat

import (
	"html"
	"strings"
)

// plain draws a clean text in which nothing can be markup, as most of what people say is: one line of words. It gives what
// the parser and the policy would, for a small part of what they cost. A text of any other character, or one that may hold
// an address, is not for it.
func plain(text string) (SafeHTML, bool) {
	if text == "" || !isLetter(text[0]) { // another first character may begin a list or a block of code
		return "", false
	}
	for i := range len(text) {
		c := text[i]
		if !isLetter(c) && (c < '0' || c > '9') && strings.IndexByte(" .,;:?!'\"()-", c) < 0 {
			return "", false
		}
		if c == '.' && i >= 3 && strings.EqualFold(text[i-3:i], "www") {
			return "", false
		}
	}
	return SafeHTML("<p>" + html.EscapeString(text) + "</p>"), true
}

// isLetter tells whether a byte is a letter of ASCII, or a part of any character beyond it: none of those is markup.
func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
