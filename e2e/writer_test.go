package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"chinwag/views/viewstest"
)

// writer is somebody who writes without end, and does each thing again until the answer is yes: with the same key, as our
// pages do.
type writer struct {
	*client
	room    string
	record  *record
	random  *rand.Rand
	changes bool // edits and deletes some of what it wrote
	csrf    string

	refused int // how often a server said to come back later
}

// hurry is how long an answer may take before a writer asks again.
const hurry = 8 * time.Second

func newWriter(c *client, room string, r *record, n uint64) *writer {
	c.t.Helper()
	w := &writer{client: c, room: room, record: r, random: rand.New(rand.NewPCG(r.seed, n)), changes: true}
	w.csrf = c.get(room).form(c.t, room+"/messages").Get("csrf")
	return w
}

// writes until it is told to stop, and then finishes what it began.
func (w *writer) writes(stop context.Context) {
	for n := 1; stop.Err() == nil; n++ {
		key := fmt.Sprintf("%s-%d-%d", w.name, w.record.seed%1000, n)
		row := viewstest.Row{Text: fmt.Sprintf("%s said by %s", key, w.name)}
		seq, ok := w.does(key, row, w.room+"/messages", "body", row.Text, "key", key)
		if !ok {
			return
		}
		at := w.room + "/" + strconv.FormatInt(seq, 10)
		switch dice := w.random.IntN(10); {
		case !w.changes:
		case dice == 0:
			row.Text, row.Edited = row.Text+" again", true
			_, ok = w.does(key, row, at+"/edit", "body", row.Text)
		case dice == 1:
			row.Gone = true
			_, ok = w.does(key, row, at+"/delete")
		}
		if !ok {
			return
		}
	}
}

// does one thing until it is acknowledged. It gives up only when no server comes for long.
func (w *writer) does(key string, row viewstest.Row, path string, fields ...string) (seq int64, ok bool) {
	form := url.Values{"csrf": {w.csrf}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	w.record.invokes(w.name, key, row)
	for late := time.Now().Add(2 * patience); time.Now().Before(late); {
		ctx, cancel := context.WithTimeout(context.Background(), hurry)
		a, err := w.try(ctx, http.MethodPost, path, form, "HX-Request", "true", "Prefer", "return=minimal")
		cancel()
		switch {
		case err != nil:
			w.record.hears(w.name, key, "unknown", 0, err)
		case a.Status == http.StatusOK || a.Status == http.StatusSeeOther:
			seq := max(a.storedAt(), w.record.seqOf(key))
			if seq == 0 {
				w.record.wrong(w.name, "%s was answered without a place: %s", key, a.Body)
				return 0, false
			}
			w.record.hears(w.name, key, "ok", seq, nil)
			return seq, true
		case a.Status == http.StatusServiceUnavailable || a.Status == http.StatusTooManyRequests:
			w.refused++
			w.record.hears(w.name, key, "unknown", 0, fmt.Errorf("answered %d", a.Status))
			if a.Header.Get("Retry-After") == "" {
				w.record.wrong(w.name, "%s was refused with %d and no word of when to come back", key, a.Status)
			}
		case a.Status >= http.StatusInternalServerError:
			w.record.hears(w.name, key, "unknown", 0, fmt.Errorf("answered %d", a.Status))
		default:
			w.record.hears(w.name, key, "fail", 0, fmt.Errorf("answered %d", a.Status))
			w.record.wrong(w.name, "%s was refused with %d: %s", key, a.Status, a.Body)
			return 0, false
		}
		pause(context.Background(), time.Duration(10+w.random.IntN(50))*time.Millisecond)
	}
	w.record.wrong(w.name, "nobody acknowledged %s for %v", key, 2*patience)
	return 0, false
}

// stored is where an answer to a send says that the message stands.
var stored = regexp.MustCompile(`data-seq="(\d+)"`)

func (a answer) storedAt() int64 {
	found := stored.FindStringSubmatch(a.Body)
	if found == nil {
		return 0
	}
	seq, err := strconv.ParseInt(found[1], 10, 64)
	if err != nil {
		return 0
	}
	return seq
}

// seqOf is where a message is known to stand, 0 if nobody has said so.
func (r *record) seqOf(key string) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sends[key].seq
}

// pause lets others have their turn.
func pause(ctx context.Context, long time.Duration) {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// rows are all messages of a room, page by page as a fresh browser reads them.
func (c *client) rows(room string) []viewstest.Row {
	c.t.Helper()
	var all []viewstest.Row
	for path := room; ; path = room + "?before=" + strings.TrimPrefix(all[0].ID, "m") {
		page, err := viewstest.Open(c.get(path).Body)
		must(c.t, err)
		all = append(page.Rows, all...)
		if len(all) == 0 || len(page.Rows) == 0 || all[0].Seq() <= 1 {
			return all
		}
	}
}
