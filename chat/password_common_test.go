package chat

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestS02_GuessablePasswordsAreRefused(t *testing.T) {
	t.Parallel()
	names := []string{"ann-b", "Ann Bellweather", "a.kowalski@example.org", "ChatName"}
	for about, passwords := range map[string][]string{
		"known":                       {"1q2w3e4r5t6y", "administrator", "nightcrawler", "Sonnenschein", "1URKILBTH674", "tkgsoo083bsr"},
		"a known word and a little":   {"password1234", "Password2026!", "letmein!!!!!!", "2026-dragon-!", "!!!qwerty!!!1", "iloveyou2025", "I love you 2025", "p@ssw0rd2026"},
		"a known word again":          {"passwordpassword1", "monkeymonkey", "Horse horse horse", "dragon1dragon2", "letmein-letmein", "passwordpass"},
		"the product":                 {"chinwag2026!!", "ChinwagChinwag", "1chinwag1chinwag", "chinwag-1-2-3-4", "chinwag password"},
		"the community":               {"ChatNameChatName1", "chatname-12345", "CHATNAME20260101"},
		"one's own names":             {"annbellweather", "Ann Bellweather", "bellweather1990", "kowalski2026", "a.kowalski!!", "a.kowalski@example.org", "akowalski@87", "annbellweatherchatname"},
		"one sign":                    {"aaaaaaaaaaaa", "            ", "👋👋👋👋👋👋👋👋👋👋👋👋", "!!!!!!!!!!!!!"},
		"few signs again":             {"xyzxyzxyzxyz", "xkvq9xkvq9xkvq9", "12!12!12!12!", "xyzxyzxyzxyz1", "aaaabbbbcccc", "ab 👋ab 👋ab 👋ab 👋"},
		"along the alphabet or keys":  {"abcdefghijkl", "123456789012", "987654321098", "qwertyuiop12", "zxcvbnm,./zxcvbnm", "1qaz2wsx3edc", "azertyuiop12", "abcd1234efgh", "!@#$%^&*()_+", "QwErTyUiOpAs"},
		"too short without its signs": {"2026!2026!20", "!!!!2026!!!!"},
	} {
		for _, password := range passwords {
			if got := says(t, checkPassword(password, names...)); got != "password.common" {
				t.Errorf("%s: %q is taken (%q)", about, password, got)
			}
		}
	}
}

func TestGoodPasswordsAreTaken(t *testing.T) {
	t.Parallel()
	for _, password := range []string{
		"correct horse battery", "correct horse battery staple", "twelve chars", "päss phrase 👋🏽", "the cat sat on my keyboard",
		"purple-monkey-dishwasher", "my chinwag has four walls", "Ann likes marmalade", "ann and bob forever", "7#kQz!fw2@Lp", "mXq4TvP9sLwe",
		"739184620573", "horse 4829 7351 9264", "zażółć gęślą jaźń", "пароль у нас длинный", "正しい馬の電池の止め金です", "to be or not to be", "passwords are hard",
	} {
		if err := checkPassword(password, "ann", "bob", "Ours", "ann@example.org"); err != nil {
			t.Errorf("%q: %v", password, err)
		}
	}
}

// The list is sorted by bytes and says nothing twice, since it is looked up in halves, and holds what is looked up: folded text.
func TestListOfCommonPasswords(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSuffix(commonPasswords, "\n"), "\n")
	if len(lines) < 50_000 || len(commonPasswords) > 400_000 {
		t.Errorf("%d entries in %d bytes", len(lines), len(commonPasswords))
	}
	last := ""
	for _, line := range lines {
		if line <= last || line != Fold(line) || len(line) < 3 {
			t.Fatalf("%q after %q", line, last)
		}
		last = line
		if !isCommon(line) {
			t.Errorf("%q is not found", line)
		}
	}
	for _, missing := range []string{"", "\n", "a", "zzzzzzzzzzzzz", "correct horse", "password\npassword1", lines[0] + "\n", "!", "~~~~"} {
		if isCommon(missing) {
			t.Errorf("%q is found", missing)
		}
	}
}

// Three words that were drawn by lot are a good password, though each of them is in the list; so is what a machine drew.
func TestRandomPasswordsAreTaken(t *testing.T) {
	t.Parallel()
	lines := slices.DeleteFunc(strings.Split(commonPasswords, "\n"), func(line string) bool {
		return utf8.RuneCountInString(line) < 4 || strings.ContainsFunc(line, func(r rune) bool { return r < 'a' || r > 'z' }) ||
			runs(line)*2 <= len(line) || once(line) != line
	})
	words := rapid.SampledFrom(lines)
	const signs = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
	rapid.Check(t, func(t *rapid.T) {
		drawn := rapid.SliceOfNDistinct(words, 3, 6, rapid.ID).Draw(t, "words")
		phrase := strings.Join(drawn, rapid.SampledFrom([]string{" ", "-", ".", ""}).Draw(t, "between"))
		if err := checkPassword(phrase, "ann", "The Pub", "ann@example.org"); err != nil && len(phrase) <= PasswordMax {
			t.Errorf("%q: %v", phrase, err)
		}
		lot := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "lot"), 0))
		machine := make([]byte, 16)
		for i := range machine {
			machine[i] = signs[lot.IntN(len(signs))]
		}
		if err := checkPassword(string(machine), "ann", "The Pub"); err != nil {
			t.Errorf("%q: %v", machine, err)
		}
	})
}

func FuzzCheckPassword(f *testing.F) {
	for _, seed := range []string{"", "correct horse battery", "ChatNameChatName1", "passwordpassword1", "\xff", "ſtraſſe ıİK 12345", "e\u0301e\u0301e\u0301e\u0301", "ab\u200bab\u200bab\u200b"} {
		f.Add(seed, "Ann Bell", "ann@example.org")
		f.Add(seed, seed, "@"+seed)
	}
	f.Fuzz(func(t *testing.T, password, name, email string) {
		if len(name)+len(email) > 1000 { // nobody's, and slow
			return
		}
		err := checkPassword(password, name, email)
		upper, lower := strings.ToUpper(password), strings.ToLower(password)
		if !utf8.ValidString(password) || utf8.RuneCountInString(password) > PasswordMax || Fold(upper) != Fold(lower) { // ß is SS
			return
		}
		if a, b := guessable(upper, name, email), guessable(lower, name, email); a != b {
			t.Errorf("%q: %v in capitals, else %v", password, a, b)
		}
		if err == nil && utf8.RuneCountInString(password) < PasswordMin {
			t.Errorf("%q is taken", password)
		}
	})
}

func BenchmarkGuessable(b *testing.B) {
	for name, password := range map[string]string{"phrase": "correct horse battery staple", "longest": strings.Repeat("a 👋é", 31) + "abcd", "known": "administrator"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				guessable(password, "ann", "Ann Bellweather", "ann@example.org", "The Pub")
			}
		})
	}
}
