package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"chinwag/views"
)

// setupForm is the page behind the printed link, opened in somebody's browser.
type setupForm struct {
	server  *server
	browser *http.Client
	token   string
}

func (s *server) opensSetup(t *testing.T) setupForm {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	browser := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	page, err := browser.Get(s.setup())
	must(t, err)
	defer page.Body.Close()
	body, err := io.ReadAll(page.Body)
	must(t, err)
	token := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindSubmatch(body)
	if token == nil {
		t.Fatalf("no form: %s", body)
	}
	return setupForm{s, browser, string(token[1])}
}

// submit sends the form, filled in, and gives the answer; 0: there was none.
func (f setupForm) submit(t *testing.T) (status int) {
	t.Helper()
	fields := url.Values{
		"csrf": {f.token}, "community": {"Ours"}, "username": {"ann"}, "password": {"correct horse battery"}, "registration": {"open"},
	}
	request, err := http.NewRequest(http.MethodPost, f.server.setup(), strings.NewReader(fields.Encode()))
	must(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", f.server.url)
	answer, err := f.browser.Do(request)
	if err != nil {
		return 0
	}
	must(t, answer.Body.Close())
	return answer.StatusCode
}

// The link that makes an administrator is printed, and works, until somebody used it.
func TestSetupLinkIsPrintedUntilItIsUsed(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	first := serve(t, data)
	old := first.setup()
	if !strings.HasPrefix(old, first.url+views.SetupPath("")) || len(old) < len(first.url+views.SetupPath(""))+20 {
		t.Fatalf("the link is %q", old)
	}
	if code, _ := get(t, old); code != http.StatusOK {
		t.Errorf("the link answers %d", code)
	}
	if code, _ := get(t, old[:len(old)-1]); code == http.StatusOK {
		t.Error("most of the link is enough")
	}
	first.stop().says(t, 0)

	second := serve(t, data)
	link := second.setup()
	if link == "" || strings.TrimPrefix(link, second.url) == strings.TrimPrefix(old, first.url) {
		t.Errorf("the second start printed %q after %q", link, old)
	}
	form := second.opensSetup(t)
	typed(t, "correct horse battery\n", "user", "add", "root", "--admin", "--data="+data).says(t, 0)
	if status := form.submit(t); status != http.StatusNotFound {
		t.Errorf("there is an administrator, and who had the form open is answered %d", status)
	}
	for end := time.Now().Add(10 * time.Second); ; { // another process made the administrator: the server looks now and then
		code, _ := get(t, link)
		if code == http.StatusNotFound {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("there is an administrator, and the link answers %d", code)
		}
	}
	second.stop().says(t, 0)

	third := serve(t, data)
	if link := third.setup(); link != "" {
		t.Errorf("still printed: %s", link)
	}
}
