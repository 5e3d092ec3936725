package handlers_test

import (
	"fmt"
	"math"
	"net/http"
	"testing"

	"chinwag/chat"
	"chinwag/handlers"
)

// Each statement costs more than all the rest of most answers, so none comes in unnoticed. Of the community's settings there
// is none in these numbers: they are kept for a second.
func TestStatementsOfPagesAndActs(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	ada := s.person("ada")
	root := s.userID("root")
	s.seedMessages(general, "root", 300)
	gets := func(path string) func() {
		return func() { ada.get(path).is(http.StatusOK) }
	}
	for name, tt := range map[string]struct {
		want    int64
		why     string
		prepare func() (act func())
	}{
		"the newest page, warm": {3, "session, room, sidebar; the messages are in memory", func() func() {
			s.server.ForgetRooms()
			ada.get(roomPath(general))
			return gets(roomPath(general))
		}},
		"the newest page, cold": {4, "as warm, and what is newest in the room", func() func() {
			s.server.ForgetRooms()
			return gets(roomPath(general))
		}},
		"an older page": {4, "session, room and messages in one snapshot, sidebar", func() func() {
			return gets(roomPath(general) + "?before=200")
		}},
		"older messages, by the script": {4, "as an older page; the message that stood first in place of the sidebar", func() func() {
			req := ada.request(http.MethodGet, roomPath(general)+"?before=200", nil)
			req.Header.Set("HX-Request", "true")
			return func() { ada.do(req).is(http.StatusOK) }
		}},
		"the directory": {3, "session, directory, sidebar", func() func() { return gets("/rooms") }},
		"the members":   {4, "session, room, members, sidebar", func() func() { return gets(roomPath(general) + "/members") }},
		"a message": {6, "session, and again in the transaction; room and key, number, row, how far its author has read", func() func() {
			return s.sends(ada)
		}},
		"a message on three screens": {8, "as a message; read once for all screens, and whether rights ended meanwhile", func() func() {
			screens := []*screen{ada.opensSocket("?room=1"), ada.opensSocket("?room=1"), s.newcomer(general).opensSocket("?room=1")}
			for _, screen := range screens {
				screen.hears(s, root)
			}
			send := s.sends(ada)
			return func() {
				send()
				for _, screen := range screens {
					screen.shows(fmt.Sprintf(`id="m%d"`, s.last()))
				}
				s.hangUp(screens...)
			}
		}},
		// What the socket's own reads were is known for sure when something that was said later is on the screen.
		"a socket that missed nothing, and what is said then": {3 + 6, "session, room, what the page may have; then a rule's four, one read, and whether rights ended meanwhile", func() func() {
			return func() {
				screen := ada.watches(general, s.rev())
				screen.hears(s, root)
				s.hangUp(screen)
			}
		}},
		"a socket that missed 50, from memory": {4, "as one that missed nothing; whether rights ended meanwhile", func() func() {
			s.server.ForgetRooms()
			ada.get(roomPath(general))
			return func() { s.hangUp(ada.missing(50)) }
		}},
		"a socket that missed 50, read again": {5, "as from memory, and what it missed", func() func() {
			s.server.ForgetRooms()
			return func() { s.hangUp(ada.missing(50)) }
		}},
		"a socket that missed too much": {4, "as one that missed nothing, and where it was", func() func() {
			return func() {
				screen := ada.watches(general, s.rev()-handlers.BehindAfter-1)
				eventually(t, func() bool { return screen.log().reload })
				s.hangUp(screen)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := s.statements(tt.prepare); got != tt.want {
				t.Errorf("%d statements, not %d: %s", got, tt.want, tt.why)
			}
		})
	}
}

// statements is how many an act takes. It is the least of some tries: every two seconds the server also looks after its
// screens, and every second the settings are read anew.
func (s *site) statements(prepare func() (act func())) int64 {
	least := int64(math.MaxInt64)
	for range 5 {
		act := prepare()
		before := s.db.Queries()
		act()
		least = min(least, s.db.Queries()-before)
	}
	return least
}

// sends is somebody's next message in General, ready to be sent as a page's script does whose socket brings it.
func (s *site) sends(b *browser) (send func()) {
	req := b.postRequest(roomPath(general)+"/messages", "body", "hello", "key", chat.NewToken(16))
	req.Header.Set("HX-Request", "true")
	req.Header.Set("Prefer", "return=minimal")
	return func() { b.do(req).is(http.StatusOK) }
}

// missing opens the socket of a page of General that missed so many changes, and waits until it has them.
func (b *browser) missing(changes int) *screen {
	b.t.Helper()
	screen := b.watches(general, b.site.rev()-chat.Rev(changes))
	screen.shows(fmt.Sprintf(`id="m%d"`, b.site.last()))
	if got := len(screen.log().rows); got != changes {
		b.t.Errorf("%d messages came, not %d", got, changes)
	}
	return screen
}

// hears has somebody say something in General, and waits until it is on the screen.
func (s *screen) hears(site *site, author chat.UserID) {
	s.t.Helper()
	seq, err := site.community.Post(s.t.Context(), author, general, "here", chat.NewToken(16))
	must(s.t, err)
	s.shows(fmt.Sprintf(`id="m%d"`, seq))
}

// hangUp closes sockets and waits until the server has noticed.
func (s *site) hangUp(screens ...*screen) {
	s.t.Helper()
	for _, screen := range screens {
		must(s.t, screen.conn.Close())
	}
	eventually(s.t, func() bool { return s.server.OpenSockets() == 0 })
}

// last is the newest message of General.
func (s *site) last() chat.Seq {
	return chat.Seq(s.number(`SELECT last_seq FROM rooms WHERE id = $1`, general))
}

// rev is how far General has come.
func (s *site) rev() chat.Rev {
	return chat.Rev(s.number(`SELECT rev FROM rooms WHERE id = $1`, general))
}
