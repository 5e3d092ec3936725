package views

import (
	"context"
	"io"

	"github.com/a-h/templ"

	"chinwag/chat"
)

// viewerStyle is the page's one inline style: what looks different for this viewer alone, so that the rows themselves can
// be the same bytes for everyone. It is made of numbers only; templ prints no values inside <style>.
func viewerStyle(viewer *chat.User, at chat.Seq) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		rules := ""
		if viewer != nil {
			rules += `[data-by="` + itoa(viewer.ID) + `"] .by{color:var(--accent)}`
		}
		if at != 0 {
			rules += `#` + MessageID(at) + `{background:var(--tint);scroll-initial-target:nearest;scroll-margin:30vh 0}`
		}
		if rules == "" {
			return nil
		}
		_, err := io.WriteString(w, `<style nonce="`+templ.EscapeString(templ.GetNonce(ctx))+`">`+rules+`</style>`)
		return err
	})
}
