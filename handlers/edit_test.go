package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chinwag/chat"
)

// talk is a room in which bob, who is nothing special, ada, who moderates it, and root, who made it, have said one thing
// each: messages 1, 2 and 3.
func (s *site) talk() (bob, ada *browser) {
	s.t.Helper()
	bob, ada = s.person("bob"), s.person("ada")
	s.runs(`UPDATE memberships SET role = 'moderator' WHERE user_id = $1`, ada.me())
	bob.says(general, "from bob")
	ada.says(general, "from ada")
	s.root().says(general, "from root")
	return bob, ada
}

func editPath(seq int) string   { return roomPath(general) + "/" + itoa(seq) + "/edit" }
func deletePath(seq int) string { return roomPath(general) + "/" + itoa(seq) + "/delete" }

func (s *site) bodies() []string {
	s.t.Helper()
	return s.texts(`SELECT body FROM messages ORDER BY seq`)
}

func TestOwnMessagesAreEditedInPlace(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob, ada := s.talk()
	bob.opens(roomPath(general) + "/1").sees("Message of bob")
	p := bob.submitsFrom(editPath(1), editPath(1), "body", "from *bob*, better").is(http.StatusOK)
	if p.URL != s.URL+roomPath(general)+"/1" {
		t.Errorf("saving leads to %s", p.URL)
	}
	p.sees("from bob , better", "edited")
	ada.opens(roomPath(general)).sees("from bob , better", "edited")

	p = ada.htmx(editPath(2), "body", "by the script").is(http.StatusOK)
	if got := p.messages(); !cmp.Equal(got, []string{"ada: by the script"}) || p.attribute("m2", "hx-swap-oob") != "true" {
		t.Errorf("the script gets %q: %s", got, p.Body)
	}
	p = bob.htmx(deletePath(1)).is(http.StatusOK)
	if !strings.Contains(p.attribute("m1", "class"), "gone") {
		t.Errorf("the script gets %s", p.Body)
	}
	ada.submitsFrom(editPath(2), deletePath(2)).is(http.StatusOK).sees("Message deleted")
	if got := s.bodies(); !cmp.Equal(got, []string{"", "", "from root"}) {
		t.Errorf("stored are %q", got)
	}
	bob.get(editPath(1)).is(http.StatusNotFound)
	bob.post(editPath(1), "body", "risen").is(http.StatusNotFound).sees("risen")
	bob.post(deletePath(1)).is(http.StatusSeeOther) // it is as they wished
}

// Who may do what with messages 1, 2 and 3 is the same on the line of a message's page, on the form, and when it is sent.
func TestWhoMayEditAndDelete(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob, ada := s.talk()
	away := s.person("away")
	away.says(general, "from somebody who left")
	away.submitsFrom(roomPath(general), roomPath(general)+"/leave")
	for name, tt := range map[string]struct {
		who          *browser
		seq          int
		edits, looks int // status of the form to edit, and of its page
		deletes      int
		line         string
	}{
		"one's own":             {bob, 1, http.StatusSeeOther, http.StatusOK, http.StatusSeeOther, "Message of bob, Edit Delete"},
		"another's":             {bob, 2, http.StatusForbidden, http.StatusForbidden, http.StatusForbidden, ""},
		"the owner's":           {ada, 3, http.StatusForbidden, http.StatusOK, http.StatusSeeOther, "Message of root, Delete"},
		"as administrator":      {s.root(), 2, http.StatusForbidden, http.StatusOK, http.StatusSeeOther, "Message of ada, Delete"},
		"as a newcomer":         {s.newcomer(general), 1, http.StatusForbidden, http.StatusForbidden, http.StatusForbidden, ""},
		"as a guest":            {s.newcomer(), 1, http.StatusForbidden, http.StatusForbidden, http.StatusForbidden, ""},
		"of a room one left":    {away, 4, http.StatusForbidden, http.StatusOK, http.StatusSeeOther, "Message of away, Delete"},
		"that is not there":     {bob, 99, http.StatusNotFound, http.StatusNotFound, http.StatusNotFound, ""},
		"of a stranger's hands": {s.stranger(), 1, http.StatusUnauthorized, http.StatusUnauthorized, http.StatusUnauthorized, ""},
	} {
		t.Run(name, func(t *testing.T) {
			who := tt.who.in(t)
			got := ""
			if line := who.opens(roomPath(general) + "/" + itoa(tt.seq)).byID("chosen"); line != nil {
				got = strings.ReplaceAll(textOf(line), textOf(line.FirstChild.LastChild)+" ", "")
			}
			if got != tt.line {
				t.Errorf("the message's line is %q", got)
			}
			who.get(editPath(tt.seq)).is(tt.looks)
			before := s.bodies()
			if p := who.post(editPath(tt.seq), "body", "new words").is(tt.edits); p.Status >= 400 {
				p.sees("new words")
			}
			if tt.edits >= 400 && !cmp.Equal(s.bodies(), before) {
				t.Errorf("stored are %q", s.bodies())
			}
			// Whoever may delete would end the other cases: that is tried where it is refused, and below.
			if tt.deletes >= 400 {
				who.post(deletePath(tt.seq)).is(tt.deletes)
			}
		})
	}
	ada.submitsFrom(editPath(1), deletePath(1)).is(http.StatusOK).sees("Message deleted")
	s.root().submitsFrom(editPath(2), deletePath(2)).is(http.StatusOK).sees("Message deleted")
	away.submitsFrom(editPath(4), deletePath(4)).is(http.StatusOK).sees("Message deleted")
}

func TestOnlyWhoKeepsOrderSeesEarlierVersions(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob, ada := s.talk()
	bob.submitsFrom(editPath(1), editPath(1), "body", "second thoughts")
	bob.submitsFrom(editPath(1), editPath(1), "body", "third thoughts")
	bob.opens(editPath(1)).misses("from bob", "second thoughts", "Earlier versions")
	p := ada.opens(editPath(1)).sees("Earlier versions", "from bob", "second thoughts", "third thoughts")
	if first, second := strings.Index(p.Body, "from bob"), strings.Index(p.Body, "second thoughts"); first > second {
		t.Error("the oldest version does not come first")
	}
	ada.opens(roomPath(general) + "/1").sees("Earlier versions")
	ada.opens(roomPath(general)).misses("from bob", "second thoughts")
	if to := ada.htmxGet(editPath(1)).Header.Get("HX-Redirect"); to != editPath(1) {
		t.Errorf("the script is sent to %q for a form it has no use for", to)
	}
	bob.submitsFrom(editPath(1), deletePath(1))
	ada.get(editPath(1)).is(http.StatusNotFound)
	if n := s.number(`SELECT COUNT(*) FROM edits`); n != 0 {
		t.Errorf("%d versions of a deleted message are left", n)
	}
}

// htmxGet asks for a fragment, as the page's script does.
func (b *browser) htmxGet(path string) *page {
	b.t.Helper()
	req := b.request(http.MethodGet, path, nil)
	req.Header.Set("HX-Request", "true")
	return b.do(req)
}

func TestRefusedEditsKeepTheText(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob, _ := s.talk()
	if got := bob.htmxGet(editPath(1)).is(http.StatusOK).field("body"); got != "from bob" {
		t.Errorf("the box holds %q", got)
	}
	before := s.state()
	for name, tt := range map[string]struct {
		body   string
		token  string
		status int
	}{
		"empty":           {" \n", "", http.StatusUnprocessableEntity},
		"too long":        {strings.Repeat("x", 4001), "", http.StatusUnprocessableEntity},
		"markup":          {"</textarea><script>alert(1)</script>" + strings.Repeat("x", 4000), "", http.StatusUnprocessableEntity},
		"in a stale form": {"my words", "stale", http.StatusForbidden},
	} {
		for _, script := range []string{"", "true"} {
			t.Run(name+" "+script, func(t *testing.T) {
				bob := bob.in(t)
				fields := []string{"body", tt.body}
				if tt.token != "" {
					fields = append(fields, "csrf", tt.token)
				}
				req := bob.postRequest(editPath(1), fields...)
				req.Header.Set("HX-Request", script)
				p := bob.do(req).is(tt.status)
				if got := p.form(editPath(1)).Get("body"); got != tt.body {
					t.Errorf("the box holds %.80q", got)
				}
				if p.alerts() == "" {
					t.Error("no sentence says why")
				}
				s.unchanged(t, before)
			})
		}
	}
	bob.submitsFrom(editPath(1), editPath(1), "body", "from bob").is(http.StatusOK).misses("edited") // nothing changed
}

// A change of a message reaches every screen as its row, at its place.
func TestEditsAndDeletesComeLive(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob, ada := s.talk()
	screen := ada.watches(general, chat.Rev(3))
	bob.post(editPath(1), "body", "other words").is(http.StatusSeeOther)
	eventually(t, func() bool { return strings.Contains(strings.Join(screen.got(), ""), "other words") })
	ada.post(deletePath(1)).is(http.StatusSeeOther)
	eventually(t, func() bool { return strings.Contains(strings.Join(screen.got(), ""), `gone" id="m1"`) })
	if all := strings.Join(screen.got(), ""); strings.Contains(all, "hx-upsert") || strings.Count(all, `id="m1"`) != 2 {
		t.Errorf("the screen got %s", all)
	}
}

// The key of a message outlives its text: a repeat of the send brings no second message, but the place of the first.
func TestARepeatOfADeletedMessageShowsThatItIsGone(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.person("bob")
	bob.post(sendToGeneral, "body", "regretted", "key", "k1").is(http.StatusSeeOther)
	bob.post(deletePath(1)).is(http.StatusSeeOther)
	bob.post(sendToGeneral, "body", "regretted", "key", "k1").is(http.StatusSeeOther)
	p := bob.htmx(sendToGeneral, "body", "regretted", "key", "k1").is(http.StatusOK).misses("regretted")
	if !strings.Contains(p.attribute("m1", "class"), "gone") || len(p.messageIDs()) != 1 {
		t.Errorf("the repeat shows %s", p.Body)
	}
	if n := s.number(`SELECT COUNT(*) FROM messages`); n != 1 {
		t.Errorf("%d messages are stored", n)
	}
}
