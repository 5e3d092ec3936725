package views_test

import (
	"testing"

	"chinwag/chat"
	"chinwag/views"
)

func TestForm(t *testing.T) {
	words := newWords(t)
	typed := views.Form{
		Values:  map[string]string{"username": "ada", "password": "secret"},
		Problem: &chat.Invalid{Field: "username", Sentence: "username.taken"},
	}
	whole := views.Form{Problem: &chat.Invalid{Sentence: "error.busy"}}
	for name, c := range map[string]struct{ got, want string }{
		"what was typed":           {typed.Value("username"), "ada"},
		"a password":               {typed.Value("password"), ""},
		"a field left empty":       {typed.Value("email"), ""},
		"the wrong field":          {typed.Sentence(words, "username"), words.T("username.taken")},
		"a right field":            {typed.Sentence(words, "email"), ""},
		"the form, if a field is":  {typed.Whole(words), ""},
		"the form":                 {whole.Whole(words), words.T("error.busy")},
		"an empty form's field":    {views.Form{}.Value("username"), ""},
		"an empty form's sentence": {views.Form{}.Sentence(words, "username"), ""},
		"an empty form as a whole": {views.Form{}.Whole(words), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if c.got != c.want {
				t.Errorf("got %q, want %q", c.got, c.want)
			}
		})
	}
}
