package chat

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"ann", "Ann", "ANN", " Ann ", "Ａｎｎ", "ann\n", "\x00ann", "a\u202enn"},
		{"éclair", "ÉCLAIR", "e\u0301clair", "E\u0301CLAIR"},
		{"straße", "STRASSE", "Straße", "STRAẞE"},
		{"σ", "Σ", "ς"},
		{"ann@example.org", "Ann@Example.ORG"},
		{"two words", "two  words", "Two\tWords", "two\u00a0words", "two\r\nwords"},
		{"10%", "10％"},
		{"file", "ﬁle"},
		{"Ꮐ", "ꮐ"},
		{"", " ", "\n", "\u200b"},
	} {
		for _, s := range same {
			if got := Fold(s); got != Fold(same[0]) {
				t.Errorf("Fold(%q) = %q, Fold(%q) = %q", s, got, same[0], Fold(same[0]))
			}
		}
	}
	for _, other := range [][2]string{{"ann", "anne"}, {"a b", "ab"}, {"a.b", "a_b"}, {"é", "e"}, {"i", "ı"}} {
		if Fold(other[0]) == Fold(other[1]) {
			t.Errorf("%q and %q are one", other[0], other[1])
		}
	}
}

// Every letter that has cases has one key, which is its own. The Turkish ones are letters by themselves.
func TestCasesAreOne(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		upper, lower := unicode.ToUpper(r), unicode.ToLower(r)
		if upper == lower || r == 'İ' || r == 'ı' {
			continue
		}
		key := Fold(string(r))
		for _, s := range []string{string(upper), string(lower), key} {
			if Fold(s) != key {
				t.Errorf("%q folds to %q, %q to %q", r, key, s, Fold(s))
			}
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "Ann", "É", "\x00", "\xff", "¨", "a\u0345\u0301", "ẞ", "ﬃ", "㎒", "\u1e9e", "ͅ", "a\u200d b", "\ufdfa", "ϓ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Fold(s)
		if twice := Fold(once); twice != once {
			t.Errorf("%q folds to %q, that to %q", s, once, twice)
		}
		checkLine(t, once)
		if lower, upper := Fold(strings.ToLower(s)), Fold(strings.ToUpper(s)); isASCII(s) && (lower != once || upper != once) {
			t.Errorf("%q, its lower and upper case are %q, %q, %q", s, once, lower, upper)
		}
	})
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// checkLine looks at a text that stands in one line.
func checkLine(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		t.Errorf("%q has what no line has", s)
	}
	if s != strings.Join(strings.Fields(s), " ") {
		t.Errorf("%q has spaces to spare", s)
	}
}

func TestOneLine(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"":                          "",
		"General":                   "General",
		"  two \t words\r\nor more": "two words or more",
		"a\x00b\x07c\u009fd":        "abcd",
		"\u202eevil":                "evil",
		"\xffx":                     "\ufffdx",
		"e\u0301":                   "é",
		"👩\u200d💻 team":             "👩\u200d💻 team",
		"\u200b \ufeff":             "",
		"Ａ％":                        "Ａ％", // kept as written: only keys are folded
	} {
		if got := oneLine(typed); got != want {
			t.Errorf("oneLine(%q) = %q, want %q", typed, got, want)
		}
	}
}

func FuzzOneLine(f *testing.F) {
	for _, s := range []string{"", " a\nb ", "\x00\x01", "\u2028x", "\u200b a \u200b", "a \u200b b", "\xc3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := oneLine(s)
		if twice := oneLine(once); twice != once {
			t.Errorf("%q becomes %q, that %q", s, once, twice)
		}
		checkLine(t, once)
	})
}

func TestCleanBody(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"":                        "",
		" \n\t ":                  "",
		"\u200b":                  "",
		"hello":                   "hello",
		"hello  \n\n":             "hello",
		"\n\nhello":               "hello",
		"    code":                "    code",
		"\n\n    code\n":          "    code",
		"one\r\ntwo\rthree":       "one\ntwo\nthree",
		"one\n\n\ntwo":            "one\n\n\ntwo",
		"a\tb":                    "a\tb",
		"a\x00b\x1b[31mc":         "ab[31mc",
		"ab\u202edc":              "abdc",
		"bad \xff byte":           "bad \ufffd byte",
		"👩\u200d👩\u200d👧 \u200f!": "👩\u200d👩\u200d👧 \u200f!",
	} {
		if got := cleanBody(typed); got != want {
			t.Errorf("cleanBody(%q) = %q, want %q", typed, got, want)
		}
	}
}

func FuzzCleanBody(f *testing.F) {
	for _, s := range []string{"", "\n\n  a\r\n\tb \n", "\x00", "\xff\xfe", "\u2029a", "    code\n\n", " \u200b\n x", "e\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := cleanBody(s)
		if twice := cleanBody(once); twice != once {
			t.Errorf("%q becomes %q, that %q", s, once, twice)
		}
		if !utf8.ValidString(once) || strings.ContainsFunc(once, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
			t.Errorf("%q has what no screen can show", once)
		}
		if once != "" && strings.TrimSpace(once) == "" || strings.HasPrefix(once, "\n") || strings.TrimRight(once, " \t\n") != once {
			t.Errorf("%q begins or ends with nothing", once)
		}
		if written := strings.TrimFunc(once, isBlank); !strings.Contains(cleanText(s), written) {
			t.Errorf("%q lost something in %q", s, once)
		}
	})
}
