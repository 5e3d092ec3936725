package loadtest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"chinwag/chat"
)

// client is one browser's connection for pages and forms. What it asks is written by hand: a general client would cost the
// shared machine more than the server does. It is not safe for concurrent use.
type client struct {
	target
	person Person
	conn   net.Conn
	r      *bufio.Reader
	csrf   string // of the last page
	key    string // of the next send
}

// What a server can say: RFC 9110, section 15.
const (
	statusSwitching = 101
	statusOK        = 200
	statusBusy      = 503
)

// answer is what the server said.
type answer struct {
	status int
	retry  time.Duration // when to come again, if it said so
	body   []byte
}

// answerWithin ends a request that gets no answer, as our script does.
const answerWithin = 30 * time.Second

// browserHeaders are what a browser sends with everything, because their size counts.
const browserHeaders = "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36\r\n" +
	"Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\nCache-Control: no-cache\r\nPragma: no-cache\r\n"

// get asks for a page, compressed in the given way or not at all.
func (c *client) get(ctx context.Context, path, encoding string) (answer, error) {
	head := "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nSec-Fetch-Site: same-origin\r\n"
	if encoding != "" {
		head += "Accept-Encoding: " + encoding + "\r\n"
	}
	return c.do(ctx, "GET "+path, head, "")
}

// enter loads a room's page, which has the token and the key of its form.
func (c *client) enter(ctx context.Context, room chat.RoomID) ([]byte, error) {
	page, err := c.get(ctx, roomPath(room), "")
	if err != nil {
		return nil, err
	}
	c.csrf, c.key = fieldOf(page.body, "csrf"), fieldOf(page.body, "key")
	if page.status != statusOK || c.csrf == "" || c.key == "" {
		return nil, fmt.Errorf("%s shows %s nothing to write in (%d)", roomPath(room), c.person.Name, page.status)
	}
	return page.body, nil
}

// post sends a message as our script does while the page's socket is open. It gives its number. The key of the next send
// comes with the answer; without one the key stays, so that trying again is the same send.
func (c *client) post(ctx context.Context, room chat.RoomID, body string) (chat.Seq, answer, error) {
	form := "csrf=" + c.csrf + "&key=" + c.key + "&body=" + url.QueryEscape(body)
	head := "Accept: text/html\r\nHX-Request: true\r\nPrefer: return=minimal\r\nOrigin: " + c.origin +
		"\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	got, err := c.do(ctx, "POST "+roomPath(room)+"/messages", head, form)
	if err != nil || got.status != statusOK {
		return 0, got, err
	}
	seq, err := strconv.ParseInt(attributeOf(got.body, ` data-seq="`), 10, 64)
	if key := fieldOf(got.body, "key"); err == nil && key != "" {
		c.key = key
		return chat.Seq(seq), got, nil
	}
	return 0, got, fmt.Errorf("no number and key in %q", got.body)
}

// mustPost sends a message that nothing may refuse.
func (c *client) mustPost(ctx context.Context, room chat.RoomID, body string) (chat.Seq, error) {
	seq, got, err := c.post(ctx, room, body)
	if err == nil && got.status != statusOK {
		err = fmt.Errorf("a send was answered with %d", got.status)
	}
	return seq, err
}

func (c *client) do(ctx context.Context, line, head, body string) (answer, error) {
	got, err := c.try(ctx, line, head, body)
	if err == nil {
		return got, nil
	}
	c.close() // what comes next on this line would be the answer to something else
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return got, err
}

func (c *client) try(ctx context.Context, line, head, body string) (answer, error) {
	if c.conn == nil {
		conn, err := (&net.Dialer{Timeout: answerWithin}).DialContext(ctx, "tcp", c.host)
		if err != nil {
			return answer{}, err
		}
		c.conn, c.r = conn, bufio.NewReader(conn)
	}
	conn := c.conn
	if err := conn.SetDeadline(time.Now().Add(answerWithin)); err != nil {
		return answer{}, err
	}
	ended := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) }) // whoever waits is woken
	defer ended()
	request := line + " HTTP/1.1\r\nHost: " + c.host + "\r\n" + browserHeaders + head + "Cookie: sid=" + c.person.Cookie + "\r\n"
	if body != "" {
		request += "Content-Length: " + strconv.Itoa(len(body)) + "\r\n"
	}
	if _, err := io.WriteString(conn, request+"\r\n"+body); err != nil {
		return answer{}, err
	}
	return c.read()
}

func (c *client) read() (got answer, err error) {
	response, err := http.ReadResponse(c.r, nil)
	if err != nil {
		return got, err
	}
	defer response.Body.Close()
	got.status, got.retry = response.StatusCode, retryAfter(response)
	body := bytes.NewBuffer(make([]byte, 0, max(response.ContentLength, 0)+bytes.MinRead))
	if _, err := body.ReadFrom(response.Body); err != nil {
		return got, err
	}
	got.body = body.Bytes()
	if response.Close {
		c.close()
	}
	return got, nil
}

// retryAfter is when an answer says to come again. If it does not say so: at once.
func retryAfter(response *http.Response) time.Duration {
	seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
	return time.Duration(seconds) * time.Second
}

func (c *client) close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

func roomPath(room chat.RoomID) string { return "/rooms/" + strconv.FormatInt(int64(room), 10) }

// fieldOf finds the value of the first form field of a name.
func fieldOf(page []byte, name string) string {
	_, rest, _ := strings.Cut(string(page), ` name="`+name+`"`)
	return html.UnescapeString(attributeOf([]byte(rest), ` value="`))
}

func attributeOf(page []byte, opening string) string {
	_, rest, _ := strings.Cut(string(page), opening)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}
