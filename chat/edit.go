package chat

import (
	"context"
	"strconv"
	"time"
)

// Edit is an older version of a message.
type Edit struct {
	Body string    // as typed
	HTML SafeHTML  // as drawn then
	At   time.Time // when it was written
}

// Edit gives one's own message another text and keeps the one it had. The same text again changes nothing.
// ErrNotFound: no such room or message for the viewer, or it was deleted; ErrForbidden: it is somebody else's, or the
// viewer is no member any more; Invalid: the text is empty or too long.
func (c *Community) Edit(ctx context.Context, viewer UserID, room RoomID, seq Seq, body string) error {
	body, err := checkBody(body)
	if err != nil {
		return err
	}
	html := c.markup.Render(body)
	return c.writeSurely(ctx, room, func(tx Tx) error {
		seen, message, err := messageSeen(tx, viewer, room, seq)
		if err != nil {
			return err
		}
		user, err := tx.User(viewer)
		switch {
		case err != nil:
			return err
		case message.Gone():
			return ErrNotFound
		case !seen.MayEdit(user, message):
			return ErrForbidden
		case message.Body == body:
			return nil
		}
		if err := tx.CreateEdit(message); err != nil {
			return err
		}
		message.Body, message.HTML, message.EditedAt = body, html, c.now()
		return changeMessage(tx, message, MessageEdited)
	})
}

// Delete erases one's own message, or anybody's if whoever does it moderates: its text and all older versions. Its place and
// its number stay, and what tells a repeat of its send. Deleted already is no error. ErrNotFound: no such room or message
// for them; ErrForbidden: it is somebody else's.
func (c *Community) Delete(ctx context.Context, by Actor, room RoomID, seq Seq) error {
	return c.writeSurely(ctx, room, func(tx Tx) error {
		seen, message, err := messageSeen(tx, by.User, room, seq)
		if err != nil {
			return err
		}
		user, err := tx.User(by.User)
		switch {
		case err != nil:
			return err
		case !seen.MayDelete(user, message):
			return ErrForbidden
		case message.Gone():
			return nil
		}
		if message.Author.ID != by.User {
			c.auditRoom(tx, by, MessageRemoved, room, message.Author.ID, strconv.FormatInt(int64(seq), 10))
		}
		return c.deleteMessage(tx, message)
	})
}

// deleteMessage erases a message that stands.
func (c *Community) deleteMessage(tx Tx, message Message) error {
	if err := tx.DeleteEdits(message.Room, message.Seq); err != nil {
		return err
	}
	message.Body, message.HTML, message.DeletedAt = "", "", c.now()
	return changeMessage(tx, message, MessageDeleted)
}

// messageSeen is a message as it stands, if the viewer may see it.
func messageSeen(tx Tx, viewer UserID, room RoomID, seq Seq) (RoomSeen, Message, error) {
	seen, err := tx.Room(viewer, room)
	if err != nil {
		return seen, Message{}, err
	}
	if seq <= seen.SinceSeq() {
		return seen, Message{}, ErrNotFound
	}
	message, err := tx.Message(room, seq)
	return seen, message, err
}

// changeMessage stores a message that was changed, under the room's next revision.
func changeMessage(tx Tx, message Message, kind EventKind) error {
	var err error
	if message.Rev, err = tx.AdvanceRev(message.Room); err != nil {
		return err
	}
	if err := tx.SaveMessage(message); err != nil {
		return err
	}
	tx.Publish(Event{Kind: kind, Room: message.Room, Rev: message.Rev})
	return nil
}
