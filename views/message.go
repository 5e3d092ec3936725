package views

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"chinwag/chat"
)

// Drawn is a message with its row, drawn once for every screen and page that shows it. A row that was not drawn yet is
// drawn with the page.
type Drawn struct {
	chat.Message
	row string
}

// Draw draws a message's row as it stands below the message before it.
func Draw(ctx context.Context, f Frame, m chat.Message) (Drawn, error) {
	var row strings.Builder
	if err := Message(f, m).Render(ctx, &row); err != nil {
		return Drawn{}, fmt.Errorf("draw message: %w", err)
	}
	m.Body = "" // of no use to a page
	return Drawn{Message: m, row: row.String()}, nil
}

// Undrawn are messages whose rows are drawn with the page.
func Undrawn(messages []chat.Message) []Drawn {
	list := make([]Drawn, len(messages))
	for i, m := range messages {
		list[i].Message = m
	}
	return list
}

// drawnRows copies rows as they were drawn, and draws those that were not.
func drawnRows(f Frame, messages []Drawn) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for _, m := range messages {
			var err error
			if m.row == "" {
				err = Message(f, m.Message).Render(ctx, w)
			} else {
				_, err = io.WriteString(w, m.row)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Size is how many bytes the row has; 0: it was not drawn.
func (d *Drawn) Size() int { return len(d.row) }

// swapping is the same row, replacing its older self wherever it is on the page. Its first tag ends at the first >, since
// none of its attributes holds one.
func (d Drawn) swapping() string {
	return strings.Replace(d.row, ">", ` hx-swap-oob="true">`, 1)
}

func bornAfter(messages []Drawn, rev chat.Rev) []Drawn {
	return slices.DeleteFunc(slices.Clone(messages), func(m Drawn) bool { return m.Born <= rev })
}
