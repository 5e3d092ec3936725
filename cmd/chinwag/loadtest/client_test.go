package loadtest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"chinwag/chat"
)

// An answer is read whole whether it says its length or comes in chunks, as from a proxy, or ends with its line.
func TestClientReadsEveryAnswer(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 10_000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/length":
			_, _ = io.WriteString(w, "short")
		case "/chunks":
			for part := long; part != ""; part = part[1000:] {
				_, _ = io.WriteString(w, part[:1000])
				_ = http.NewResponseController(w).Flush()
			}
		case "/busy":
			w.Header().Set("Retry-After", "2")
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/nothing":
			w.WriteHeader(http.StatusNoContent)
		case "/last":
			w.Header().Set("Transfer-Encoding", "identity")
			_ = http.NewResponseController(w).Flush()
			_, _ = io.WriteString(w, long)
		}
	}))
	defer server.Close()
	c := &client{target: targetAt(server.URL, 0)}
	defer c.close()
	for range 2 {
		for _, want := range []struct {
			path string
			answer
		}{
			{"/length", answer{status: 200, body: []byte("short")}},
			{"/chunks", answer{status: 200, body: []byte(long)}},
			{"/busy", answer{status: 503, retry: 2 * time.Second}},
			{"/nothing", answer{status: 204}},
			{"/chunks", answer{status: 200, body: []byte(long)}},
			{"/last", answer{status: 200, body: []byte(long)}},
		} {
			had := c.conn
			got, err := c.get(t.Context(), want.path, "")
			must(t, err)
			if got.status != want.status || got.retry != want.retry || string(got.body) != string(want.body) {
				t.Errorf("%s is answered %d, after %s, with %d bytes", want.path, got.status, got.retry, len(got.body))
			}
			if want.path != "/length" && want.path != "/last" && c.conn != had {
				t.Errorf("%s took another line", want.path)
			}
		}
		if c.conn != nil {
			t.Error("the line is kept that the server closes")
		}
	}
}

// Told to end, nobody waits for the answers to what they sent.
func TestPostsEndWithTheRun(t *testing.T) {
	t.Parallel()
	const talking = 2
	came, stay := make(chan struct{}, talking), make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		came <- struct{}{}
		<-stay
	}))
	defer silent.Close()
	defer close(stay)
	at := targetAt(silent.URL, 0)
	p := &party{nodes: []*server{{target: at}}, crowd: newCrowd(at), room: chat.RoomID(1), writers: []*client{{target: at}, {target: at}}}
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- p.together(ctx, talking, func(_ int, post func() error) error { return post() })
	}()
	for range talking {
		<-came
	}
	began := time.Now()
	end()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("it says %v", err)
	}
	if took := time.Since(began); took > answerWithin/2 {
		t.Errorf("only after %s", took)
	}
}
