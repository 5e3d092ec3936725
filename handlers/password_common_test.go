package handlers_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"chinwag/chat"
)

// commonPasswords are some of the list that are long enough, from all over it.
func commonPasswords(t *testing.T, n int) (some []string) {
	t.Helper()
	text, err := os.ReadFile("../chat/password_common.txt")
	must(t, err)
	var long []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); len(line) >= chat.PasswordMin {
			long = append(long, line)
		}
	}
	for i := range n {
		some = append(some, long[i*len(long)/n])
	}
	return some
}

// saysGuessable holds that a form came back with the sentence beside the password, and without it.
func (p *page) saysGuessable(password string) {
	p.t.Helper()
	p.is(http.StatusUnprocessableEntity)
	input := p.find(func(n *html.Node) bool {
		return attribute(n, "name") == "password" && attribute(n, "aria-invalid") == "true"
	})
	if input == nil || !strings.Contains(p.alerts(), "known or easy to guess") {
		p.t.Errorf("%q: nothing stands beside the password: %s", password, p.alerts())
	}
	if strings.Contains(p.Body, `"`+password+`"`) {
		p.t.Errorf("the page repeats %q", password)
	}
}

func TestS02_CommonPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	s.callsItself("ChatName")
	b := s.stranger()
	before := s.state()
	for _, guess := range append(commonPasswords(t, 20), "ChatNameChatName1", "ChatName 2026!", "Chinwag2026!", "bob.kowalski", "example.org!!") {
		p := b.post("/register", "username", "bob", "password", guess, "display_name", "Bob Kowalski", "email", "bob@example.org")
		p.saysGuessable(guess)
		for name, typed := range map[string]string{"username": "bob", "display_name": "Bob Kowalski", "email": "bob@example.org"} {
			if got := p.hidden(name); got != typed {
				t.Errorf("%q: the form holds %q as %s", guess, got, name)
			}
		}
	}
	s.unchanged(t, before)
	b.post("/register", "username", "bob", "password", "four unrelated common words").is(http.StatusSeeOther)
}

// Wherever else a password is chosen, the same is refused.
func TestS02_CommonPasswordsAreRefusedEverywhere(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	s.callsItself("ChatName")
	bob := s.newcomer(general)
	bob.submitsFrom("/settings", "/settings/password", "current", password, "password", "ChatName 2026!").saysGuessable("ChatName 2026!")

	token, err := s.community.MakeResetLink(t.Context(), chat.Actor{}, bob.me())
	must(t, err)
	link := "/reset/" + token
	for _, guess := range []string{"ChatNameChatName1", "ChatName 2026!", bob.name() + bob.name() + "12345678"} {
		s.stranger().submitsFrom(link, link, "password", guess).saysGuessable(guess)
	}
	s.stranger().submitsFrom(link, link, "password", "four unrelated common words").is(http.StatusOK)

	fresh := startSite(t, withoutLimits)
	setup := "/setup?token=" + setupToken
	fresh.stranger().submitsFrom(setup, setup, "community", "ChatName", "username", "root", "password", "ChatName 2026!", "registration", "open").
		saysGuessable("ChatName 2026!")
}
