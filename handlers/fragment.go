package handlers

import (
	"bytes"
	"context"
	"fmt"

	"github.com/a-h/templ"

	"chinwag/chat"
	"chinwag/views"
)

// drawChanges draws messages in the order of their numbers: what was there before the revision is replaced, what is new
// is appended.
func drawChanges(ctx context.Context, f views.Frame, changed []chat.Message, after chat.Rev) ([]byte, error) {
	var out bytes.Buffer
	var appended []chat.Message
	for _, m := range changed {
		if m.Born > after {
			appended = append(appended, m)
			continue
		}
		if err := views.Changed(f, m).Render(ctx, &out); err != nil {
			return nil, fmt.Errorf("draw: %w", err)
		}
	}
	if len(appended) > 0 {
		if err := views.Appended(f, appended).Render(ctx, &out); err != nil {
			return nil, fmt.Errorf("draw: %w", err)
		}
	}
	return out.Bytes(), nil
}

func fragment(ctx context.Context, component templ.Component) ([]byte, error) {
	var out bytes.Buffer
	if err := component.Render(ctx, &out); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	return out.Bytes(), nil
}
