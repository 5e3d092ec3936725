package views

import "strings"

// emojiMax is the longest text, in bytes, that may be drawn large: three emoji of the longest kind or so.
const emojiMax = 60

// onlyEmoji says whether a drawn message is one paragraph of emoji and spaces.
func onlyEmoji(html string) bool {
	text := strings.TrimSpace(html)
	if len(text) > emojiMax+len("<p></p>") {
		return false
	}
	text, opened := strings.CutPrefix(text, "<p>")
	text, closed := strings.CutSuffix(text, "</p>")
	if !opened || !closed {
		return false
	}
	found := false
	for _, r := range text {
		switch {
		case r == ' ' || r == 0xFE0F || r == 0x200D: // between emoji, and what joins them
		case r >= 0x1F000 && r <= 0x1FAFF, r >= 0x2600 && r <= 0x27BF, r >= 0x2B00 && r <= 0x2BFF:
			found = true
		default:
			return false
		}
	}
	return found
}
