package main

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"chinwag/db/dbtest"
)

// kept is where a community is, as the commands take it.
func kept(place string) string {
	if strings.Contains(place, "://") {
		return "--database-url=" + place
	}
	return "--data=" + place
}

// resetLink is what the command prints last.
func (r ran) resetLink(t *testing.T) string {
	t.Helper()
	r.says(t, 0)
	found := regexp.MustCompile(`^ann can choose a new password, once, within ten minutes, at\n(http\S+)(/reset/[\w-]{43,})\n$`).FindStringSubmatch(r.stdout)
	if found == nil {
		t.Fatalf("%+v", r)
	}
	return found[1] + found[2]
}

// chooses follows a link as a browser does, and gives the status of what was sent.
func chooses(t *testing.T, link, password string) int {
	t.Helper()
	page, err := http.Get(link)
	must(t, err)
	defer page.Body.Close()
	body, err := io.ReadAll(page.Body)
	must(t, err)
	token := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindSubmatch(body)
	if token == nil {
		return page.StatusCode
	}
	request, err := http.NewRequest(http.MethodPost, link, strings.NewReader(url.Values{"csrf": {string(token[1])}, "password": {password}}.Encode()))
	must(t, err)
	address, err := url.Parse(link)
	must(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", address.Scheme+"://"+address.Host)
	for _, cookie := range page.Cookies() {
		request.AddCookie(cookie)
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	must(t, err)
	must(t, answer.Body.Close())
	return answer.StatusCode
}

func TestUserReset(t *testing.T) {
	t.Parallel()
	place := dbtest.Place(t)
	typed(t, "an older password\n", "user", "add", "root", "--admin", kept(place)).says(t, 0)
	typed(t, "an older password\n", "user", "add", "ann", "--email=ann@example.org", kept(place)).says(t, 0)
	s := serve(t, t.TempDir(), kept(place)) // the last that is said of a place counts
	reset := func(args ...string) ran {
		return typed(t, "", append([]string{"user", "reset", kept(place)}, args...)...)
	}

	void := reset("ann", "--public-url="+s.url).resetLink(t)
	link := reset("@ANN", "--addr="+strings.TrimPrefix(s.url, "http://")).resetLink(t)
	if !strings.HasPrefix(link, s.url+"/") {
		t.Errorf("%s does not lead to %s", link, s.url)
	}
	for _, tt := range []struct {
		about, link, password string
		status                int
	}{
		{"after a newer one was made", void, "correct horse battery", http.StatusNotFound},
		{"a password that anybody guesses", link, "password1234", http.StatusUnprocessableEntity},
		{"as it was meant", link, "correct horse battery", http.StatusSeeOther},
		{"twice", link, "another good password", http.StatusNotFound},
	} {
		if status := chooses(t, tt.link, tt.password); status != tt.status {
			t.Errorf("%s: answered %d, want %d", tt.about, status, tt.status)
		}
	}
	s.stop().says(t, 0)
	signsIn(t, place, "ann")

	// Without a server too. The person is known by a confirmed address; where the link leads is said.
	printed := reset("ann@example.org")
	if link := printed.resetLink(t); !strings.HasPrefix(link, "http://localhost:8080/reset/") || !strings.Contains(printed.stderr, "http://localhost:8080, since no --public-url is set") {
		t.Errorf("%+v", printed)
	}
	if printed := reset("ann", "--public-url=https://Chat.Example.org:443/"); !strings.HasPrefix(printed.resetLink(t), "https://chat.example.org/reset/") || printed.stderr != "" {
		t.Errorf("%+v", printed)
	}
	reset("bob").says(t, exitUsage, `nobody here is called "bob"`)
	reset("ann", "--public-url=chat").says(t, exitUsage, "--public-url", "no origin")
	reset("ann", "--addr=localhost:0").says(t, exitUsage, "--public-url", "localhost:0")
	reset("ann", "--addr=localhost").says(t, exitUsage, "--addr")
	reset().says(t, exitUsage, "name")
	disable(t, place, "ann")
	reset("ann").says(t, exitUsage, "This account is disabled")
}

// disable closes an account.
func disable(t *testing.T, place, name string) {
	t.Helper()
	_, err := dbtest.Beside(t, place).ExecContext(t.Context(), `UPDATE users SET disabled = TRUE WHERE username = $1`, name)
	must(t, err)
}
