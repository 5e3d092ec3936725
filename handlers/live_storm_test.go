package handlers_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chinwag/chat"
)

// While many write, pages come and go: each drops its socket at any moment and asks for what is missing by the highest
// data-rev it saw. In the end each shows what the database holds: every message once, in order.
func TestLiveScreensEqualTheDatabaseWhateverDrops(t *testing.T) {
	t.Parallel()
	const (
		writers, each = 8, 60
		readers       = 8
		seeded        = 3
	)
	s := openSite(t, withoutLimits)
	secret := s.room("Secrets", chat.RoomPrivate, seeded)
	last := fmt.Sprintf("m%d", seeded+writers*each)
	var reading sync.WaitGroup
	pages := make([]*liveLog, readers)
	finished := make(chan struct{})
	for i := range pages {
		bob := s.newcomer(secret)
		random := rand.New(rand.NewPCG(7, uint64(i)))
		pages[i] = bob.loads(secret)
		reading.Go(func() { bob.readsAlong(secret, pages[i], last, random, finished) })
	}
	authors := make([]chat.UserID, writers)
	for i := range authors {
		authors[i] = s.newcomer(secret).me()
	}
	together(writers, func(i int) {
		for n := range each {
			if _, err := s.community.Post(context.Background(), authors[i], secret, fmt.Sprintf("%d says %d", i, n), chat.NewToken(16)); err != nil {
				t.Error(err)
			}
		}
	})
	close(finished)
	reading.Wait()
	stored := s.texts(`SELECT body FROM messages WHERE room_id = $1 ORDER BY seq`, secret)
	if len(stored) != seeded+writers*each {
		t.Fatalf("%d messages are stored", len(stored))
	}
	for i, page := range pages {
		if diff := cmp.Diff(stored[page.first()-1:], page.texts()); diff != "" {
			t.Errorf("page %d differs from the database:\n%s", i, diff)
		}
	}
}

// loads is a room's page as the server draws it.
func (b *browser) loads(room chat.RoomID) *liveLog {
	b.t.Helper()
	p := b.get(roomPath(room)).is(http.StatusOK)
	l := &liveLog{}
	l.takes(p.Body)
	rev, err := strconv.ParseInt(p.attribute("log", "data-rev"), 10, 64)
	must(b.t, err)
	l.rev = chat.Rev(rev)
	l.lost = false // the pane is the page's own
	return l
}

// first is the number of the first row.
func (l *liveLog) first() int {
	n, err := strconv.Atoi(strings.TrimPrefix(l.rows[0].id, "m"))
	if err != nil {
		return 0
	}
	return n
}

// readsAlong keeps a page up to date over sockets that drop at random, until all has been written and is there.
func (b *browser) readsAlong(room chat.RoomID, page *liveLog, last string, random *rand.Rand, finished <-chan struct{}) {
	for page.rows[len(page.rows)-1].id != last {
		conn, _, err := b.shakesHands(fmt.Sprintf("?room=%d&after=%d", room, page.rev), nil)
		if err != nil {
			b.t.Errorf("the socket did not open: %v", err)
			return
		}
		frames := random.IntN(5)
		select {
		case <-finished:
			frames = 1000 // to the end
		default:
		}
		for ; frames > 0 && page.rows[len(page.rows)-1].id != last; frames-- {
			_, frame, err := conn.ReadMessage()
			if err != nil {
				b.t.Errorf("the socket ended: %v", err)
				return
			}
			page.takes(string(frame))
			if page.reload { // it fell too far behind
				*page = *b.loads(room)
				break
			}
		}
		_ = conn.Close() // the line drops
	}
}
