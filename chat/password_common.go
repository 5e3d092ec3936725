package chat

import (
	_ "embed" // for the list
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// commonPasswords are the passwords, names and words that attackers try first, folded, a line each, in the order of bytes.
// The short ones stand for all that is made of them with some digits and signs. tools/passwords makes it.
//
//go:embed password_common.txt
var commonPasswords string

// isCommon says whether a folded text stands in the list. It reads the list as it lies in the program: nothing is unpacked,
// and nothing kept in memory.
func isCommon(text string) bool {
	from, to := 0, len(commonPasswords) // a line that is the text begins in between
	for from < to {
		middle := (from + to) / 2
		start := strings.LastIndexByte(commonPasswords[:middle], '\n') + 1
		line, _, _ := strings.Cut(commonPasswords[start:], "\n")
		switch strings.Compare(line, text) {
		case 0:
			return true
		case -1:
			from = start + len(line) + 1
		default:
			to = start
		}
	}
	return false
}

// guessable says whether a password is one of those that are tried first: known ones; a known word or one of the names, once
// or again and again, with little beside it; what is typed along the alphabet or the keys; and what only repeats itself.
// Words that do not belong together are none of these, however common each of them is.
func guessable(password string, names ...string) bool {
	text := Fold(password)
	if isCommon(text) || isCommon(squash(text)) || runs(text)*3 <= utf8.RuneCountInString(text) || tooShortOnce(text) {
		return true
	}
	for _, name := range knownNames(names) {
		text = strings.ReplaceAll(text, name, "")
	}
	word, more, again := kernel(text)
	const enough = 8 // signs beside a word: with four letters that is the shortest password there can be
	if runs(more) > enough {
		return false
	}
	return word == "" || isCommon(word) || isCommon(squash(word)) || again && utf8.RuneCountInString(word) < PasswordMin
}

// knownNames are the names that are no secret, as people write them into a password, the longest first.
func knownNames(names []string) []string {
	const shortest = 3 // characters: shorter ones stand in many words
	var all []string
	for _, name := range append(names, defaultName) {
		name = Fold(name)
		person, _, _ := strings.Cut(name, "@") // of an e-mail address
		all = append(all, name, person, squash(person))
		all = append(all, strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })...)
	}
	all = slices.DeleteFunc(all, func(name string) bool { return utf8.RuneCountInString(name) < shortest })
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}

// squash leaves letters and digits.
func squash(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}

// kernel is what is left of a text without the digits and signs around it, and if it is said again and again, then once.
func kernel(text string) (word, more string, again bool) {
	for {
		word = strings.TrimFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
		before, after, _ := strings.Cut(text, word)
		more += before + after
		if text = once(word); text == word {
			return word, more, again
		}
		again = true
	}
}

// once is what a text says again and again, or the text.
func once(text string) string {
	signs := []rune(text)
	for n := 1; n*3 <= len(signs)*2; n++ {
		if slices.Equal(signs[n:], signs[:len(signs)-n]) {
			return string(signs[:n])
		}
	}
	return text
}

// tooShortOnce says whether a text repeats what would be no password by its length.
func tooShortOnce(text string) bool {
	unit := once(text)
	return unit != text && utf8.RuneCountInString(unit) < PasswordMin
}

// runs counts the pieces of a text in which each sign follows from the one before.
func runs(text string) int {
	n, last := 0, rune(-1)
	for _, r := range text {
		if n == 0 || !follows(last, r) {
			n++
		}
		last = r
	}
	return n
}

// follows says whether a sign is the same as another or stands beside it: in the alphabet, among the digits, or on the keys
// of an English, German or French keyboard, along a row or down a column.
func follows(a, b rune) bool {
	const rows = "abcdefghijklmnopqrstuvwxyz 01234567890 qwertyuiop asdfghjkl zxcvbnm qwertzuiop yxcvbnm azertyuiop qsdfghjklm wxcvbn " +
		"!@#$%^&*()_+ 1qaz 2wsx 3edc 4rfv 5tgb 6yhn 7ujm 8ik 9ol"
	return a == b || a != ' ' && b != ' ' && (strings.Contains(rows, string([]rune{a, b})) || strings.Contains(rows, string([]rune{b, a})))
}
