package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write makes a file and gives its path.
func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.json")
	must(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// A flag goes before the environment, that before the file, that before the default.
func TestWhereSettingsComeFrom(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	flag, env, file := filepath.Join(dir, "flag"), filepath.Join(dir, "env"), filepath.Join(dir, "file")
	config := write(t, `{"data": "`+file+`", "trusted_proxies": ["10.0.0.0/8", "::1"], "addr": "localhost:1"}`)
	for _, c := range []struct {
		name string
		args []string
		env  map[string]string
		want string
	}{
		{"default", nil, nil, filepath.Join(dir, "data")},
		{"file", []string{"--config=" + config}, nil, file},
		{"file named by the environment", nil, map[string]string{"CHINWAG_CONFIG": config}, file},
		{"environment", nil, map[string]string{"CHINWAG_DATA": env}, env},
		{"environment before file", []string{"--config=" + config}, map[string]string{"CHINWAG_DATA": env}, env},
		{"flag before environment", []string{"--data=" + flag}, map[string]string{"CHINWAG_DATA": env}, flag},
		{"flag before file", []string{"--config=" + config, "--data=" + flag}, nil, flag},
		{"flag before both", []string{"--config=" + config, "--data=" + flag}, map[string]string{"CHINWAG_DATA": env}, flag},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			got := typed(t, "", append([]string{"doctor"}, c.args...)...)
			if !strings.Contains(got.stdout, "data directory "+c.want+"\n") {
				t.Errorf("want %s:\n%+v", c.want, got)
			}
		})
	}
}

// A wrong value is a sentence that names the setting, wherever the value stands, and nothing is made.
func TestWrongValues(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		name  string
		args  []string
		env   map[string]string
		words []string
	}{
		{"no port", []string{"--addr=localhost"}, nil, []string{"--addr", `"localhost"`, "host:port"}},
		{"no level", []string{"--log-level=loud"}, nil, []string{"--log-level", `"loud"`, "debug"}},
		{"no level, from the environment", nil, map[string]string{"CHINWAG_LOG_LEVEL": "loud"}, []string{"--log-level", `"loud"`}},
		{"no level, from the file", []string{"--config=" + write(t, `{"log_level": "loud"}`)}, nil, []string{"--log-level", `"loud"`}},
		{"no origin", []string{"--public-url=chat.example.org"}, nil, []string{"--public-url", `"chat.example.org"`, "https://chat.example.org"}},
		{"no web", []string{"--public-url=ftp://chat.example.org"}, nil, []string{"--public-url"}},
		{"a path", []string{"--public-url=https://example.org/chat"}, nil, []string{"--public-url"}},
		{"no address", nil, map[string]string{"CHINWAG_TRUSTED_PROXIES": "10.0.0.1,proxy"}, []string{"--trusted-proxies", `"proxy"`}},
		{"no sender", []string{"--mail-from=The Pub"}, nil, []string{"--mail-from", `"The Pub"`}},
		{"a sender with a name", nil, map[string]string{"CHINWAG_MAIL_FROM": "The Pub <chinwag@example.org>"}, []string{"--mail-from"}},
		{"no mail server", []string{"--smtp-url=mail.example.org:587"}, nil, []string{"--smtp-url", "smtp://mail.example.org"}},
		{"neither on nor off", []string{"--limits=maybe"}, nil, []string{"--limits", `"maybe"`}},
		{"no limits for everybody", []string{"--limits=off", "--addr=:8080"}, nil, []string{"--limits", "loopback"}},
		{"no such flag", []string{"--adr=x"}, nil, []string{"--adr", "--addr"}},
		{"no such setting", []string{"--config=" + write(t, `{"public-url": "https://chat.example.org"}`)}, nil, []string{"public-url", "configuration file"}},
		{"half a file", []string{"--config=" + write(t, `{"addr": `)}, nil, []string{"configuration file"}},
		{"no file", []string{"--config=not-there.json"}, nil, []string{"not-there.json"}},
		{"too many words", []string{"now"}, nil, []string{"now"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			for _, command := range []string{"serve", "doctor"} {
				got := typed(t, "", append([]string{command}, c.args...)...)
				got.says(t, exitUsage, c.words...)
				if got.stdout != "" || strings.Count(got.stderr, "\n") != 1 {
					t.Errorf("more than a sentence: %+v", got)
				}
			}
			if files, err := os.ReadDir("."); err != nil || len(files) > 0 {
				t.Errorf("made %v, %v", files, err)
			}
		})
	}
	for name, args := range map[string][]string{"no command": {}, "another command": {"frob"}, "half a command": {"user"}, "no name": {"user", "add"}} {
		t.Run(name, func(t *testing.T) { typed(t, "", args...).says(t, exitUsage, "expected") })
	}
}

// nobody is an address of this machine where nothing listens.
func nobody(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, listener.Close())
	return listener.Addr().String()
}

// An address may hold a password: no command repeats one, whatever is wrong with it.
func TestAddressesAreNotRepeated(t *testing.T) {
	t.Chdir(t.TempDir())
	away := "postgres://ann:hunter2@" + nobody(t) + "/chinwag"
	for name, c := range map[string]struct {
		args  []string
		code  int
		words []string
	}{
		"no PostgreSQL":      {[]string{"--database-url=mysql://ann:hunter2@localhost/chinwag"}, exitUsage, []string{"--database-url", "postgres://"}},
		"no address":         {[]string{"--database-url=user=ann password=hunter2"}, exitUsage, []string{"--database-url", "postgres://"}},
		"a broken address":   {[]string{"--database-url=postgres://ann:hunter2@local host/chinwag"}, exitUsage, []string{"--database-url"}},
		"a stray sign":       {[]string{"--database-url=postgres://ann:hunter2%zz@localhost/chinwag"}, exitUsage, []string{"--database-url"}},
		"no NATS":            {[]string{"--database-url=" + away, "--nats-url=http://ann:hunter2@localhost"}, exitUsage, []string{"--nats-url", "nats://"}},
		"a broken NATS":      {[]string{"--database-url=" + away, "--nats-url=nats://localhost,nats://ann:hunter2@local host"}, exitUsage, []string{"--nats-url"}},
		"no mail server":     {[]string{"--smtp-url=imap://ann:hunter2@localhost"}, exitUsage, []string{"--smtp-url", "smtps://"}},
		"half a mail server": {[]string{"--smtp-url=smtp://:hunter2@localhost"}, exitUsage, []string{"--smtp-url", "a user and a password"}},
		"a broken one":       {[]string{"--smtp-url=smtps://ann:hunter2%zz@localhost"}, exitUsage, []string{"--smtp-url"}},
		"NATS without nodes": {[]string{"--nats-url=nats://ann:hunter2@localhost"}, exitUsage, []string{"--nats-url", "SQLite", "--database-url"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, command := range []string{"serve", "doctor"} {
				got := typed(t, "", append([]string{command}, c.args...)...)
				got.says(t, c.code, c.words...)
				if strings.Count(got.stderr, "\n") != 1 || strings.Contains(got.stderr+got.stdout, "hunter2") {
					t.Errorf("%+v", got)
				}
			}
		})
	}
	for _, command := range [][]string{{"user", "add", "ann"}, {"loadtest", "seed"}, {"move"}} {
		flag := "--database-url"
		if command[0] == "move" {
			flag = "--to"
		}
		got := typed(t, "", append(command, flag+"=mysql://ann:hunter2@localhost/chinwag")...)
		got.says(t, exitUsage, flag, "postgres://")
		if strings.Contains(got.stderr+got.stdout, "hunter2") {
			t.Errorf("%v: %+v", command, got)
		}
	}
	t.Setenv("CHINWAG_DATABASE_URL", away)
	for _, args := range [][]string{{"serve", "--help"}, {"doctor", "--help"}, {"user", "add", "--help"}, {"move", "--help"}} {
		if got := typed(t, "", args...); got.code != 0 || strings.Contains(got.stdout+got.stderr, "hunter2") {
			t.Errorf("%v: %+v", args, got)
		}
	}
}

// A database that is away is a sentence and an end, wherever its address stands, and nothing is made.
func TestDatabaseIsAway(t *testing.T) {
	t.Chdir(t.TempDir())
	addr := nobody(t)
	away := "postgres://ann:hunter2@" + addr + "/chinwag"
	for name, c := range map[string]struct {
		args []string
		env  string
	}{
		"flag":        {[]string{"--database-url=" + away}, ""},
		"environment": {nil, away},
		"file":        {[]string{"--config=" + write(t, `{"database_url": "`+away+`", "data": "elsewhere"}`)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if c.env != "" {
				t.Setenv("CHINWAG_DATABASE_URL", c.env)
			}
			serve := typed(t, "", append([]string{"serve", "--addr=127.0.0.1:0"}, c.args...)...)
			add := typed(t, "correct horse battery\n", append([]string{"user", "add", "ann"}, c.args...)...)
			doctor := typed(t, "", append([]string{"doctor"}, c.args...)...)
			serve.says(t, exitFailed, addr, "refused")
			add.says(t, exitFailed, addr, "refused")
			if strings.Count(serve.stderr, "\n") != 1 {
				t.Errorf("more than a sentence: %s", serve.stderr)
			}
			if !strings.Contains(doctor.stdout, "FAULT  database") || strings.Contains(doctor.stdout, "data directory") {
				t.Errorf("%+v", doctor)
			}
			for _, got := range []ran{serve, add, doctor} {
				if strings.Contains(got.stderr+got.stdout, "hunter2") {
					t.Errorf("%+v", got)
				}
			}
			if files, err := os.ReadDir("."); err != nil || len(files) > 0 {
				t.Errorf("made %v, %v", files, err)
			}
		})
	}
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://chat.example.org":       "https://chat.example.org",
		"https://Chat.Example.org/":      "https://chat.example.org",
		"https://chat.example.org:443":   "https://chat.example.org",
		"https://chat.example.org:8443":  "https://chat.example.org:8443",
		"http://localhost:80":            "http://localhost",
		"http://localhost:8080":          "http://localhost:8080",
		"http://[::1]:8080":              "http://[::1]:8080",
		"http://chat.example.org:443":    "http://chat.example.org:443",
		"":                               "",
		"chat.example.org":               "",
		"//chat.example.org":             "",
		"https://":                       "",
		"https:///x":                     "",
		"https://:443":                   "",
		"https://u@chat.example.org":     "",
		"https://chat.example.org/x":     "",
		"https://chat.example.org?x":     "",
		"https://chat.example.org?x=1":   "",
		"https://chat.example.org#x":     "",
		"javascript:alert(1)":            "",
		"https://chat example.org":       "",
		"https://chat.example.org:port":  "",
		"https://chat.example.org\r\nx:": "",
		"https://a;b":                    "", // would end a rule of the content security policy
		"https://пример.рф":              "", // browsers say xn--e1afmkfd.xn--p1ai
		"https://xn--e1afmkfd.xn--p1ai":  "https://xn--e1afmkfd.xn--p1ai",
	} {
		got, err := parseOrigin(text)
		if want == "" && err == nil || want != "" && (err != nil || got.String() != want) {
			t.Errorf("%q: %v, %v; want %q", text, got, err, want)
		}
	}
}

func FuzzOrigin(f *testing.F) {
	for _, text := range []string{"https://chat.example.org", "http://[::1]:80", "https://a:443", "https://a:443:443", "HTTPS://A", "http://a?", "http://%41"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		origin, err := parseOrigin(text)
		if err != nil {
			return
		}
		again, err := parseOrigin(origin.String())
		if err != nil || again.String() != origin.String() {
			t.Errorf("%q is %q, and that %v, %v", text, origin, again, err)
		}
		if strings.ContainsAny(origin.String(), " \r\n<>\"';,") {
			t.Errorf("%q is %q", text, origin)
		}
	})
}

func TestPublicURLOfAnAddress(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"localhost:8080":   "http://localhost:8080",
		"127.0.0.1:0":      "http://127.0.0.1:4711",
		":8080":            "http://localhost:8080",
		"0.0.0.0:8080":     "http://localhost:8080",
		"[::]:8080":        "http://localhost:8080",
		"[::1]:8080":       "http://[::1]:8080",
		"[::1]:80":         "http://[::1]",
		"localhost:80":     "http://localhost",
		"example.org:8080": "http://example.org:8080",
	} {
		_, port, err := net.SplitHostPort(addr)
		must(t, err)
		listening := &net.TCPAddr{Port: 4711}
		if port != "0" {
			listening, err = net.ResolveTCPAddr("tcp", "127.0.0.1:"+port)
			must(t, err)
		}
		settings := &serveSettings{Addr: addr}
		got, err := settings.publicURL(listening)
		must(t, err)
		if got.String() != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
}

func TestProxies(t *testing.T) {
	t.Parallel()
	got, err := (&serveSettings{TrustedProxies: []string{"10.0.0.1", "192.0.2.0/24", "::1", "2001:db8::/32"}}).proxies()
	must(t, err)
	want := []string{"10.0.0.1/32", "192.0.2.0/24", "::1/128", "2001:db8::/32"}
	for i, prefix := range got {
		if prefix.String() != want[i] {
			t.Errorf("%s, want %s", prefix, want[i])
		}
	}
	for _, wrong := range []string{"", "proxy", "10.0.0.1:80", "10.0.0.0/33", "10.0.0"} {
		if list, err := (&serveSettings{TrustedProxies: []string{wrong}}).proxies(); err == nil {
			t.Errorf("%q is %v", wrong, list)
		}
	}
}

func TestLoopback(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]bool{
		"localhost:80": true, "127.0.0.1:80": true, "127.9.9.9:80": true, "[::1]:80": true,
		":80": false, "0.0.0.0:80": false, "[::]:80": false, "192.0.2.1:80": false, "localhost.example.org:80": false, "localhost": false,
	} {
		if loopback(addr) != want {
			t.Errorf("%s: %v", addr, !want)
		}
	}
}
