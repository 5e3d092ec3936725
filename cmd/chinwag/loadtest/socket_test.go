package loadtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Frames of every length come whole, however they are cut on the way.
func TestSocketReadsFrames(t *testing.T) {
	t.Parallel()
	sizes := []int{0, 1, 125, 126, 1021, 0xffff, 0x10000, 3, 70_000, 5}
	var stream []byte
	for _, size := range sizes {
		stream = append(stream, relayFrame(size)...)
	}
	for _, atATime := range []int{1, 7, 1024, len(stream)} {
		s, server := pair(t)
		go sends(server, stream, atATime)
		for _, size := range sizes {
			frame, err := s.next()
			must(t, err)
			if !bytes.Equal(frame, bytes.Repeat([]byte("x"), size)) {
				t.Fatalf("%d bytes at a time: a frame of %d bytes came as %d", atATime, size, len(frame))
			}
		}
		if _, err := s.next(); !errors.Is(err, io.EOF) {
			t.Errorf("it ends with %v", err)
		}
	}
}

func TestSocketAnswersPings(t *testing.T) {
	t.Parallel()
	s, server := pair(t)
	go func() {
		_, _ = server.Write([]byte("\x89\x02hi\x8a\x00"))
		answer := make([]byte, 8)
		_, _ = io.ReadFull(server, answer)
		_, _ = server.Write(append([]byte("\x81\x08"), answer...))
	}()
	frame, err := s.next()
	must(t, err)
	if string(frame) != "\x8a\x82\x00\x00\x00\x00hi" {
		t.Errorf("the ping was answered with %q", frame)
	}
}

func TestSocketEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		bytes string
		want  string
	}{
		"told so":          {"\x88\x02\x03\xf4", "closed with 1012"},
		"told nothing":     {"\x88\x00", "closed with 1005"},
		"in the middle":    {"\x81\x05ab", "EOF"},
		"a masked frame":   {"\x81\x85\x00\x00\x00\x00abcde", "a frame that begins with 0x81 0x85"},
		"a fragment":       {"\x01\x01a", "a frame that begins with 0x1 0x1"},
		"a binary frame":   {"\x82\x01a", "a frame of kind 2"},
		"one far too long": {"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", "a frame that is too large"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, server := pair(t)
			go sends(server, []byte(test.bytes), len(test.bytes))
			if _, err := s.next(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("it says %v, not %q", err, test.want)
			}
		})
	}
}

// A server that is no WebSocket's, or busy, is told apart.
func TestHandshakeIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   error
	}{
		"busy":     {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "2"); w.WriteHeader(503) }, refused{503, 2e9}},
		"a page":   {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }, refused{200, 0}},
		"the line": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.answer)
			defer server.Close()
			_, err := dialSocket(t.Context(), nil, targetAt(server.URL, 0), "/live", "")
			if !errors.Is(err, test.want) {
				t.Errorf("it says %v, not %v", err, test.want)
			}
		})
	}
}

// The relay writes one frame to each socket for every line.
func TestRelay(t *testing.T) {
	t.Parallel()
	orders, give := io.Pipe()
	says, out := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- Relay(context.Background(), orders, out, 300) }()
	said := make([]byte, 100)
	n, err := says.Read(said)
	must(t, err)
	address := strings.Fields(string(said[:n]))
	crowd := newCrowd(targetAt(address[len(address)-1], 0))
	const screens, frames = 5, 3
	must(t, crowd.open(t.Context(), screens, 1000, func(int) *screen { return &screen{crowd: crowd} }))
	crowd.watch()
	for range frames {
		crowd.next()
		_, err := io.WriteString(give, "\n")
		must(t, err)
	}
	must(t, crowd.waitFor(t.Context(), screens*frames))
	must(t, give.Close())
	must(t, <-ended)
	crowd.close()
	if got := crowd.latencies(); len(got) != screens*frames || crowd.length.Load() != 300 {
		t.Errorf("%d frames of %d bytes", len(got), crowd.length.Load())
	}
}

func FuzzSocket(f *testing.F) {
	f.Add([]byte("\x81\x02hi\x89\x00\x88\x02\x03\xf4"))
	f.Add(relayFrame(300))
	f.Fuzz(func(t *testing.T, bytes []byte) {
		ours, theirs := net.Pipe()
		s := &socket{conn: ours, buffer: make([]byte, smallBuffer)}
		go func() { _, _ = io.Copy(io.Discard, theirs) }() // what it answers
		go sends(theirs, bytes, 100)
		seen := 0
		for {
			frame, err := s.next()
			if err != nil {
				break
			}
			seen += len(frame) + 2
		}
		if seen > len(bytes) {
			t.Errorf("%d bytes of frames in %d", seen, len(bytes))
		}
		_ = ours.Close()
	})
}
