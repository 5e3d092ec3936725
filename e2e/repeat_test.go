package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// TestSendingOneThingFiftyTimes sends one message fifty times at once, and again after a restart: it is one message, and
// every answer says which.
func TestSendingOneThingFiftyTimes(t *testing.T) {
	t.Parallel()
	site := openSite(t)
	ada, bob := site.member("ada"), site.member("bob")
	room := ada.makesRoom("Music", "public", "")
	bob.joins(room)
	ada.says(room, "before")
	const text, key = "only once", "the-key-of-one-send"

	answers := ada.sendsAtOnce(50, room, text, key)
	site.isKilled()
	site.starts()
	answers = append(answers, ada.sendsAtOnce(5, room, text, key)...)
	for _, a := range answers {
		if a.Status != http.StatusOK || a.storedAt() != 2 {
			t.Errorf("answered %d, stored at %d: %s", a.Status, a.storedAt(), a.Body)
		}
	}

	for _, again := range []string{"another text", "only once "} { // the second is the same but for what nobody sees
		a := ada.sends(room, again, key)
		switch {
		case strings.TrimSpace(again) == text && a.Status != http.StatusOK:
			t.Errorf("the same text again is %d: %s", a.Status, a.Body)
		case strings.TrimSpace(again) != text && (a.Status != http.StatusConflict || !strings.Contains(a.Body, again)):
			t.Errorf("another text under the key is %d: %s", a.Status, a.Body)
		case strings.TrimSpace(again) != text && strings.Contains(a.Body, key):
			t.Errorf("the composer that comes back has the spent key: %s", a.Body)
		}
	}

	if a := bob.sends(room, text, key); a.Status != http.StatusOK || a.storedAt() != 3 {
		t.Errorf("somebody else's send with that key is %d: %s", a.Status, a.Body)
	}
	rows := ada.rows(room)
	if len(rows) != 3 || rows[0].Text != "before" || rows[1].Text != text || rows[2].Text != text {
		t.Errorf("the room shows %+v", rows)
	}
	site.stops()
	site.isSound()
}

// sends a message as the page's script does.
func (c *client) sends(room, text, key string) answer {
	c.t.Helper()
	form := c.get(room).form(c.t, room+"/messages")
	form.Set("body", text)
	form.Set("key", key)
	return c.script(room+"/messages", form)
}

// script sends a form as the page's script does.
func (c *client) script(path string, form url.Values) answer {
	c.t.Helper()
	a, err := c.try(c.t.Context(), http.MethodPost, path, form, "HX-Request", "true", "Prefer", "return=minimal")
	must(c.t, err)
	return a
}

// sendsAtOnce sends one thing many times at the same moment.
func (c *client) sendsAtOnce(times int, room, text, key string) []answer {
	c.t.Helper()
	form := c.get(room).form(c.t, room+"/messages")
	form.Set("body", text)
	form.Set("key", key)
	answers := make([]answer, times)
	var ready, sent sync.WaitGroup
	ready.Add(times)
	for i := range answers {
		sent.Go(func() {
			ready.Done()
			ready.Wait()
			a, err := c.try(c.t.Context(), http.MethodPost, room+"/messages", form, "HX-Request", "true", "Prefer", "return=minimal")
			if err != nil {
				c.t.Errorf("send %d: %v", i, err)
			}
			answers[i] = a
		})
	}
	sent.Wait()
	return answers
}
