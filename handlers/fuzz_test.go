package handlers_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/handlers"
)

// noise are the pieces that a request of the fuzz test is made of.
func noise() []string {
	return []string{
		"", "1", "2", "0", "-1", "999999999999999999999", "rooms", "room", "..", ".", "%2e%2e", "%00", "%ff", "%", "\u00e9", "'", `"`, "<x>", "{{.}}",
		"login", "logout", "live", "static", "app.js", "healthz", "setup", "members", "messages", "join", "leave", "edit", "?before=1", "?q=%27",
		"?room=1&after=x", "#", ";", ":", "@", "//", `\`, strings.Repeat("a", 300), "*", "$1", "?a[]=1", "?" + strings.Repeat("a=1&", 50),
	}
}

// 300 requests of noise: none shows the inside, none ends the program, none signs anybody out.
func TestS74_NoiseShowsNothingOfTheInside(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	secret := s.room("Secrets", chat.RoomPrivate, 2)
	bob, stranger := s.newcomer(general), s.stranger()
	random := rand.New(rand.NewPCG(5, 6))
	pick := func(list []string) string { return list[random.IntN(len(list))] }
	methods := []string{"GET", "GET", "GET", "POST", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"}
	headers := []string{"HX-Request", "Content-Type", "Range", "If-None-Match", "Accept-Encoding", "Cookie", "Referer", "Sec-Fetch-Site", "Upgrade", "Connection", "Expect"}
	for range 300 {
		b := bob
		if random.IntN(3) == 0 {
			b = stranger
		}
		path := "/" + pick(noise())
		for range random.IntN(4) {
			path += "/" + pick(noise())
		}
		var head strings.Builder
		method := pick(methods)
		fmt.Fprintf(&head, "%s %s HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\n", method, strings.ReplaceAll(path, " ", "+"), s.host(), s.origin())
		if random.IntN(4) > 0 {
			fmt.Fprintf(&head, "Cookie: sid=%s\r\n", b.cookie("sid"))
		}
		for range random.IntN(3) {
			fmt.Fprintf(&head, "%s: %s\r\n", pick(headers), pick(noise()))
		}
		body := ""
		if method == http.MethodPost {
			body = url.Values{pick([]string{"body", "name", "csrf", "username", "x"}): {pick(noise())}, "csrf": {b.token()}}.Encode()
			fmt.Fprintf(&head, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n", len(body))
		}
		answer := s.wire().sends(head.String() + "\r\n" + body).answers()
		list := statuses(answer)
		if len(list) > 1 || len(list) == 1 && list[0] >= 500 {
			t.Errorf("%q was answered %d", head.String(), list)
		}
		_, page, _ := strings.Cut(answer, "\r\n\r\n")
		noInternals(t, page)
		if strings.Contains(answer, "Secrets") {
			t.Errorf("%q showed a hidden room", head.String())
		}
	}
	if strings.Contains(s.log.String(), "panic") {
		t.Errorf("the server panicked")
	}
	s.stranger().get(handlers.HealthPath).is(http.StatusOK)
	if got := s.number(`SELECT COUNT(*) FROM messages WHERE room_id = $1`, secret); got != 2 {
		t.Errorf("the hidden room has %d messages", got)
	}
}

// The dearest text anybody may send does not hold the others up.
func TestS70_DearMessagesHoldNobodyUp(t *testing.T) {
	s := openSite(t, withoutLimits)
	eve, bob := s.newcomer(general), s.newcomer(general)
	var dear []*http.Request
	for _, piece := range []string{"> ", "* ", "[", "*a_", "`", "[x](", "<a", "- [ ] ", "1. ", "\\", "~~*", "http://a.", "😀", "![", "_*_*", "**a*"} {
		body := strings.Repeat(piece, 4000)
		body = string([]rune(body)[:4000])
		dear = append(dear, eve.postRequest(sendToGeneral, "body", body, "key", chat.NewToken(16)))
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		together(len(dear), func(i int) { eve.tab().do(dear[i]).is(http.StatusSeeOther) })
	}()
	slowest := time.Duration(0)
	for busy := true; busy; {
		select {
		case <-done:
			busy = false
		default:
		}
		req := bob.postRequest(sendToGeneral, "body", "hello", "key", chat.NewToken(16))
		started := time.Now()
		bob.do(req).is(http.StatusSeeOther)
		slowest = max(slowest, time.Since(started))
	}
	if slowest > 2*time.Second { // half a second without the race detector
		t.Errorf("somebody waited %v to send", slowest)
	}
}
