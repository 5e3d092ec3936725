package viewstest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"chinwag/views/viewstest"
)

const live = `<div id="app" hx-ws:connect="/live?room=1&amp;after=2"><main id="pane"><p id="line" hidden></p><div id="log" data-rev="2"><ol id="tail">
	<li class="m" id="m1" data-rev="1"><div class="text">one</div></li><li class="m c" id="m2" data-rev="2"><div class="text">two</div></li></ol></div></main></div>`

const older = `<main id="pane"><div id="log" data-rev="2"><ol><li class="m" id="m1" data-rev="1"><div class="text">one</div></li></ol></div></main>`

const appended = `<hx-upsert hx-target="#tail"><li class="m c" id="m3" data-rev="5"><div class="text">three</div></li></hx-upsert>`

func TestScreenDoesWhatHtmxDoes(t *testing.T) {
	one := viewstest.Row{ID: "m1", Rev: 1, Text: "one"}
	two := viewstest.Row{ID: "m2", Rev: 2, Text: "two"}
	three := viewstest.Row{ID: "m3", Rev: 5, Text: "three"}
	for name, tt := range map[string]struct {
		page   string
		frames []string
		want   viewstest.Screen
	}{
		"as it was loaded": {live, nil, viewstest.Screen{Rows: []viewstest.Row{one, two}, Tail: true, Rev: 2}},
		"appended":         {live, []string{appended}, viewstest.Screen{Rows: []viewstest.Row{one, two, three}, Tail: true, Rev: 5}},
		"twice":            {live, []string{appended, appended}, viewstest.Screen{Rows: []viewstest.Row{one, two, three}, Tail: true, Rev: 5}},
		"not at the end":   {older, []string{appended}, viewstest.Screen{Rows: []viewstest.Row{one}, Rev: 5}},
		"late": {
			live,
			[]string{appended, `<hx-upsert hx-target="#tail"><li class="m" id="m4" data-rev="4"><div class="text">four</div></li></hx-upsert>`},
			viewstest.Screen{Rows: []viewstest.Row{one, two, three, {ID: "m4", Rev: 4, Text: "four"}}, Tail: true, Rev: 5},
		},
		"edited, deleted, not there": {
			live,
			[]string{`<li class="m" id="m1" data-rev="3" hx-swap-oob="true"><div class="text">won</div><small>edited</small></li>` +
				`<li class="m c gone" id="m2" data-rev="4" hx-swap-oob="true"><div class="text">deleted</div></li>` +
				`<li class="m" id="m9" data-rev="6" hx-swap-oob="true"><div class="text">not here</div></li>`},
			viewstest.Screen{Rows: []viewstest.Row{
				{ID: "m1", Rev: 3, Text: "won", Edited: true}, {ID: "m2", Rev: 4, Text: "deleted", Gone: true},
			}, Tail: true, Rev: 6},
		},
		"far behind": {
			live,
			[]string{`<p id="line" data-reload hx-swap-oob="true">Come <a href="/rooms/1">back</a></p>`},
			viewstest.Screen{Rows: []viewstest.Row{one, two}, Tail: true, Rev: 2, Line: "Come back", Away: true},
		},
		"far behind, and told how much": {
			live,
			[]string{`<p id="line" data-behind hx-swap-oob="true">300 messages</p>`, appended},
			viewstest.Screen{Rows: []viewstest.Row{one, two}, Rev: 5, Line: "300 messages", Away: true},
		},
		"lost": {
			live,
			[]string{`<main id="pane" hx-swap-oob="true">gone</main>`},
			viewstest.Screen{Rows: []viewstest.Row{one, two}, Tail: true, Rev: 2, Lost: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := viewstest.Open(tt.page)
			if err != nil {
				t.Fatal(err)
			}
			for _, frame := range tt.frames {
				if err := s.Take(frame); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(tt.want, *s, cmpopts.IgnoreUnexported(viewstest.Screen{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSocketAsksFromTheCursor(t *testing.T) {
	s, err := viewstest.Open(live)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Take(appended); err != nil {
		t.Fatal(err)
	}
	if got := s.Socket(); got != "/live?room=1&after=5" {
		t.Error(got)
	}
}

func TestDiffers(t *testing.T) {
	rows := func(ids ...string) (list []viewstest.Row) {
		for _, id := range ids {
			list = append(list, viewstest.Row{ID: id, Text: "text of " + id})
		}
		return list
	}
	room := rows("m1", "m2", "m3")
	for name, tt := range map[string]struct {
		screen  viewstest.Screen
		room    []viewstest.Row
		differs bool
	}{
		"the same":           {viewstest.Screen{Tail: true, Rows: rows("m1", "m2", "m3")}, room, false},
		"its end":            {viewstest.Screen{Tail: true, Rows: rows("m3")}, room, false},
		"both are empty":     {viewstest.Screen{Tail: true}, nil, false},
		"a hole":             {viewstest.Screen{Tail: true, Rows: rows("m1", "m3")}, room, true},
		"one too few":        {viewstest.Screen{Tail: true, Rows: rows("m1", "m2")}, room, true},
		"one too many":       {viewstest.Screen{Tail: true, Rows: rows("m1", "m2", "m3", "m4")}, room, true},
		"one twice":          {viewstest.Screen{Tail: true, Rows: rows("m1", "m2", "m2", "m3")}, room, true},
		"nothing":            {viewstest.Screen{Tail: true}, room, true},
		"its middle":         {viewstest.Screen{Rows: rows("m1", "m2")}, room, false},
		"a hole in a middle": {viewstest.Screen{Rows: rows("m1", "m3")}, room, true},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := tt.screen.Differs(tt.room); (diff != "") != tt.differs {
				t.Errorf("it says %q", diff)
			}
		})
	}
}

func TestScreenThatWasEmptyHasAll(t *testing.T) {
	s, err := viewstest.Open(`<div id="log" data-rev="0"><ol id="tail"></ol></div>`)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Take(appended); err != nil {
		t.Fatal(err)
	}
	room := []viewstest.Row{{ID: "m2"}, {ID: "m3", Rev: 5, Text: "three"}}
	if s.Differs(room) == "" {
		t.Error("nobody misses the first message")
	}
	if diff := s.Differs(room[1:]); diff != "" {
		t.Error(diff)
	}
}
