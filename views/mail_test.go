package views_test

import (
	"html"
	"regexp"
	"strings"
	"testing"

	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"chinwag/chat"
	"chinwag/views"
)

// mails are all there are, at a community of that name.
func mails(tb testing.TB, name string) map[string]views.Mail {
	tb.Helper()
	f := newSample(tb, name, 1, 0).signedOut()
	list := map[string]views.Mail{"test": views.NewTestMail(f, "https://chat.example.org")}
	for _, kind := range []chat.JobKind{chat.JobMailReset, chat.JobMailConfirm, chat.JobMailEmailChanged, chat.JobMailPasswordChanged} {
		letter := chat.Letter{Kind: kind, To: "ada@x.test", User: chat.User{ID: 7, Username: "ada", DisplayName: name}, ID: "id"}
		if kind == chat.JobMailReset || kind == chat.JobMailConfirm {
			letter.Token = "t0ken-_"
		}
		list[string(kind)] = views.NewMail(f, letter, "https://chat.example.org")
	}
	return list
}

// Each mail says the same as text and as HTML, names the community, and leads nowhere but there.
func TestMails(t *testing.T) {
	t.Parallel()
	links := map[string]string{
		"mail.reset": "https://chat.example.org/reset/t0ken-_", "mail.confirm": "https://chat.example.org/confirm/t0ken-_",
		"mail.password_changed": "https://chat.example.org/forgot",
	}
	for name, m := range mails(t, "The Pub") {
		t.Run(name, func(t *testing.T) {
			drawn := draw(t, views.MailHTML(m))
			words := regexp.MustCompile(`\s+`).ReplaceAllString(html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(drawn, " ")), " ")
			for line := range strings.Lines(m.Text()) {
				line = strings.TrimSuffix(strings.TrimSpace(line), ":")
				if !strings.Contains(words, line) && line != "--" {
					t.Errorf("HTML does not say %q:\n%s", line, words)
				}
			}
			if !strings.Contains(m.Subject, "The Pub") || !strings.Contains(m.Text(), "https://chat.example.org") || name != "test" && !strings.Contains(m.Text(), "@ada") {
				t.Errorf("%s\n%s", m.Subject, m.Text())
			}
			if found := regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(drawn, -1); links[name] == "" && found != nil || links[name] != "" && (len(found) != 1 || found[0][1] != links[name]) {
				t.Errorf("links %q", found)
			}
			if fetched := regexp.MustCompile(`(?i)\bsrc=|url\(|<img|<link|@import|<script`).FindString(drawn); fetched != "" {
				t.Errorf("it fetches something: %s", fetched)
			}
		})
	}
}

// What people called things is text in a mail, too.
func TestS45_NamesAreTextInMails(t *testing.T) {
	t.Parallel()
	name := `<img src=x onerror=alert(1)>"'&`
	for kind, m := range mails(t, name) {
		root, err := nethtml.Parse(strings.NewReader(draw(t, views.MailHTML(m))))
		if err != nil {
			t.Fatal(err)
		}
		for n := range root.Descendants() {
			if n.Type == nethtml.ElementNode && n.DataAtom == atom.Img {
				t.Errorf("%s holds an image", kind)
			}
		}
		if !strings.Contains(m.Subject, name) {
			t.Errorf("%s is called %q", kind, m.Subject)
		}
	}
}
