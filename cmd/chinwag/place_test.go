package main

import (
	"net"
	"os"
	"strings"
	"testing"
)

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

func TestDoctorAsksNATS(t *testing.T) {
	t.Parallel()
	got := typed(t, "", "doctor", "--database-url=postgres://"+nobody(t)+"/chinwag", "--nats-url=nats://ann:hunter2@"+nobody(t))
	got.says(t, exitFailed, "2 of these must be mended")
	if !strings.Contains(got.stdout, "FAULT  NATS: ") || strings.Contains(got.stdout, "hunter2") {
		t.Errorf("%+v", got)
	}
}

// Each community has its own subjects, the same on all its nodes.
func TestNATSPrefix(t *testing.T) {
	t.Parallel()
	ours, theirs := natsPrefix([]byte("our secret")), natsPrefix([]byte("their secret"))
	if ours != natsPrefix([]byte("our secret")) || ours == theirs {
		t.Errorf("%s and %s", ours, theirs)
	}
	if len(ours) != len("chinwag.")+16 {
		t.Error(ours)
	}
}
