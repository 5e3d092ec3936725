package chat

import (
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestCleanText(t *testing.T) {
	for name, c := range map[string]struct{ typed, want string }{
		"plain":                      {"hello", "hello"},
		"lines of a form":            {"a\r\nb\rc\u2028d\u2029e", "a\nb\nc\nd\ne"},
		"space around":               {"\n \n a\tb \n", " a\tb"},
		"indentation of code":        {"\n\n    if x {\n", "    if x {"},
		"composed":                   {"Ame\u0301lie", "Am\u00e9lie"},
		"controls":                   {"a\x00b\x1b[31mc\x7fd\u0085e\u009bf", "ab[31mcdef"},
		"broken UTF-8":               {"a\xffb\xc3", "a\ufffdb\ufffd"},
		"override":                   {"user\u202etxt.exe", "usertxt.exe"},
		"embeddings and isolates":    {"\u202aa\u202bb\u202cc\u202dd\u2066e\u2067f\u2068g\u2069", "abcdefg"},
		"direction marks":            {"שלום\u200f (a\u200eb)", "שלום\u200f (a\u200eb)"},
		"joined emoji":               {"👩‍👩‍👧‍👦 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "👩‍👩‍👧‍👦 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"},
		"Persian":                    {"می\u200cخواهم", "می\u200cخواهم"},
		"nothing to see":             {" \u200b\u3164\u2800\ufeff\n\u00ad\u2060 ", ""},
		"hidden by a stripped mark":  {"\u202e \u2069", ""},
		"invisible around":           {"\u200b\ufeffAda\u3164\u200d", "Ada"},
		"indented behind invisibles": {"\u200b  a", "  a"},
	} {
		if got := cleanText(c.typed); got != c.want {
			t.Errorf("%s: cleanText(%q) = %q, want %q", name, c.typed, got, c.want)
		}
	}
}

func TestCleanTextIsCleanOnce(t *testing.T) {
	odd := rapid.SampledFrom([]rune("\x00\t\n\r \u0085\u00a0\u00ad\u0301\u0345\u0958\u0fb7\u1100\u1161\u200b\u200d\u2028\u202e\u2066\u3164\ud7b0\ufeff"))
	rapid.Check(t, func(t *rapid.T) {
		typed := rapid.StringOf(rapid.OneOf(rapid.Rune(), odd)).Draw(t, "typed")
		clean := cleanText(typed)
		if again := cleanText(clean); again != clean {
			t.Errorf("cleanText(%q) = %q, and of that %q", typed, clean, again)
		}
		if !utf8.ValidString(clean) || !norm.NFC.IsNormalString(clean) {
			t.Errorf("cleanText(%q) = %q is not valid UTF-8 in NFC", typed, clean)
		}
	})
}
