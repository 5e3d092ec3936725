package realtime_test

import (
	"strings"
	"testing"

	"chinwag/realtime"
	"chinwag/realtime/natstest"
)

func TestAskNATS(t *testing.T) {
	t.Parallel()
	server := natstest.Away(t)
	with := func(password string) string {
		return strings.Replace(server.URL, "nats://", "nats://ann:"+password+"@", 1)
	}
	asks := func(url, want string) {
		t.Helper()
		err := realtime.AskNATS(url)
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret")) {
			t.Errorf("it says %v, not %q", err, want)
		}
	}
	asks(with("s3cret"), "no servers available")
	asks("nats://ann:s3cret@host:port", "no such thing")
	server.Wants("ann", "s3cret")
	server.Start()
	asks(with("s3cret"), "")
	asks(with("another-s3cret"), "Authorization")
}
