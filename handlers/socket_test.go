package handlers_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/fasthttp/websocket"

	"chinwag/chat"
	"chinwag/handlers"
)

func TestS25_SocketsOpenFromOurOriginOnly(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob := s.newcomer(general)
	refused := elsewhere()
	for name, values := range map[string][]string{
		"an upper-case scheme": {"HTTP://" + s.host()},
		"a space before it":    {" x" + s.origin()},
		"a suffix":             {s.origin() + "x"},
		"a user":               {"http://x:y@" + s.host()},
		"a socket's scheme":    {"ws://" + s.host()},
		"our name as a host":   {strings.Replace(s.origin(), "127.0.0.1", "localhost", 1)},
		"no scheme":            {s.host()},
	} {
		refused[name] = http.Header{"Origin": values}
	}
	for name, origin := range refused {
		if len(origin["Origin"]) == 1 && origin["Origin"][0] == "OUR" {
			continue // no header but Origin says where a socket is opened from
		}
		t.Run(name, func(t *testing.T) {
			conn, res, err := bob.in(t).shakesHands("?room=1&after=0", func(h http.Header) {
				h.Del("Origin")
				req := &http.Request{Header: h}
				s.from(req, origin)
			})
			if err == nil {
				t.Fatalf("the socket opened: %v", conn.Close())
			}
			if res == nil || res.StatusCode != http.StatusForbidden && res.StatusCode != http.StatusBadRequest {
				t.Errorf("refused with %v, %v", res, err)
			}
		})
	}
	t.Run("our own", func(t *testing.T) {
		bob.in(t).opensSocket("?room=1&after=0")
	})
	t.Run("an upper-case host", func(t *testing.T) {
		s := openSite(t, func(c *handlers.Config) {
			c.PublicURL.Host = strings.Replace(c.PublicURL.Host, "127.0.0.1", "localhost", 1)
		})
		bob := s.newcomer(general)
		_, res, err := bob.shakesHands("?room=1&after=0", func(h http.Header) {
			h.Set("Host", s.host())
			h.Set("Origin", "http://"+strings.ToUpper(s.host()))
		})
		if err == nil || res == nil || res.StatusCode != http.StatusForbidden {
			t.Errorf("answered %v, %v", res, err)
		}
	})
}

func TestS20_SocketsTakeNoSessionFromTheAddress(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob := s.newcomer(general)
	sid := bob.cookie("sid")
	for _, query := range []string{"?token=" + sid, "?sid=" + sid, "?room=1&after=0&session=" + sid, "?csrf=" + bob.token()} {
		_, res, err := s.stranger().shakesHands(query, func(h http.Header) { h.Set("Authorization", "Bearer "+sid) })
		if err == nil || res == nil || res.StatusCode != http.StatusUnauthorized {
			t.Errorf("/live%s by a stranger: %v, %v", query, res, err)
		}
	}
}

func TestS33_SocketsOfHiddenRoomsAreNotFound(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	secret := s.room("Secrets", chat.RoomPrivate, 2)
	bob := s.newcomer(general)
	for _, room := range []string{fmt.Sprint(secret), "999", "0", "-1", "abc", "1 OR 1=1", "99999999999999999999"} {
		_, res, err := bob.shakesHands("?after=0&room="+strings.ReplaceAll(room, " ", "+"), nil)
		if err == nil || res == nil || res.StatusCode != http.StatusNotFound {
			t.Errorf("room %s: %v, %v", room, res, err)
		}
	}
}

// The session's row is gone and no hint of it came: the watch finds it.
func TestS27_SocketsEndWithTheirSessionsRow(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob, eve := s.newcomer(general), s.newcomer(general)
	theirs, others := bob.watches(general, 0), eve.watches(general, 0)
	s.runs(`DELETE FROM sessions WHERE user_id = $1`, bob.me())
	s.runs(`UPDATE community SET security_rev = security_rev + 1`)
	theirs.closesWith(websocket.ClosePolicyViolation)
	if others.ended() != 0 {
		t.Error("somebody else's socket was closed too")
	}
}

func TestS27_SocketsEndWithADisabledAccount(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.newcomer(general)
	screen := bob.watches(general, 0)
	s.runs(`UPDATE users SET disabled = TRUE WHERE id = $1`, bob.me())
	s.runs(`UPDATE community SET security_rev = security_rev + 1`)
	screen.closesWith(websocket.ClosePolicyViolation)
	bob.get("/rooms").is(http.StatusUnauthorized)
}

// Nothing is spoken upwards yet, so whoever speaks is not our page.
func TestS29_WhateverComesUpEndsTheSocket(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	secret := s.room("Secrets", chat.RoomPrivate, 2)
	for name, tt := range map[string]struct {
		kind int
		data string
		code int
	}{
		"a subscription to a hidden room": {websocket.TextMessage, fmt.Sprintf(`{"subscribe":"room/%d"}`, secret), websocket.ClosePolicyViolation},
		"a form":                          {websocket.TextMessage, "room=2&typing=1", websocket.ClosePolicyViolation},
		"bytes":                           {websocket.BinaryMessage, "\x00\xff\x80", websocket.ClosePolicyViolation},
		"nothing":                         {websocket.TextMessage, "", websocket.ClosePolicyViolation},
		"33 KiB in pieces":                {websocket.TextMessage, strings.Repeat("a", 33<<10), websocket.ClosePolicyViolation},
	} {
		t.Run(name, func(t *testing.T) {
			bob := s.newcomer(general)
			screen := bob.in(t).watches(general, 0)
			before := s.state()
			_ = screen.conn.WriteMessage(tt.kind, []byte(tt.data)) // the server may hang up while we write
			eventually(t, func() bool { return screen.ended() != 0 })
			if got := screen.ended(); got != tt.code {
				t.Errorf("closed with %d, not %d", got, tt.code)
			}
			if got := screen.got(); len(got) > 0 {
				t.Errorf("was answered %q", got)
			}
			s.unchanged(t, before)
		})
	}
}

func TestS31_LargeFramesAreRefusedByTheirHead(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	for name, tt := range map[string]struct {
		length uint64
		code   int
	}{
		"32 KiB":     {32 << 10, websocket.ClosePolicyViolation},
		"33 KiB":     {33 << 10, websocket.CloseMessageTooBig},
		"a gigabyte": {1 << 30, websocket.CloseMessageTooBig},
	} {
		t.Run(name, func(t *testing.T) {
			wire := s.wire().sends(s.newcomer(general).handshake(""))
			head := binary.BigEndian.AppendUint64([]byte{0x82, 0xff}, tt.length)
			answer := wire.sends(string(head) + "mask").rest() // not one byte of what was announced
			_, frames, _ := strings.Cut(answer, "\r\n\r\n")
			if want := string(binary.BigEndian.AppendUint16([]byte{0x88, 2}, uint16(tt.code))); !strings.HasPrefix(frames, want) {
				t.Errorf("answered %q, not %q", frames, want)
			}
		})
	}
}

// 200 broken frames: the server stays, and no frame it sends shows its inside.
func TestS30_BrokenFramesDoNoHarm(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	random := rand.New(rand.NewPCG(1, 2))
	watching := s.newcomer(general).watches(general, 0)
	var group sync.WaitGroup
	answers := make(chan string, 200)
	for i := range 200 {
		bob := s.newcomer(general)
		noise := make([]byte, 2+random.IntN(300))
		for j := range noise {
			noise[j] = byte(random.Uint32())
		}
		switch i % 4 {
		case 0: // a frame of any kind with a mask
			noise[1] = 0x80 | byte(random.IntN(126))
		case 1: // a length of 2^63 and more
			noise = binary.BigEndian.AppendUint64([]byte{0x81, 0xff}, 1<<63|random.Uint64())
		case 2: // reserved bits and unknown kinds
			noise[0] |= 0x70
		}
		wire := s.wire().sends(bob.handshake())
		group.Go(func() { answers <- wire.sends(string(noise)).answers() })
	}
	group.Wait()
	close(answers)
	for answer := range answers {
		_, frames, upgraded := strings.Cut(answer, "\r\n\r\n")
		if !upgraded || !strings.HasPrefix(answer, "HTTP/1.1 101") {
			t.Fatalf("no socket: %.200q", answer)
		}
		noInternals(t, frames)
	}
	if got := s.log.String(); strings.Contains(got, "panic") {
		t.Errorf("the server panicked: %s", got)
	}
	s.seedMessages(general, "root", 1)
	watching.shows("message 1 from root")
	s.stranger().get(handlers.HealthPath).is(http.StatusOK)
}

// handshake asks for the browser's socket, as bytes.
func (b *browser) handshake(headers ...string) string {
	return "GET /live?room=1&after=0 HTTP/1.1\r\nHost: " + b.site.host() + "\r\nOrigin: " + b.site.origin() +
		"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
		"Cookie: " + b.site.cookieName() + "=" + b.cookie(b.site.cookieName()) + "\r\n" + strings.Join(headers, "\r\n") + "\r\n"
}

func TestS31_SocketsAreNotPacked(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob := s.newcomer(general)
	wire := s.wire().sends(bob.handshake("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits", ""))
	res, err := http.ReadResponse(bufio.NewReader(wire.conn), nil)
	must(t, err)
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 0))
	must(t, res.Body.Close())
	if res.StatusCode != http.StatusSwitchingProtocols || res.Header.Get("Sec-WebSocket-Extensions") != "" {
		t.Errorf("answered %d with extensions %q", res.StatusCode, res.Header.Get("Sec-WebSocket-Extensions"))
	}
}

func TestS31_TwentySocketsAPersonAreEnough(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	bob, eve := s.newcomer(general), s.newcomer(general)
	screens, refused := make([]*screen, 40), make([]bool, 40)
	together(len(screens), func(i int) {
		conn, res, err := bob.shakesHands("?room=1&after=0", nil)
		switch {
		case err == nil:
			screens[i] = bob.screen(conn)
		case res != nil && res.StatusCode == http.StatusTooManyRequests && res.Header.Get("Retry-After") != "":
			refused[i] = true
		default:
			t.Errorf("answered %v, %v", res, err)
		}
	})
	open := func() (list []*screen) {
		for i, screen := range screens {
			if refused[i] || screen.ended() == websocket.CloseTryAgainLater {
				continue
			}
			list = append(list, screen)
		}
		return list
	}
	eventually(t, func() bool { return len(open()) == 20 })
	if _, res, err := bob.shakesHands("?room=1&after=0", nil); err == nil || res == nil || res.StatusCode != http.StatusTooManyRequests {
		t.Errorf("one more: %v, %v", res, err)
	}
	eve.watches(general, 0)
	eventually(t, func() bool { return s.server.OpenSockets() == 21 })
	must(t, open()[0].conn.Close())
	eventually(t, func() bool { return s.server.OpenSockets() == 20 }) // eve's among them
	bob.watches(general, 0).stays()
}

// together runs a function n times at once.
func together(n int, run func(i int)) {
	var group sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-start
			run(i)
		})
	}
	close(start)
	group.Wait()
}
