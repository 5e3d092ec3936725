package handlers

import (
	"bytes"
	"context"
	"fmt"

	"github.com/a-h/templ"
)

// fragment draws a component by itself, for a frame.
func fragment(ctx context.Context, component templ.Component) ([]byte, error) {
	var out bytes.Buffer
	if err := component.Render(ctx, &out); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	return out.Bytes(), nil
}
