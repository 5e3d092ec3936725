package main

import (
	"strings"
	"testing"
)

// asProgram is the variable that has this binary run as the program.
const asProgram = "TEST_AS_PROGRAM"

// An address of the load tester's may hold a password too.
func TestLoadtestRepeatsNoAddress(t *testing.T) {
	t.Parallel()
	away := "postgres://ann:hunter2@" + nobody(t) + "/postgres"
	for name, c := range map[string]struct {
		args  []string
		code  int
		words []string
	}{
		"no PostgreSQL":           {[]string{"suite", "--database-url=mysql://ann:hunter2@localhost/chinwag"}, exitUsage, []string{"--database-url", "postgres://"}},
		"NATS alone":              {[]string{"suite", "--nats-url=nats://ann:hunter2@localhost"}, exitUsage, []string{"--nats-url", "--database-url"}},
		"no NATS":                 {[]string{"load", "--database-url=" + away, "--nats-url=http://ann:hunter2@localhost"}, exitUsage, []string{"--nats-url", "nats://"}},
		"nodes need both":         {[]string{"--only=nodes", "--database-url=" + away}, exitFailed, []string{"nodes", "--nats-url"}},
		"nobody is there":         {[]string{"--database-url=" + away}, exitFailed, []string{"refused"}},
		"a server that runs, too": {[]string{"load", "--url=http://localhost", "--cookies=loadtest_test.go", "--database-url=" + away}, exitUsage, []string{"--url", "--database-url"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := typed(t, "", append([]string{"loadtest"}, c.args...)...)
			got.says(t, c.code, c.words...)
			if strings.Contains(got.stderr+got.stdout, "hunter2") {
				t.Errorf("%+v", got)
			}
		})
	}
}

// What a configuration file names is in use: it is nothing to load.
func TestLoadtestHasToBeTold(t *testing.T) {
	t.Parallel()
	file := write(t, `{"database_url": "postgres://`+nobody(t)+`/chinwag", "nats_url": "nats://`+nobody(t)+`"}`)
	typed(t, "", "--config="+file, "loadtest", "--only=nodes").says(t, exitFailed, "nodes needs PostgreSQL and NATS")
}
