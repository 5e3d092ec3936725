package main

import (
	"path/filepath"
	"strings"
	"testing"

	"chinwag/deliver/smtptest"
)

// The doctor talks to the mail server as the server would, and says how that went.
func TestDoctorAsksTheMailServer(t *testing.T) {
	t.Parallel()
	wants := smtptest.Start(t, smtptest.WithPassword)
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"off":              {nil, 0, "note   mail: off, so nobody can confirm an e-mail address"},
		"on":               {[]string{"--smtp-url=" + wants.URL()}, 0, "ok     mail from chinwag@localhost: 127.0.0.1:"},
		"a public URL":     {[]string{"--smtp-url=" + wants.URL(), "--public-url=https://chat.example.org"}, 0, "ok     mail from chinwag@chat.example.org: "},
		"a number":         {[]string{"--smtp-url=" + wants.URL(), "--public-url=https://192.0.2.1"}, 0, "ok     mail from chinwag@localhost: "},
		"another sender":   {[]string{"--smtp-url=" + wants.URL(), "--mail-from=pub@example.org"}, 0, "ok     mail from pub@example.org: "},
		"a password":       {[]string{"--smtp-url=" + wants.URL()}, 0, "in the clear, and takes the password"},
		"a wrong password": {[]string{"--smtp-url=" + strings.Replace(wants.URL(), "c%40d", "hunter2", 1)}, 1, ": 535 5.7.8 Authentication failed"},
		"nobody there":     {[]string{"--smtp-url=smtp://ann:hunter2@" + nobody(t)}, 1, "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := typed(t, "", append([]string{"doctor", "--data=" + filepath.Join(t.TempDir(), "data")}, c.args...)...)
			got.says(t, c.code)
			if !strings.Contains(got.stdout, c.want) || strings.Contains(got.stdout+got.stderr, "hunter2") || strings.Contains(got.stdout, smtptest.Password) {
				t.Errorf("no %q in\n%s", c.want, got.stdout)
			}
		})
	}
}
