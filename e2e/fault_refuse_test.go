//go:build faults

package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// healsWithin is how soon after a fault ends the first send has to be accepted again.
const healsWithin = 10 * time.Second

// readsAndKeepsTexts holds that pages are there, and that a send is refused with its text.
func (c *crowd) readsAndKeepsTexts() {
	c.t.Helper()
	a := c.reader.get(c.room)
	if a.Status != http.StatusOK {
		c.t.Errorf("the room is answered %d", a.Status)
	}
	c.keepsText(a.form(c.t, c.room+"/messages"))
}

// keepsText holds that what is sent by a form is refused with word of when to come back, and its text.
func (c *crowd) keepsText(form url.Values) {
	c.t.Helper()
	const text = "nothing that I wrote may be lost"
	form.Set("body", text)
	form.Set("key", "key-of-a-refused-send-"+number(c.random.Int()))
	began := time.Now()
	a := c.reader.do(http.MethodPost, c.room+"/messages", form)
	if a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" || !strings.Contains(a.Body, text) {
		c.t.Errorf("a send is answered %d, to be tried again in %q: %s", a.Status, a.Header.Get("Retry-After"), a.Body)
	}
	if took := time.Since(began); took > hurry {
		c.t.Errorf("the refusal took %v", took)
	}
}

// heals waits until sends are accepted again.
func (c *crowd) heals() {
	c.t.Helper()
	c.record.happened("the fault is over")
	began, before := time.Now(), c.record.acknowledged()
	eventually(c.t, "sends are accepted again", func() bool { return c.record.acknowledged() > before })
	if took := time.Since(began); took > healsWithin {
		c.t.Errorf("sends are accepted again only after %v", took)
	}
}
