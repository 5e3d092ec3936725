package loadtest

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// The address of a new database keeps everything but the name, and no second name leads elsewhere.
func TestAddressOfADatabase(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"postgres://ann:pass%20word@db.example.org:5433/theirs?sslmode=disable": "postgres://ann:pass%20word@db.example.org:5433/ours?sslmode=disable",
		"postgresql://localhost":                               "postgresql://localhost/ours",
		"postgres://localhost/theirs?dbname=theirs":            "",
		"postgres://localhost/?sslmode=disable&dbname=theirs":  "",
		"postgres://localhost/theirs?database=theirs":          "",
		"postgres://ann@/theirs?host=/run/postgresql&port=543": "postgres://ann@/ours?host=/run/postgresql&port=543",
	} {
		parsed, err := url.Parse(address)
		must(t, err)
		got, err := (&databases{address: parsed}).addressOf("ours")
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s becomes %q, %v", address, got, err)
		}
		if want == "" {
			continue
		}
		config, err := pgx.ParseConfig(got)
		must(t, err)
		if config.Database != "ours" {
			t.Errorf("%s is a database named %s", got, config.Database)
		}
	}
}

// Whatever a configuration file says, the server that is measured works on what was made for it.
func TestSettingsAreAllSaid(t *testing.T) {
	t.Parallel()
	l := &lab{Options: Options{NATSURL: "nats://localhost", Dir: "/tmp/run"}}
	for place, want := range map[string][]string{
		"/tmp/run/data":             {"CHINWAG_DATA=/tmp/run/data", "CHINWAG_DATABASE_URL=", "CHINWAG_NATS_URL="},
		"postgres://localhost/ours": {"CHINWAG_DATA=/tmp/run", "CHINWAG_DATABASE_URL=postgres://localhost/ours", "CHINWAG_NATS_URL=nats://localhost"},
	} {
		if got := l.settings(place); !slices.Equal(got, append(want, "CHINWAG_PUBLIC_URL=")) {
			t.Errorf("%s: %v", place, got)
		}
	}
}

func TestNodesNeedPostgreSQLAndNATS(t *testing.T) {
	t.Parallel()
	for _, joined := range []bool{true, false} {
		list, err := choose(nil, joined)
		must(t, err)
		if got := slices.ContainsFunc(list, func(s scenario) bool { return s.name == "nodes" }); got != joined {
			t.Errorf("joined: %t, chosen: %t", joined, got)
		}
	}
	if _, err := choose([]string{"posts", "nodes"}, false); err == nil || !strings.Contains(err.Error(), "--nats-url") {
		t.Errorf("%v", err)
	}
}
