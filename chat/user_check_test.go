package chat

import (
	"errors"
	"strings"
	"testing"
)

// says is the sentence of a refusal, or nothing.
func says(t *testing.T, err error) string {
	t.Helper()
	var problem *Invalid
	if err != nil && !errors.As(err, &problem) {
		t.Fatal(err)
	}
	if problem == nil {
		return ""
	}
	return problem.Sentence
}

func TestUsernames(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]struct{ name, refused string }{
		"ann":                           {"ann", ""},
		"Ann":                           {"Ann", ""},
		"  ann\n":                       {"ann", ""},
		"@ann":                          {"ann", ""},
		"a1":                            {"a1", ""},
		"1a":                            {"1a", ""},
		"a.b_c-d":                       {"a.b_c-d", ""},
		strings.Repeat("a", 32):         {strings.Repeat("a", 32), ""},
		strings.Repeat("a", 33):         {"", "username.long"},
		"":                              {"", "username.short"},
		"a":                             {"", "username.short"},
		"@a":                            {"", "username.short"},
		" \u200b ":                      {"", "username.short"},
		".ab":                           {"", "username.characters"},
		"-ab":                           {"", "username.characters"},
		"@@ann":                         {"", "username.characters"},
		"a b":                           {"", "username.characters"},
		"a@b":                           {"", "username.characters"},
		"ann/../root":                   {"", "username.characters"},
		"änn":                           {"", "username.characters"},
		"аnn":                           {"", "username.characters"}, // a Cyrillic a
		"Ａｎｎ":                           {"", "username.characters"},
		"👋🏽👋🏽":                          {"", "username.characters"},
		"a\u200bb":                      {"", "username.characters"},
		"<b>":                           {"", "username.characters"},
		"all":                           {"", "username.reserved"},
		"Everyone":                      {"", "username.reserved"},
		"@HERE":                         {"", "username.reserved"},
		"chinwag":                       {"", "username.reserved"},
		"system":                        {"", "username.reserved"},
		"room":                          {"", "username.reserved"},
		"channel":                       {"", "username.reserved"},
		"alls":                          {"alls", ""},
		strings.Repeat("👋", 33):         {"", "username.long"},
		strings.Repeat("é", 31) + "ab":  {"", "username.long"},
		strings.Repeat("é", 32):         {"", "username.characters"},
		strings.Repeat(" ", 40) + "ann": {"ann", ""},
	} {
		name, err := checkUsername(typed)
		if got := says(t, err); got != want.refused || name != want.name {
			t.Errorf("%q: %q, %q; want %q, %q", typed, name, got, want.name, want.refused)
		}
	}
}

func TestEmails(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 64) + "@" + strings.Repeat("b", 60) + "." + strings.Repeat("c", 60) + "." + strings.Repeat("d", 60) + ".org"
	for typed, ok := range map[string]bool{
		"":                                    true,
		"ann@example.org":                     true,
		" Ann+chat@Example.org\n":             true,
		"ann@localhost":                       true,
		"ann@пример.рф":                       true,
		long:                                  true,
		long + strings.Repeat("g", 20):        false,
		"ann":                                 false,
		"ann@":                                false,
		"@example.org":                        false,
		"Ann <ann@example.org>":               false,
		"<ann@example.org>":                   false,
		"a@b@c":                               false,
		"ann@example.org, eve@example.org":    false,
		"ann@example.org\r\nBcc: eve@example": false,
		"ann example.org":                     false,
	} {
		email, err := checkEmail(typed)
		if (err == nil) != ok || err != nil && says(t, err) != "email.wrong" || ok && email != strings.TrimSpace(typed) {
			t.Errorf("%q: %q, %v", typed, email, err)
		}
	}
}

// The lengths of passwords count characters, not bytes, and any characters will do.
func TestPasswordLengths(t *testing.T) {
	t.Parallel()
	for password, want := range map[string]string{
		"":                                 "password.short",
		"elevenchars":                      "password.short",
		"twelve chars":                     "",
		" moon  cork ":                     "",
		strings.Repeat("👋", 11):            "password.short",
		emoji(12):                          "",
		"a 👋é" + emoji(124):                "",
		strings.Repeat("x", 129):           "password.long",
		emoji(128):                         "",
		emoji(129):                         "password.long",
		"with\x00nul, tab\t and newline\n": "",
		"cut in the middle \xf0\x9f":       "password.characters",
	} {
		if got := says(t, checkPassword(password)); got != want {
			t.Errorf("%q: %q, want %q", password, got, want)
		}
	}
}

// emoji are so many different ones.
func emoji(n int) string {
	var text strings.Builder
	for i := range n {
		text.WriteRune(rune(0x1F400 + i*37%251)) // not one beside the next
	}
	return text.String()
}
