package views

import (
	"embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"chinwag/chat"
)

//go:embed words/*.toml
var catalogues embed.FS

// Words says every sentence in one language. It is safe for concurrent use.
type Words struct {
	plain     map[string]string // sentences without gaps, ready to print
	localizer *i18n.Localizer   // the rest
}

// NewWords reads the English catalogue. It fails only if the catalogue in the binary is broken.
func NewWords() (*Words, error) {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	file, err := bundle.LoadMessageFileFS(catalogues, "words/en.toml")
	if err != nil {
		return nil, fmt.Errorf("read the catalogue of sentences: %w", err)
	}
	w := &Words{plain: make(map[string]string, len(file.Messages)), localizer: i18n.NewLocalizer(bundle, "en")}
	for _, m := range file.Messages {
		if m.One == "" && !strings.Contains(m.Other, "{{") {
			w.plain[m.ID] = m.Other
		}
	}
	return w, nil
}

// T is the sentence of a key. Args alternate a gap's name and its value: T("room.members", "Count", 3).
// An arg named Count, or else Seconds, chooses between singular and plural. A key that is not in the catalogue comes back as it is.
func (w *Words) T(key string, args ...any) string {
	if s, ok := w.plain[key]; ok {
		return s
	}
	gaps := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		name, _ := args[i].(string)
		gaps[name] = args[i+1]
	}
	return w.fill(key, gaps)
}

// TError is the sentence for what a person typed and cannot have; empty for nil.
func (w *Words) TError(problem *chat.Invalid) string {
	if problem == nil {
		return ""
	}
	if s, ok := w.plain[problem.Sentence]; ok {
		return s
	}
	return w.fill(problem.Sentence, problem.Args)
}

func (w *Words) fill(key string, gaps map[string]any) string {
	count, counted := gaps["Count"]
	if !counted {
		count = gaps["Seconds"]
	}
	s, err := w.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: gaps, PluralCount: count})
	if err != nil {
		return key // a test holds that this cannot happen to a key we use
	}
	return s
}

// number is a count for people, in groups of three digits.
func number(w *Words, n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + w.T("number.group") + digits[at:]
	}
	return digits
}
