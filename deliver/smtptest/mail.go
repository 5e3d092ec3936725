package smtptest

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
)

// Mail is what was handed in.
type Mail struct {
	From, To string // as the servers told each other
	Header   mail.Header
	Subject  string // decoded
	Text     string
	HTML     string
	Raw      string
}

// ID is the mail's Message-ID.
func (m Mail) ID() string { return m.Header.Get("Message-ID") }

// links are addresses that stand in a line of their own.
var links = regexp.MustCompile(`(?m)^https?://\S+$`)

// Link is the address that the mail wants followed; empty: there is none.
func (m Mail) Link() string { return links.FindString(m.Text) }

// read takes a mail of two parts to pieces.
func read(from, to string, raw []byte) (Mail, error) {
	m := Mail{From: from, To: to, Raw: string(raw)}
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return m, err
	}
	m.Header = message.Header
	if m.Subject, err = (&mime.WordDecoder{}).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return m, err
	}
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		return m, errors.Join(err, errors.New("it has not two parts to choose from"))
	}
	parts := multipart.NewReader(message.Body, parameters["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err != nil {
			return m, err
		}
		text, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			return m, err
		}
		text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
		switch kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); kind {
		case "text/plain":
			m.Text = string(text)
		case "text/html":
			m.HTML = string(text)
		}
	}
}
