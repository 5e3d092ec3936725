package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/fasthttp/websocket"
	"github.com/google/go-cmp/cmp"

	"chinwag/chat"
)

func TestLivePostReachesBothScreensOnce(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	ada, bob := s.person("ada"), s.person("bob")
	screens := map[string]*screen{"ada": ada.watches(general, 0), "bob": bob.watches(general, 0)}
	ada.says(general, "first").is(http.StatusOK)
	bob.htmx(roomPath(general)+"/messages", "body", "second", "key", "k2").is(http.StatusOK)
	for name, screen := range screens {
		screen.shows("second")
		if diff := cmp.Diff([]string{"first", "second"}, screen.log().texts()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if n := strings.Count(strings.Join(screen.got(), ""), `id="m1"`); n != 1 {
			t.Errorf("%s got the first message %d times", name, n)
		}
	}
}

func TestLiveCatchesUpFromEveryCursor(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.newcomer(general)
	all := s.seedMessages(general, "root", 12)
	for after := range len(all) + 1 {
		t.Run(fmt.Sprintf("after %d", after), func(t *testing.T) {
			screen := bob.in(t).watches(general, chat.Rev(after))
			all = append(all, s.seedMessages(general, "root", 1)...) // live, behind what was missed
			screen.shows(all[len(all)-1])
			if diff := cmp.Diff(all[after:], screen.log().texts()); diff != "" {
				t.Error(diff)
			}
			must(t, screen.conn.Close())
		})
	}
}

func TestLiveWithoutCursorShowsWhatIsNew(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.newcomer(general)
	s.seedMessages(general, "root", 3)
	screen := bob.opensSocket("?room=1")
	screen.stays()
	s.seedMessages(general, "root", 1)
	screen.shows("message 4 from root")
	if diff := cmp.Diff([]string{"message 4 from root"}, screen.log().texts()); diff != "" {
		t.Error(diff)
	}
}

// A page whose cursor says nothing, or that was away for too long, is told to load again and gets nothing more: a hole
// would not show.
func TestLiveTellsLostPagesToReload(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.newcomer(general)
	s.seedMessages(general, "root", 250)
	for name, tt := range map[string]struct {
		behind int64  // the room's revision
		after  string // instead, if set
		reload bool
	}{
		"one ahead":             {behind: -1, reload: true},
		"far ahead":             {after: "9223372036854775807", reload: true},
		"before the first":      {after: "-1", reload: true},
		"no number":             {after: "abc", reload: true},
		"beyond any number":     {after: "99999999999999999999", reload: true},
		"a number and more":     {after: "249x", reload: true},
		"between two revisions": {after: "249.5", reload: true},
		"from the beginning":    {after: "0", reload: true},
		"201 behind":            {behind: 201, reload: true},
		"200 behind":            {behind: 200},
		"one behind":            {behind: 1},
		"none behind":           {behind: 0},
	} {
		t.Run(name, func(t *testing.T) {
			after := tt.after
			if after == "" {
				after = strconv.FormatInt(s.number(`SELECT rev FROM rooms WHERE id = 1`)-tt.behind, 10)
			}
			screen := bob.in(t).opensSocket("?room=1&after=" + after)
			if tt.reload {
				eventually(t, func() bool { return screen.log().reload })
			} else { // one more behind would be too much
				eventually(t, func() bool { return len(screen.log().rows) == int(tt.behind) })
			}
			last := s.seedMessages(general, "root", 1)[0]
			screen.stays()
			if !tt.reload {
				screen.shows(last)
			}
			log := screen.log()
			if want := int(tt.behind) + 1; log.reload != tt.reload || !tt.reload && len(log.rows) != want || tt.reload && len(log.rows) > 0 {
				t.Errorf("told to reload: %v, with %d rows", log.reload, len(log.rows))
			}
			must(t, screen.conn.Close())
		})
	}
}

// What many say at once is one commit. It comes in pieces, but whole.
func TestLiveBurstsComeWhole(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob, root := s.newcomer(general), s.userID("root")
	screens := []*screen{bob.watches(general, 0), bob.watches(general, 0)}
	const n = 600
	together(n, func(i int) {
		if _, err := s.community.Post(context.Background(), root, general, fmt.Sprintf("line %d", i), chat.NewToken(16)); err != nil {
			t.Error(err)
		}
	})
	want := s.texts(`SELECT body FROM messages ORDER BY seq`)
	for _, screen := range screens {
		screen.shows(`id="m600"`)
		log := screen.log()
		if diff := cmp.Diff(want, log.texts()); diff != "" || log.reload {
			t.Errorf("told to reload: %v; the screen differs:\n%s", log.reload, diff)
		}
	}
}

func TestLiveFloorMakesOldCursorsReload(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.newcomer(general)
	s.seedMessages(general, "root", 10)
	s.runs(`UPDATE rooms SET floor_rev = 5`)
	below, at := bob.watches(general, 4), bob.watches(general, 5)
	eventually(t, func() bool { return below.log().reload })
	at.shows("message 10 from root")
	if diff := cmp.Diff([]string{"m6", "m7", "m8", "m9", "m10"}, at.log().ids()); diff != "" {
		t.Error(diff)
	}
}

func TestLiveWithoutRoomIsQuiet(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	ada := s.person("ada")
	screen := ada.opensSocket("")
	ada.says(general, "hello")
	ada.submitsFrom("/rooms", "/logout")
	screen.closesWith(websocket.ClosePolicyViolation)
	if got := screen.got(); len(got) != 0 {
		t.Errorf("a page without a room got %q", got)
	}
}

func TestLiveTellsToComeBackAtShutdown(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	ada := s.person("ada")
	screens := []*screen{ada.watches(general, 0), ada.opensSocket("")}
	s.restarts()
	for _, screen := range screens {
		screen.closesWith(websocket.CloseServiceRestart)
	}
	s.seedMessages(general, "ada", 1)
	ada.watches(general, 0).shows("message 1 from ada")
}
