package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fasthttp/websocket"
	"pgregory.net/rapid"

	"chinwag/chat"
	"chinwag/views/viewstest"
)

// world is a room, what was said in it, and the pages that are open.
type world struct {
	t      rapid.TB
	site   *site
	room   chat.RoomID
	people []*browser
	hidden chat.Seq // what came up to this message is not the last person's to see
	said   []said
	pages  []*openPage
}

// said is one message as it stands: number 1 is at 0.
type said struct {
	author *browser
	gone   bool
}

// opensWorld makes a room in which something was said. The last of three people may have come late, and sees nothing of it.
func (s *site) opensWorld(t rapid.TB, name string, people []*browser, before int, late bool) *world {
	w := &world{t: t, site: s, room: s.room(name, chat.RoomPrivate, 0), people: people}
	s.joins(people[0], w.room, 0)
	s.joins(people[1], w.room, 0)
	w.bursts(people[0], before)
	if late {
		w.hidden = chat.Seq(len(w.said))
	}
	s.joins(people[2], w.room, w.hidden)
	w.opens(people[0])
	return w
}

// joins makes somebody a member of a room who may see what comes after a message.
func (s *site) joins(b *browser, room chat.RoomID, since chat.Seq) {
	s.t.Helper()
	must(s.t, s.db.Write(context.Background(), room, func(tx chat.Tx) error {
		return tx.CreateMembership(chat.Membership{Room: room, User: b.me(), Role: chat.MemberPlain, SinceSeq: since, JoinedAt: s.clock.now()})
	}))
}

func (w *world) ends() {
	for _, p := range w.pages {
		p.drops()
	}
}

func (w *world) posts(author *browser, text string) {
	text = fmt.Sprintf("%s %d", text, len(w.said)+1)
	seq, err := w.site.community.Post(context.Background(), author.me(), w.room, text, chat.NewToken(16))
	if err != nil || seq != chat.Seq(len(w.said)+1) {
		w.t.Fatalf("post gave number %d: %v", seq, err)
	}
	w.said = append(w.said, said{author: author})
}

func (w *world) bursts(author *browser, many int) {
	me := author.me()
	var posting sync.WaitGroup
	errs := make([]error, many)
	for i := range many {
		posting.Go(func() {
			_, errs[i] = w.site.community.Post(context.Background(), me, w.room, fmt.Sprintf("burst %d", i), chat.NewToken(16))
		})
	}
	posting.Wait()
	for _, err := range errs {
		if err != nil {
			w.t.Fatalf("burst: %v", err)
		}
		w.said = append(w.said, said{author: author})
	}
}

func (w *world) edits(i int, text string) {
	err := w.site.community.Edit(context.Background(), w.said[i].author.me(), w.room, chat.Seq(i+1), text)
	if err != nil {
		w.t.Fatalf("edit %d: %v", i+1, err)
	}
}

func (w *world) deletes(i int) {
	err := w.site.community.Delete(context.Background(), chat.Actor{User: w.said[i].author.me()}, w.room, chat.Seq(i+1))
	if err != nil {
		w.t.Fatalf("delete %d: %v", i+1, err)
	}
	w.said[i].gone = true
}

// openPage is a page in somebody's browser. Frames are put onto it as they come.
type openPage struct {
	viewer *browser
	conn   *websocket.Conn
	read   sync.WaitGroup
	loads  int // how often it was loaded

	mu     sync.Mutex
	screen *viewstest.Screen
	ended  error // what ended its socket
}

func (w *world) opens(viewer *browser) *openPage {
	p := &openPage{viewer: viewer}
	w.pages = append(w.pages, p)
	w.loads(p, roomPath(w.room))
	return p
}

func (w *world) loads(p *openPage, path string) {
	p.drops()
	screen, err := viewstest.Open(p.viewer.get(path).is(http.StatusOK).Body)
	if err != nil {
		w.t.Fatal(err)
	}
	p.screen = screen
	p.loads++
	w.returns(p)
}

// returns opens the socket of a page that has none, from where the page is.
func (w *world) returns(p *openPage) {
	if p.conn != nil || p.screen.Away || p.screen.Socket() == "" {
		return
	}
	conn, _, err := p.viewer.shakesHands(strings.TrimPrefix(p.screen.Socket(), "/live"), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	p.conn = conn
	p.read.Go(p.reads)
}

func (p *openPage) reads() {
	for {
		_, frame, err := p.conn.ReadMessage()
		p.mu.Lock()
		if err == nil {
			err = p.screen.Take(string(frame))
		}
		p.ended = err
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (p *openPage) drops() {
	if p.conn == nil {
		return
	}
	_ = p.conn.Close() // ends the reader
	p.read.Wait()
	p.conn, p.ended = nil, nil
}

// looks holds each page that has its socket against the room: as it is, or told that it is too far behind, without a hole.
func (w *world) looks() {
	for _, p := range w.pages {
		if p.conn == nil {
			continue
		}
		room := w.fresh(p.viewer, p.first())
		differs := ""
		for late := time.Now().Add(10 * time.Second); ; {
			if differs = p.differs(room); differs == "" {
				break
			}
			if time.Now().After(late) {
				w.t.Fatalf("%s", differs)
			}
			<-time.After(time.Millisecond)
		}
		if p.behind() { // and does what it was told
			w.loads(p, roomPath(w.room))
		}
	}
}

func (p *openPage) behind() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.screen.Away
}

func (p *openPage) differs(room []viewstest.Row) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.ended != nil:
		return "the socket ended: " + p.ended.Error()
	case p.screen.Lost:
		return "the room was taken away"
	case !p.screen.Away:
		return p.screen.Differs(room)
	case p.screen.Line == "":
		return "it is behind and says nothing"
	case p.hasHole():
		return fmt.Sprintf("a hole: %+v", p.screen.Rows)
	}
	return ""
}

func (p *openPage) hasHole() bool {
	rows := p.screen.Rows
	return len(rows) > 0 && rows[len(rows)-1].Seq()-rows[0].Seq() != int64(len(rows))-1
}

func (p *openPage) first() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.screen.Rows) == 0 {
		return 1
	}
	return p.screen.Rows[0].Seq()
}

// fresh is what of the room somebody may see from a message on, page by page.
func (w *world) fresh(viewer *browser, from int64) []viewstest.Row {
	var all []viewstest.Row
	for path := roomPath(w.room); len(all) == 0 || all[0].Seq() > from; path = roomPath(w.room) + "?before=" + strings.TrimPrefix(all[0].ID, "m") {
		page, err := viewstest.Open(viewer.get(path).is(http.StatusOK).Body)
		if err != nil {
			w.t.Fatal(err)
		}
		if len(page.Rows) == 0 {
			break
		}
		all = slices.Concat(page.Rows, all)
	}
	return all
}
