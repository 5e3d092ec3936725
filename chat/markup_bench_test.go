package chat

import (
	"strings"
	"testing"
)

// BenchmarkRender draws what people write all day, and the longest messages
// that cost the most: these were found by trying 300,000 repetitions of pieces
// of markup.
func BenchmarkRender(b *testing.B) {
	markup := NewMarkup()
	repeat := strings.Repeat
	for _, c := range []struct{ name, source string }{
		{"sentence", "Shall we meet at the station at eight?"},
		{"typical", "**Notes** are at https://example.org/notes_2 (see `make check`):\n\n> Who brings the cake?\n\n- Ada\n- Grace\n"},
		{"quotes", repeat(">", 4000)},
		{"lists", repeat("- ", 1999) + "a"},
		{"blank lines in a deep list", repeat("- ", 20) + "a" + repeat("\n", 3950) + "b"},
		{"links left open", repeat("[a](", 1000)},
		{"brackets", repeat("[", 2000) + repeat("]", 2000)},
		{"backticks left open", repeat("\\``a\n", 800)},
		{"addresses", repeat("a@b.c ", 666)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				markup.Render(c.source)
			}
		})
	}
}
