//go:build postgres

package db_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

// line is a way to PostgreSQL that can be cut while it commits.
type line struct {
	listener net.Listener
	to       string
	cuts     atomic.Int64 // so many of the next commits lose their answer, which are carried out all the same
	cut      atomic.Int64 // so many did
}

// lineTo opens a line to a place and gives the place at its end.
func lineTo(t *testing.T, place string) (*line, string) {
	t.Helper()
	address, err := url.Parse(place)
	must(t, err)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { must(t, listener.Close()) })
	l := &line{listener: listener, to: address.Host}
	address.Host = listener.Addr().String()
	go l.accept()
	return l, address.String()
}

func (l *line) accept() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", l.to)
		if err != nil {
			_ = client.Close()
			continue
		}
		var silent atomic.Bool
		go func() {
			defer server.Close()
			buffer := make([]byte, 64<<10)
			for {
				n, err := client.Read(buffer)
				if err != nil {
					return
				}
				if bytes.Contains(buffer[:n], []byte("COMMIT\x00")) && l.cuts.Add(-1) >= 0 {
					silent.Store(true)
				}
				if _, err := server.Write(buffer[:n]); err != nil {
					return
				}
			}
		}()
		go func() {
			defer client.Close()
			buffer := make([]byte, 64<<10)
			for {
				n, err := server.Read(buffer)
				if err != nil {
					return
				}
				if silent.Load() { // it answered, so it has committed
					l.cut.Add(1)
					return
				}
				if _, err := client.Write(buffer[:n]); err != nil {
					return
				}
			}
		}()
	}
}

func TestF06_LostAnswerToACommitIsFoundByTheKey(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := d.NewPerson(t, "ann")
	room := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
	l, place := lineTo(t, d.Place)
	far := dbtest.OpenIn(t, place)
	l.cuts.Store(1)
	seq, err := far.Community.Post(t.Context(), ann, room, "hello", "the-key")
	must(t, err)
	if l.cut.Load() != 1 {
		t.Fatal("no answer was lost")
	}
	same(t, dbtest.All[chat.Seq](t, d, `SELECT seq FROM messages`), []chat.Seq{seq})
	if !far.Events.Has(chat.Event{Kind: chat.MessagePosted, Room: room, Rev: 1}) {
		t.Errorf("nobody was told of the message, but %v", far.Events.List())
	}
	must(t, far.Community.Edit(t.Context(), ann, room, seq, "hello, you"))
	l.cuts.Store(1)
	must(t, far.Community.Delete(t.Context(), chat.Actor{User: ann}, room, seq))
	checkWhole(t, d)

	// What cannot be done twice is left to the person to look at.
	l.cuts.Store(1)
	_, err = far.Community.CreateRoom(t.Context(), ann, chat.NewRoom{Kind: chat.RoomPublic, Name: "Attic"})
	if !errors.Is(err, chat.ErrUnknown) || !errors.Is(err, chat.ErrBusy) {
		t.Errorf("a lost answer to making a room is %v", err)
	}
}

// sender posts numbered messages until it is told to stop, each again with its key until it is acknowledged.
type sender struct {
	acked  sync.Map // key → seq
	failed atomic.Int64
}

func (s *sender) posts(t *testing.T, d *dbtest.DB, author chat.UserID, room chat.RoomID, name string, stop <-chan struct{}) {
	for i := 0; ; i++ {
		key := fmt.Sprintf("%s-%d", name, i)
		for {
			seq, err := d.Community.Post(context.Background(), author, room, key, key)
			if err == nil {
				s.acked.Store(key, seq)
				break
			}
			if !errors.Is(err, chat.ErrBusy) {
				t.Errorf("%s: %v", key, err)
			}
			s.failed.Add(1)
		}
		select {
		case <-stop:
			return
		default:
		}
	}
}

// withstands has people post on two nodes, into one room and into rooms of their own, while something happens to the
// cluster again and again, and holds what is there afterwards against what was acknowledged.
func withstands(t *testing.T, happens func(c *dbtest.Cluster)) {
	t.Helper()
	c := dbtest.NewCluster(t)
	c.Exec(t, `CREATE DATABASE chinwag OWNER `+dbtest.Role)
	on := []*dbtest.DB{dbtest.OpenIn(t, c.URL("chinwag")), dbtest.OpenIn(t, c.URL("chinwag"))}
	ann := on[0].NewPerson(t, "ann")
	hall := on[0].NewRoom(t, chat.RoomPublic, "Hall", ann)
	s, stop := &sender{}, make(chan struct{})
	var all sync.WaitGroup
	for w := range 8 {
		room := hall
		if w >= 4 {
			room = on[0].NewRoom(t, chat.RoomPublic, fmt.Sprint("Attic ", w), ann)
		}
		all.Go(func() { s.posts(t, on[w%2], ann, room, fmt.Sprint("w", w), stop) })
	}
	for range 4 { // the pool recovers within ten seconds, or this gives up
		before := countOf(&s.acked)
		eventually(t, func() bool { return countOf(&s.acked) > before+50 })
		happens(c)
	}
	before := countOf(&s.acked)
	eventually(t, func() bool { return countOf(&s.acked) > before+50 })
	close(stop)
	all.Wait()
	fresh := dbtest.OpenIn(t, c.URL("chinwag")) // the connections of the others may have died
	checkWhole(t, fresh)
	there := 0
	for key, seq := range s.acked.Range {
		there++
		if got := dbtest.One[chat.Seq](t, fresh, `SELECT seq FROM messages WHERE send_key = $1 AND body = $1`, key); got != seq.(chat.Seq) {
			t.Errorf("%s was acknowledged as %d and is %d", key, seq, got)
		}
	}
	if n := dbtest.One[int](t, fresh, `SELECT COUNT(*) FROM messages`); n != there {
		t.Errorf("%d messages, %d acknowledged", n, there)
	}
	t.Logf("%d acknowledged, %d sends told to come again", there, s.failed.Load())
}

func countOf(m *sync.Map) (n int) {
	for range m.Range {
		n++
	}
	return n
}

func TestF06_PostgresEndsAndStartsUnderLoad(t *testing.T) {
	t.Parallel()
	withstands(t, func(c *dbtest.Cluster) {
		c.Stop(t)
		c.Start(t)
	})
}

func TestF06_BackendsAreKilledUnderLoad(t *testing.T) {
	t.Parallel()
	withstands(t, func(c *dbtest.Cluster) { c.Kill(t, "chinwag") })
}

func TestWritesWaitForADatabaseThatComesBackSoon(t *testing.T) {
	t.Parallel()
	c := dbtest.NewCluster(t)
	c.Exec(t, `CREATE DATABASE chinwag OWNER `+dbtest.Role)
	d := dbtest.OpenIn(t, c.URL("chinwag"))
	ann := d.NewPerson(t, "ann")
	room := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
	c.Stop(t)
	begin := time.Now()
	if _, err := d.Community.Post(t.Context(), ann, room, "hello", "key"); !errors.Is(err, chat.ErrBusy) {
		t.Errorf("without a database, a send is answered with %v", err)
	}
	if waited := time.Since(begin); waited < 4*time.Second || waited > 9*time.Second {
		t.Errorf("a send without a database was answered after %v", waited)
	}
	if _, err := d.Room(t.Context(), ann, room); !errors.Is(err, chat.ErrBusy) {
		t.Errorf("without a database, a read is answered with %v", err)
	}
	answered := make(chan error, 1)
	go func() {
		_, err := d.Community.Post(context.Background(), ann, room, "hello", "key")
		answered <- err
	}()
	c.Start(t)
	must(t, <-answered)
}

// A node that is stopped in the middle of a transaction keeps a room from all others; it is not waited for long.
func TestF18_NodeThatStopsLetsItsRoomGo(t *testing.T) {
	t.Parallel()
	on := nodes(t, 2)
	ann := on[0].NewPerson(t, "ann")
	room := on[0].NewRoom(t, chat.RoomPublic, "Hall", ann)
	begun, goOn, stopped := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	begin := sync.OnceFunc(func() { close(begun) })
	go func() {
		stopped <- on[0].Write(context.Background(), room, func(tx chat.Tx) error {
			begin()
			<-goOn
			return write{key: "late", room: room, end: "accepted"}.rule(ann)(tx)
		})
	}()
	<-begun
	var err error
	for begin := time.Now(); time.Since(begin) < 12*time.Second; {
		if _, err = on[1].Community.Post(t.Context(), ann, room, "hello", "key"); !errors.Is(err, chat.ErrBusy) {
			break
		}
	}
	must(t, err)
	close(goOn)
	must(t, <-stopped) // it finds that its transaction was ended, and does it again
	checkWhole(t, on[0])
	if n := dbtest.One[int](t, on[0], `SELECT COUNT(*) FROM messages`); n != 2 {
		t.Errorf("%d messages, want both", n)
	}
}
