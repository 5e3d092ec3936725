package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chinwag/views/viewstest"
)

// record is what many people did and saw while a server came and went. In the end it is held against what the room shows:
//   - all that was acknowledged is there, where it was acknowledged to be, and as it was last changed;
//   - nothing is there that nobody sent, and nothing twice;
//   - messages are numbered 1, 2, 3… without a hole.
type record struct {
	t     testing.TB
	seed  uint64
	began time.Time

	mu     sync.Mutex
	events []event
	sends  map[string]*send
	seen   []string // what was wrong at once
}

// event is one line of the record: who asked or got what, and how it went.
type event struct {
	At    int64  `json:"at"` // milliseconds since the beginning
	Who   string `json:"who"`
	What  string `json:"what"` // invoke, ok, fail, unknown, recv, or what happened to the server
	Key   string `json:"key,omitempty"`
	Seq   int64  `json:"seq,omitempty"`
	Text  string `json:"text,omitempty"`
	Error string `json:"error,omitempty"`
}

// send is what one message should have become. Its author does one thing after another with it, and tries each until the
// answer is yes.
type send struct {
	seq   int64           // 0: nobody has said yet that it is stored
	may   []viewstest.Row // what it may be now: what it was, and what was asked for but not answered
	known bool            // the last thing that was asked for was answered
}

func newRecord(t testing.TB, seed uint64) *record {
	return &record{t: t, seed: seed, began: time.Now(), sends: map[string]*send{}}
}

func (r *record) note(e event) {
	e.At = time.Since(r.began).Milliseconds()
	r.events = append(r.events, e)
}

// happened notes what happened to the server.
func (r *record) happened(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note(event{What: what})
}

// wrong notes what must never be.
func (r *record) wrong(who, format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fault := who + ": " + fmt.Sprintf(format, args...)
	r.note(event{Who: who, What: "wrong", Error: fault})
	r.seen = append(r.seen, fault)
}

// invokes notes that somebody is about to make a message into this.
func (r *record) invokes(who, key string, row viewstest.Row) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.sends[key]
	if s == nil {
		s = &send{}
		r.sends[key] = s
	}
	s.may, s.known = append(s.may, row), false
	r.note(event{Who: who, What: "invoke", Key: key, Seq: s.seq, Text: row.Text})
}

// hears notes an answer to the last invocation: ok, fail (nothing was stored) or unknown (it may have been).
func (r *record) hears(who, key, what string, seq int64, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := event{Who: who, What: what, Key: key, Seq: seq}
	if err != nil {
		e.Error = err.Error()
	}
	r.note(e)
	if s := r.sends[key]; what == "ok" {
		s.seq, s.may, s.known = seq, s.may[len(s.may)-1:], true
	}
}

// receives notes what a screen came to show.
func (r *record) receives(who string, rows, rev int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note(event{Who: who, What: "recv", Seq: rev, Text: fmt.Sprint(rows, " rows")})
}

// acknowledged is how many messages were.
func (r *record) acknowledged() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.sends {
		if s.seq != 0 {
			n++
		}
	}
	return n
}

// unanswered is how often nobody knew whether something was done.
func (r *record) unanswered() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.What == "unknown" {
			n++
		}
	}
	return n
}

// verdict is how a record stands to what a room shows.
type verdict struct {
	lost, doubled int
	faults        []string
}

// judge holds the record against all rows of the room.
func (r *record) judge(room []viewstest.Row) verdict {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := verdict{faults: slices.Clone(r.seen)}
	fault := func(format string, args ...any) { v.faults = append(v.faults, fmt.Sprintf(format, args...)) }
	there := map[string]bool{}
	bySeq := map[int64]string{}
	for key, s := range r.sends {
		if s.seq != 0 {
			bySeq[s.seq] = key
		}
	}
	for i, row := range room {
		if row.Seq() != int64(i)+1 {
			fault("row %d of the room has the number %d", i+1, row.Seq())
		}
		key := keyOf(row)
		if row.Gone { // what it was can only be told by its place
			key = bySeq[row.Seq()]
		}
		s := r.sends[key]
		switch {
		case s == nil:
			fault("nobody sent what stands at %+v", row)
			continue
		case there[key]:
			v.doubled++
			fault("%s is there twice, the second time at %+v", key, row)
		case s.seq != 0 && s.seq != row.Seq():
			fault("%s was acknowledged at %d and stands at %+v", key, s.seq, row)
		case !slices.ContainsFunc(s.may, func(may viewstest.Row) bool {
			return may.Gone == row.Gone && may.Edited == row.Edited && (row.Gone || may.Text == row.Text)
		}):
			fault("%s should be one of %+v and is %+v", key, s.may, row)
		}
		there[key] = true
	}
	for key, s := range r.sends {
		if s.seq != 0 && !there[key] {
			v.lost++
			fault("%s was acknowledged at %d and is not there", key, s.seq)
		}
	}
	return v
}

// keyOf is the key that a message was sent with: each begins with its own.
func keyOf(row viewstest.Row) string {
	key, _, _ := strings.Cut(row.Text, " ")
	return key
}

// holds fails the test at each fault, and then leaves the whole record in a file.
func (r *record) holds(room []viewstest.Row) verdict {
	r.t.Helper()
	v := r.judge(room)
	for _, fault := range v.faults[:min(len(v.faults), 20)] {
		r.t.Error(fault)
	}
	if len(v.faults) > 0 {
		r.t.Errorf("%d faults; the record, with seed %d, is in %s", len(v.faults), r.seed, r.keeps())
	}
	return v
}

func (r *record) keeps() string {
	r.t.Helper()
	file, err := os.CreateTemp("", "chinwag-record-*.jsonl")
	must(r.t, err)
	r.mu.Lock()
	defer r.mu.Unlock()
	lines := json.NewEncoder(file)
	for _, e := range r.events {
		must(r.t, lines.Encode(e))
	}
	must(r.t, file.Close())
	return file.Name()
}

// TestRecordFindsWhatIsWrong spoils a sound room in every way that matters.
func TestRecordFindsWhatIsWrong(t *testing.T) {
	one := viewstest.Row{ID: "m1", Rev: 1, Text: "k1 one"}
	two := viewstest.Row{ID: "m2", Rev: 2, Text: "k2 two"}
	edited := viewstest.Row{ID: "m3", Rev: 4, Text: "k3 three again", Edited: true}
	gone := viewstest.Row{ID: "m4", Rev: 6, Text: "deleted", Gone: true}
	asked := viewstest.Row{ID: "m5", Rev: 7, Text: "k5 never answered"}
	at := func(row viewstest.Row, id string) viewstest.Row { row.ID = id; return row }
	for name, tt := range map[string]struct {
		room  []viewstest.Row
		sound bool
	}{
		"sound":                         {[]viewstest.Row{one, two, edited, gone}, true},
		"with what was never answered":  {[]viewstest.Row{one, two, edited, gone, asked}, true},
		"lost":                          {[]viewstest.Row{one, two, edited}, false},
		"lost, and the hole closed":     {[]viewstest.Row{one, at(edited, "m2"), at(gone, "m3")}, false},
		"a hole":                        {[]viewstest.Row{one, at(two, "m3"), at(edited, "m4"), at(gone, "m5")}, false},
		"doubled":                       {[]viewstest.Row{one, two, edited, gone, at(one, "m5")}, false},
		"the unanswered doubled":        {[]viewstest.Row{one, two, edited, gone, asked, at(asked, "m6")}, false},
		"swapped":                       {[]viewstest.Row{at(two, "m1"), at(one, "m2"), edited, gone}, false},
		"nobody's":                      {[]viewstest.Row{one, two, edited, gone, {ID: "m5", Text: "k9 nine"}}, false},
		"an edit undone":                {[]viewstest.Row{one, two, {ID: "m3", Text: "k3 three"}, gone}, false},
		"a deletion undone":             {[]viewstest.Row{one, two, edited, {ID: "m4", Text: "k4 four"}}, false},
		"another text under the number": {[]viewstest.Row{{ID: "m1", Text: "k1 won"}, two, edited, gone}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRecord(t, 1)
			for i, row := range []viewstest.Row{one, two, {Text: "k3 three"}, {Text: "k4 four"}} {
				r.invokes("ada", keyOf(row), row)
				r.hears("ada", keyOf(row), "ok", int64(i)+1, nil)
			}
			r.invokes("ada", "k3", edited)
			r.hears("ada", "k3", "ok", 3, nil)
			r.invokes("ada", "k4", gone)
			r.hears("ada", "k4", "ok", 4, nil)
			r.invokes("ada", "k5", asked)
			r.hears("ada", "k5", "unknown", 0, os.ErrDeadlineExceeded)
			if v := r.judge(tt.room); (len(v.faults) == 0) != tt.sound {
				t.Errorf("the record says %+v", v)
			}
		})
	}
}
