package chat

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"
	"unicode/utf8"
)

// BodyMax is the longest message, in characters. Rendering stays far below its time budget at this length.
const BodyMax = 4000

// Message is something said in a room.
type Message struct {
	Room      RoomID
	Seq       Seq
	Rev       Rev // its last change
	Born      Rev // the room's revision when it was posted
	Author    User
	Body      string   // as typed; only where a single message is read
	HTML      SafeHTML // drawn once, at the write
	At        time.Time
	EditedAt  time.Time // zero: never
	DeletedAt time.Time // zero: it stands

	// The message before it in the room, for grouping; zero for the first one.
	PrevAuthor UserID
	PrevAt     time.Time
}

// groupWithin is how long one author's messages stand under one name.
const groupWithin = 5 * time.Minute

// Gone says whether the message was deleted; its place and number stay.
func (m Message) Gone() bool { return !m.DeletedAt.IsZero() }

// Grouped says whether the message continues the one before it: same author, within five minutes, same day in zone.
func (m Message) Grouped(zone *time.Location) bool {
	return m.PrevAuthor == m.Author.ID && m.At.Sub(m.PrevAt) < groupWithin && !m.NewDay(zone)
}

// NewDay says whether the message is the first of its day in zone.
func (m Message) NewDay(zone *time.Location) bool {
	year, month, day := m.At.In(zone).Date()
	prevYear, prevMonth, prevDay := m.PrevAt.In(zone).Date()
	return day != prevDay || month != prevMonth || year != prevYear
}

// MessageRow is a new message as it is stored.
type MessageRow struct {
	Room    RoomID
	Seq     Seq
	Rev     Rev
	Author  UserID
	Body    string
	HTML    SafeHTML
	At      time.Time
	Key     string // the send's key, unique for its author for ever
	BodyMAC []byte // tells a repeat of the send from another text under the same key
}

// Post stores a message and returns its place. A repeat with the same key returns the message stored before;
// the same key with another text is ErrKeyReused. ErrNotFound: no such room for the viewer; Invalid: the text is empty
// or too long, the key is somebody else's, or the viewer is no member.
func (c *Community) Post(ctx context.Context, viewer UserID, room RoomID, body, key string) (Seq, error) {
	body, err := checkBody(body)
	if err != nil {
		return 0, err
	}
	if author, ours := c.KeyAuthor(key); !keyShape.MatchString(key) || ours && author != viewer {
		return 0, invalid("body", "message.key")
	}
	row := MessageRow{Room: room, Author: viewer, Body: body, HTML: c.markup.Render(body), Key: key, BodyMAC: c.bodyMAC(room, body)}
	if err := c.writeSurely(ctx, room, func(tx Tx) error { return c.post(tx, &row) }); err != nil {
		return 0, err
	}
	return row.Seq, nil
}

func (c *Community) post(tx Tx, row *MessageRow) error {
	seen, sent, err := tx.Sending(row.Author, row.Room, row.Key)
	switch {
	case err != nil:
		return err
	case sent != nil && !hmac.Equal(sent.BodyMAC, row.BodyMAC):
		return ErrKeyReused
	case sent != nil:
		row.Seq = sent.Seq
		return nil
	case !seen.Joined():
		return invalid("body", "message.not_member")
	}
	row.At = c.now()
	if row.Seq, row.Rev, err = tx.AdvanceRoom(row.Room); err != nil {
		return err
	}
	if err := tx.CreateMessage(*row); err != nil {
		return err
	}
	if err := tx.MarkRead(row.Room, row.Author, row.Seq); err != nil {
		return err
	}
	tx.Publish(Event{Kind: MessagePosted, Room: row.Room, Rev: row.Rev})
	return nil
}

// bodyMAC fingerprints a text and its room without keeping the text itself readable after a deletion.
func (c *Community) bodyMAC(room RoomID, body string) []byte {
	mac := hmac.New(sha256.New, c.key)
	_, _ = mac.Write(binary.BigEndian.AppendUint64(nil, uint64(room))) // a hash never fails
	_, _ = mac.Write([]byte(body))
	return mac.Sum(nil)
}

// checkBody is a message's text as it is kept, if it can be one.
func checkBody(typed string) (string, error) {
	body := cleanBody(typed)
	if body == "" {
		return "", invalid("body", "message.empty")
	}
	if utf8.RuneCountInString(body) > BodyMax {
		return "", invalidLength("body", "message.long", BodyMax)
	}
	return body, nil
}

// cleanBody keeps a text as typed but for what no screen can show: browsers send CRLF, people paste controls.
func cleanBody(typed string) string {
	return strings.TrimRight(strings.Trim(cleanText(typed), "\n"), " \t\n")
}
