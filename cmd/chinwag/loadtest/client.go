package loadtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"chinwag/chat"
)

// client is one browser's connection for pages and forms. It is HTTP/1.1 by hand: a general client would cost the shared
// machine more than the server does. It is not safe for concurrent use.
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
	statusNoContent = 204
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
	if err != nil {
		c.close() // what comes next on this line would be the answer to something else
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
	if err := c.conn.SetDeadline(time.Now().Add(answerWithin)); err != nil {
		return answer{}, err
	}
	request := line + " HTTP/1.1\r\nHost: " + c.host + "\r\n" + browserHeaders + head + "Cookie: sid=" + c.person.Cookie + "\r\n"
	if body != "" {
		request += "Content-Length: " + strconv.Itoa(len(body)) + "\r\n"
	}
	if _, err := io.WriteString(c.conn, request+"\r\n"+body); err != nil {
		return answer{}, err
	}
	return c.read()
}

func (c *client) read() (got answer, err error) {
	status, headers, err := readHead(c.r)
	if err != nil {
		return got, err
	}
	got.status = status
	seconds, _ := strconv.Atoi(headers["retry-after"]) // absent: at once
	got.retry = time.Duration(seconds) * time.Second
	size, err := strconv.Atoi(headers["content-length"])
	if err != nil && status != statusNoContent {
		return got, fmt.Errorf("an answer (%d) without a length", status)
	}
	got.body = make([]byte, size)
	if _, err := io.ReadFull(c.r, got.body); err != nil {
		return got, err
	}
	if headers["connection"] == "close" {
		c.close()
	}
	return got, nil
}

func (c *client) close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

// readHead reads an answer up to the empty line. The names of headers come in small letters.
func readHead(r *bufio.Reader) (status int, headers map[string]string, err error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return 0, nil, err
	}
	if _, err := fmt.Sscanf(line, "HTTP/1.1 %d", &status); err != nil {
		return 0, nil, fmt.Errorf("%q is no HTTP/1.1: %w", line, err)
	}
	headers = map[string]string{}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return 0, nil, err
		}
		name, value, found := strings.Cut(strings.TrimRight(line, "\r\n"), ":")
		if name == "" {
			return status, headers, nil
		}
		if !found {
			return 0, nil, errors.New("a header without a colon")
		}
		headers[strings.ToLower(name)] = strings.TrimSpace(value)
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
