package views_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"

	"chinwag/chat"
)

func TestWords(t *testing.T) {
	words := newWords(t)
	for name, c := range map[string]struct{ got, want string }{
		"without gaps":      {words.T("login.title"), "Sign in"},
		"with a gap":        {words.T("room.join_named", "Name", "Kitchen"), "Join Kitchen"},
		"one":               {words.T("room.members", "Count", 1), "1 member"},
		"many":              {words.T("room.members", "Count", 3), "3 members"},
		"one second":        {words.T("error.too_many", "Seconds", 1), "That was too much at once. Wait a second, then try again."},
		"what looks a gap":  {words.T("room.join_named", "Name", "{{.Name}}"), "Join {{.Name}}"},
		"an unknown key":    {words.T("no.such_key"), "no.such_key"},
		"no problem":        {words.TError(nil), ""},
		"a problem":         {words.TError(&chat.Invalid{Sentence: "username.taken"}), "Somebody has that name already. Choose another one."},
		"a problem's limit": {words.TError(&chat.Invalid{Sentence: "username.short", Args: map[string]any{"Limit": 2}}), "A username has at least 2 characters."},
	} {
		t.Run(name, func(t *testing.T) {
			if c.got != c.want {
				t.Errorf("got %q, want %q", c.got, c.want)
			}
		})
	}
}

// TestCatalogue holds that every key we use is in the catalogue, and that every sentence in it is used.
func TestCatalogue(t *testing.T) {
	sentences := catalogue(t)
	sources := readSources(t, ".", "../chat", "../handlers")
	asked := regexp.MustCompile(`(?:\bT\(|\binvalid(?:Length)?\("[a-z_]*", |\bSentence: |\btold\([^,()]+, )"([^"]+)"`)
	for name, source := range sources {
		for _, found := range asked.FindAllStringSubmatch(source, -1) {
			if _, ok := sentences[found[1]]; !ok {
				t.Errorf("%s uses %q, which is not in the catalogue", name, found[1])
			}
		}
	}
	all := strings.Join(slices.Collect(maps.Values(sources)), "\n")
	for key := range sentences {
		if !strings.Contains(all, `"`+key+`"`) {
			t.Errorf("nothing uses the sentence %q", key)
		}
	}
}

// TestGaps holds that whoever uses a sentence fills its gaps: their names stand in the line that names the key.
func TestGaps(t *testing.T) {
	gap := regexp.MustCompile(`{{(.*?)}}`)
	sources := readSources(t, ".", "../chat", "../handlers")
	for key, sentence := range catalogue(t) {
		for _, found := range gap.FindAllStringSubmatch(sentence.One+sentence.Other, -1) {
			name, ok := strings.CutPrefix(found[1], ".")
			if !ok {
				t.Errorf("%s has the gap %q", key, found[0])
			}
			for file, source := range sources {
				for line := range strings.Lines(source) {
					filled := strings.Contains(line, `"`+name+`"`) || name == "Limit" && strings.Contains(line, "invalidLength(")
					if strings.Contains(line, `"`+key+`"`) && !filled {
						t.Errorf("%s leaves %q of %s empty", file, found[0], key)
					}
				}
			}
		}
	}
}

func catalogue(t *testing.T) map[string]*i18n.Message {
	t.Helper()
	text, err := os.ReadFile("words/en.toml")
	if err != nil {
		t.Fatal(err)
	}
	file, err := i18n.ParseMessageFileBytes(text, "en.toml", map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
	if err != nil {
		t.Fatal(err)
	}
	sentences := map[string]*i18n.Message{}
	for _, m := range file.Messages {
		sentences[m.ID] = m
	}
	return sentences
}

// readSources is what people wrote in some folders, by file; tests and generated files are left out.
func readSources(t *testing.T, folders ...string) map[string]string {
	t.Helper()
	sources := map[string]string{}
	for _, folder := range folders {
		for _, pattern := range []string{"*.go", "*.templ"} {
			names, err := filepath.Glob(filepath.Join(folder, pattern))
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") {
					continue
				}
				text, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				sources[name] = string(text)
			}
		}
	}
	return sources
}
