package handlers_test

import (
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"chinwag/chat"
	"chinwag/realtime"
	"chinwag/realtime/natstest"
)

// community is what the subjects of all nodes of these tests begin with.
const community = "chinwag.test"

// nodes are two servers of one community, with a NATS between them.
func nodes(t *testing.T) (here, there *site, server *natstest.Server) {
	t.Helper()
	server = natstest.Start(t)
	here = openSite(t, withoutLimits)
	here.broker = joins(t, server)
	here.restarts()
	return here, here.another(joins(t, server)), server
}

func joins(t *testing.T, server *natstest.Server) *realtime.NATS {
	t.Helper()
	broker, err := realtime.ConnectNATS(server.URL, community, slog.New(slog.DiscardHandler))
	must(t, err)
	t.Cleanup(broker.Close)
	return broker
}

// another is a second server of a site's community.
func (s *site) another(broker realtime.Broker) *site {
	s.t.Helper()
	listener := listen(s.t, "127.0.0.1:0")
	other := &site{
		t: s.t, URL: "http://" + listener.Addr().String(), place: s.place, broker: broker,
		config: s.config, beside: s.beside, log: &logBook{}, clock: s.clock, mail: s.mail,
	}
	public, err := url.Parse(other.URL)
	must(s.t, err)
	other.config.PublicURL = public
	other.serve(listener)
	s.t.Cleanup(func() { other.stop() })
	return other
}

// at is the same browser at another server of the community.
func (b *browser) at(other *site) *browser {
	moved := *b
	moved.site = other
	return &moved
}

// quickly does something some times, and holds that it took no longer than hints take: what is found by looking every two
// seconds takes far longer. The first time nodes may still be finding each other.
func quickly(t *testing.T, prepare func(i int) (act func())) {
	t.Helper()
	const times = 10
	var took time.Duration
	for i := range 1 + times {
		act := prepare(i)
		begin := time.Now()
		act()
		if i > 0 {
			took += time.Since(begin)
		}
	}
	if took > times*time.Second/2 {
		t.Errorf("%d times took %v", times, took)
	}
}

func TestNodesShowWhatIsSaidOnTheOther(t *testing.T) {
	t.Parallel()
	here, there, _ := nodes(t)
	ada, bob := here.person("ada"), here.person("bob").at(there)
	screens := map[*browser]*screen{ada: ada.watches(general, 0), bob: bob.watches(general, 0)}
	var want []string
	quickly(t, func(i int) func() {
		return func() {
			for _, author := range []*browser{ada, bob} {
				text := fmt.Sprintf("word %d by %s", i, author.name())
				want = append(want, text)
				author.says(general, text).is(http.StatusOK)
				for _, screen := range screens {
					screen.shows(text)
				}
			}
		}
	})
	for _, screen := range screens {
		if diff := cmp.Diff(want, screen.log().texts()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestNodesCloseTheSocketsOfWhoSignsOutOnTheOther(t *testing.T) {
	t.Parallel()
	here, there, _ := nodes(t)
	stays := here.newcomer(general).at(there).watches(general, 0)
	quickly(t, func(int) func() {
		bob := here.newcomer(general)
		again := here.tabElsewhere(bob).at(there).watches(general, 0)
		screens := []*screen{bob.watches(general, 0), bob.at(there).watches(general, 0), bob.at(there).opensSocket("")}
		for _, screen := range screens {
			screen.stays()
		}
		return func() {
			bob.submitsFrom("/rooms", "/logout")
			for _, screen := range screens {
				screen.closesWith(websocket.ClosePolicyViolation)
			}
			again.stays()
		}
	})
	stays.stays()
}

// tabElsewhere is a browser of the same person on another machine: a session of its own.
func (s *site) tabElsewhere(b *browser) *browser {
	other := s.stranger()
	other.signsIn(s.texts(`SELECT username FROM users WHERE id = $1`, b.me())[0], password).is(http.StatusOK)
	return other
}

func TestNodesClearTheRoomOfWhoLeavesOnTheOther(t *testing.T) {
	t.Parallel()
	here, there, _ := nodes(t)
	secret := here.room("Secrets", chat.RoomPrivate, 2)
	quickly(t, func(int) func() {
		bob := here.newcomer(secret)
		tab := bob.at(there).watches(secret, 2)
		tab.stays()
		return func() {
			bob.submitsFrom(roomPath(secret), roomPath(secret)+"/leave").is(http.StatusOK)
			eventually(t, func() bool { return tab.log().lost })
			tab.stays()
		}
	})
}

// Whatever NATS does not tell, a node finds out by itself; when NATS is back, all is as before.
func TestNodesFindOutWithoutNATS(t *testing.T) {
	t.Parallel()
	here, there, server := nodes(t)
	ada, bob, eve := here.person("ada"), here.newcomer(general), here.newcomer(general)
	screen, leaving := eve.at(there).watches(general, 0), bob.at(there).watches(general, 0)
	said := 0
	says := func() {
		said++
		text := fmt.Sprintf("message %d", said)
		ada.says(general, text).is(http.StatusOK)
		screen.shows(text)
	}
	quickly(t, func(int) func() { return says })
	server.Stop()
	begin := time.Now()
	says()
	bob.submitsFrom("/rooms", "/logout")
	leaving.closesWith(websocket.ClosePolicyViolation)
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	server.Start()
	eventually(t, func() bool { // both nodes are back
		return cmp.Equal(server.Subjects(community), []string{community + ".people", community + ".people", community + ".room.1"})
	})
	quickly(t, func(int) func() { return says })
}

// A node hears only of the rooms it has screens of.
func TestNodesFollowOnlyRoomsOnScreens(t *testing.T) {
	t.Parallel()
	here, there, server := nodes(t)
	follow := func(rooms ...string) {
		t.Helper()
		want := []string{community + ".people", community + ".people"}
		for _, room := range rooms {
			want = append(want, community+".room."+room)
		}
		eventually(t, func() bool { return cmp.Equal(server.Subjects(community), want) })
	}
	market := here.room("Market", chat.RoomPublic, 0)
	bob := here.newcomer(general, market)
	follow()
	first, second := bob.watches(general, 0), bob.watches(general, 0)
	follow("1")
	elsewhere, other, none := bob.at(there).watches(general, 0), bob.watches(market, 0), bob.opensSocket("")
	follow("1", "1", fmt.Sprint(market))
	must(t, first.conn.Close())
	must(t, none.conn.Close())
	must(t, other.conn.Close())
	follow("1", "1")
	must(t, second.conn.Close())
	follow("1")
	must(t, elsewhere.conn.Close())
	follow()
	bob.watches(general, 0)
	follow("1")
}

// Somebody sends whatever they like between the nodes: nonsense, and hints of what never happened. Every screen still
// equals a fresh page, and nobody is asked to leave.
func TestNodesSurviveFalseHints(t *testing.T) {
	t.Parallel()
	here, there, server := nodes(t)
	people := []*browser{here.newcomer(), here.newcomer().at(there), here.newcomer().at(there)}
	w := here.opensWorld(t, "Rumours", people, 20, true)
	defer w.ends()
	w.opens(people[1])
	w.opens(people[2])
	rogue, err := nats.Connect(server.URL)
	must(t, err)
	defer rogue.Close()
	random := rand.New(rand.NewPCG(4, 5))
	for range 30 {
		for range random.IntN(20) {
			must(t, rogue.Publish(falseHint(random, w, people)))
		}
		for range 1 + random.IntN(5) {
			w.changes(random)
		}
		w.looks()
	}
	for _, p := range w.pages {
		if p.loads != 1 {
			t.Errorf("a page was loaded %d times", p.loads)
		}
	}
}

// falseHint is the subject and the payload of a hint that is not true, or is no hint.
func falseHint(random *rand.Rand, w *world, people []*browser) (subject string, payload []byte) {
	revs := []int64{0, 1, 5, int64(random.IntN(200)), 1000, math.MaxInt64 - 1, math.MaxInt64}
	kinds := []chat.EventKind{chat.MessagePosted, chat.MessageEdited, chat.MessageDeleted, chat.SessionEnded, chat.MemberLeft, "message.eaten", ""}
	subjects := []string{"people", fmt.Sprintf("room.%d", w.room), fmt.Sprintf("room.%d", w.room), "room.1", "room.999999", "room", "anything.else"}
	text := fmt.Sprintf("%d %d %s", revs[random.IntN(len(revs))], people[random.IntN(3)].me(), kinds[random.IntN(len(kinds))])
	if random.IntN(4) == 0 {
		text = text[:random.IntN(len(text))]
	}
	return community + "." + subjects[random.IntN(len(subjects))], []byte(text)
}
