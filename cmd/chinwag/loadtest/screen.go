package loadtest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"chinwag/chat"
)

// screen is one open page that watches a room. It keeps what the page's script keeps, the highest revision, and holds
// the messages against their numbers, which have no holes.
type screen struct {
	crowd  *crowd
	node   int // of those the crowd is spread over
	person Person
	room   chat.RoomID // 0: the relay's, whose frames carry no numbers
	source net.Addr
	socket atomic.Pointer[socket]

	after    chat.Rev // the cursor
	seq      chat.Seq // the newest message shown
	took     latencies
	tookOver latencies // of messages that another node took

	missing    int64 // messages that were passed over
	doubled    int64 // messages shown before
	disordered int64 // messages after a newer one
	reloads    int64 // times the page was told that it is too far behind, and to load the room again

	leaving atomic.Bool // we close it, not the server
	ended   error       // why the last socket ended
}

func (s *screen) path() string {
	if s.room == 0 {
		return "/live"
	}
	return fmt.Sprintf("/live?room=%d&after=%d", s.room, s.after)
}

func (s *screen) dial(ctx context.Context) error {
	socket, err := dialSocket(ctx, s.source, s.crowd.nodes[s.node], s.path(), s.person.Cookie)
	if err != nil {
		return err
	}
	s.socket.Store(socket)
	return nil
}

// watch reads until the socket ends.
func (s *screen) watch() {
	socket := s.socket.Load()
	for {
		frame, err := socket.next()
		if err != nil {
			socket.close()
			s.ended = err
			if !s.leaving.Load() {
				s.crowd.ended.CompareAndSwap(nil, &err)
			}
			return
		}
		s.show(frame, time.Now())
	}
}

// What stands in a frame for each message, in this order.
var ( // constants in all but name
	rowMark    = []byte(` id="m`)
	revMark    = []byte(` data-rev="`)
	reloadMark = []byte(` data-reload`)
	behindMark = []byte(` data-behind`)
)

// numberMark stands in a text before the number of its send.
const numberMark = "Nr "

// show takes a frame onto the screen.
func (s *screen) show(frame []byte, now time.Time) {
	if s.room == 0 {
		s.seq++
		s.time(int64(s.seq), now)
		s.crowd.count(1, len(frame))
		return
	}
	rest, messages := frame, 0
	for {
		_, row, found := bytes.Cut(rest, rowMark)
		if !found {
			break
		}
		seq, row := digits(row)
		if _, tail, ok := bytes.Cut(row, revMark); ok {
			rev, _ := digits(tail)
			s.after = max(s.after, chat.Rev(rev))
			row = tail
		}
		if s.place(chat.Seq(seq)) {
			messages++
		}
		if end := bytes.Index(row, rowMark); end < 0 {
			rest = nil
		} else {
			rest, row = row[end:], row[:end]
		}
		if _, tail, ok := bytes.Cut(row, []byte(numberMark)); ok {
			n, _ := digits(tail)
			s.time(n, now)
		}
	}
	if messages == 0 && (bytes.Contains(frame, reloadMark) || bytes.Contains(frame, behindMark)) {
		s.reloads++
	}
	if messages == 0 {
		other := string(frame[:min(len(frame), 300)])
		s.crowd.other.CompareAndSwap(nil, &other)
	}
	s.crowd.count(messages, len(frame))
}

// place holds a message against those before it.
func (s *screen) place(seq chat.Seq) (shown bool) {
	switch {
	case seq == s.seq+1:
	case seq > s.seq:
		s.missing += int64(seq - s.seq - 1)
	case s.missing > 0:
		s.missing--
		s.disordered++
		return true
	default:
		s.doubled++
		return false
	}
	s.seq = seq
	return true
}

func (s *screen) time(n int64, now time.Time) {
	if n <= 0 {
		return
	}
	at := s.crowd.sent[n%sendsMax].Load()
	if at == 0 {
		return
	}
	took := &s.took
	if int(n)%len(s.crowd.nodes) != s.node {
		took = &s.tookOver
	}
	*took = append(*took, now.Sub(time.Unix(0, at)))
}

// digits reads a number at the beginning.
func digits(text []byte) (n int64, rest []byte) {
	i := 0
	for i < len(text) && text[i] >= '0' && text[i] <= '9' {
		i++
	}
	n, _ = strconv.ParseInt(string(text[:i]), 10, 64) // nothing: 0
	return n, text[i:]
}
