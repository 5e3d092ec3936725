package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// TestLeaving takes what is one's own along and deletes the account, while somebody looks at the room: the words stay under
// no name, or go.
func TestLeaving(t *testing.T) {
	eachWay(t, func(t *testing.T, visitor func(*site, string) *person) {
		site := openSite(t)
		ada := site.person("ada")
		room := ada.makesRoom("Music", "public")
		ada.isLive()
		for name, messages := range map[string]string{"eve": "keep", "mallory": "erase"} {
			p := visitor(site, name)
			p.registers()
			p.joins(room)
			p.says("said by " + name)
			ada.sees("said by " + name)

			p.goesTo("/settings")
			for _, format := range []string{"html", "json"} {
				if text := p.downloads("/settings/download", "format", format); !strings.Contains(text, "said by "+name) {
					t.Errorf("what %s takes along as %s is without the message: %s", name, format, text)
				} else if format == "json" && !json.Valid([]byte(text)) {
					t.Errorf("no JSON: %s", text)
				}
			}
			p.expects("status of 422", "status of 401")
			p.follows(`a[href="/settings/delete"]`)
			p.submits("/settings/delete", "messages", messages, "username", "somebody")
			p.standsAt("username")
			p.submits("/settings/delete", "messages", messages, "username", name)
			p.isAt("/login")
			p.submits("/login", "username", name, "password", password)
			p.standsAt("")
		}
		ada.until(`document.querySelectorAll('.m.gone').length === 1`) // without a reload
		ada.reloads()
		ada.sees("said by eve")
		ada.is(`!/said by mallory/.test(document.body.textContent)`)
		ada.is(`![...document.querySelectorAll('.by')].some(e => /^(eve|mallory)$/.test(e.textContent))`)
		ada.goesTo(room + "/members")
		ada.is(`!/eve|mallory/.test(document.getElementById('pane').textContent)`)
	})
}

// downloads sends a form whose answer is a file, and gives what is in it.
func (p *person) downloads(action string, fields ...string) string {
	p.t.Helper()
	dir := p.t.TempDir()
	call(p.tab, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir, BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID,
	})
	form := `form[action="` + action + `"]`
	for i := 0; i+1 < len(fields); i += 2 {
		p.fills(form, fields[i], fields[i+1])
	}
	p.presses(form + ` button:not([type=button])`)
	var files []string
	eventually(p.t, "the file is there", func() bool {
		files, _ = filepath.Glob(filepath.Join(dir, "chinwag-*")) // until it has its name, it has one that begins with a dot
		return len(files) == 1 && !strings.HasSuffix(files[0], ".crdownload")
	})
	content, err := os.ReadFile(files[0])
	must(p.t, err)
	return string(content)
}
