package views_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"testing"

	"github.com/a-h/templ"
	"github.com/andybalholm/brotli"

	"chinwag/views"
)

func BenchmarkMessage(b *testing.B) {
	s := newSample(b, "Ada Lovelace", 1, 2)
	b.Run("grouped", func(b *testing.B) { benchmark(b, views.Message(s.frame, s.messages[1])) })
	b.Run("with header", func(b *testing.B) { benchmark(b, views.Message(s.frame, s.messages[0])) })
	b.Run("frame", func(b *testing.B) { benchmark(b, views.Appended(s.frame, views.Undrawn(s.messages[1:]))) })
}

func BenchmarkRoomPage(b *testing.B) {
	s := newSample(b, "Ada Lovelace", 20, 50)
	benchmark(b, views.RoomPage(s.frame, s.props()))
}

// benchmark draws a component again and again. Beside time and allocations it reports the bytes it makes, and what is left
// of them when they are compressed as pages are.
func benchmark(b *testing.B, component templ.Component) {
	b.Helper()
	ctx := templ.WithNonce(context.Background(), nonce)
	var page bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		page.Reset()
		if err := component.Render(ctx, &page); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(page.Len()), "B")
	b.ReportMetric(squeezed(b, page.Bytes(), func(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, 5) }), "B-brotli")
	b.ReportMetric(squeezed(b, page.Bytes(), func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }), "B-gzip")
}

func squeezed(b *testing.B, page []byte, compress func(io.Writer) io.WriteCloser) float64 {
	b.Helper()
	var small bytes.Buffer
	w := compress(&small)
	if _, err := w.Write(page); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return float64(small.Len())
}
