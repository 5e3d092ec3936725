package views

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"

	"chinwag/chat"
)

// hues is how many colours avatars come in; the style sheet has a class h0 … h11 for each.
const hues = 12

// faceClass is the class of a person's avatar, as an attribute: templ takes four times as long over a computed class.
func faceClass(user chat.UserID) templ.Attributer {
	return templ.OrderedAttributes{{Key: "class", Value: "av " + hueClass(user)}}
}

// hueClass is the colour of a person's avatar. It stays with the number, whatever the name becomes.
func hueClass(user chat.UserID) string { return "h" + itoa(((user%hues)+hues)%hues) }

// initials stand in for a picture: the first letter of the first word and of the last, in capitals.
// A name without letters or digits gives a dot.
func initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M, unicode.Nd) })
	switch len(words) {
	case 0:
		return "·"
	case 1:
		return firstLetter(words[0])
	default:
		return firstLetter(words[0]) + firstLetter(words[len(words)-1])
	}
}

func firstLetter(word string) string {
	r, _ := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(r))
}
