package views

import (
	"github.com/mileusna/useragent"

	"chinwag/chat"
)

// deviceName is what people call a signed-in browser: "Firefox on Linux". Browsers say of themselves what they like, so it is
// a help and no proof.
func deviceName(w *Words, from chat.Visit) string {
	agent := useragent.Parse(from.Browser)
	switch {
	case agent.Name == "":
		return w.T("device.unknown")
	case agent.OS == "":
		return agent.Name
	default:
		return w.T("device.on", "Browser", agent.Name, "System", agent.OS)
	}
}
