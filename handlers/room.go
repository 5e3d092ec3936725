package handlers

import (
	"errors"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/views"
)

// roomCookie remembers the last room, for the way home.
const roomCookie = "room"

func (s *Server) showRooms(c *call) error {
	f, err := s.page(c, 0)
	if err != nil {
		return err
	}
	words := c.Query("q")
	rooms, err := s.DB.Directory(c.ctx(), c.viewer(), words)
	if err != nil {
		return err
	}
	return s.draw(c, fiber.StatusOK, views.RoomsPage(f, rooms, words))
}

func (s *Server) showNewRoom(c *call) error {
	f, err := s.page(c, 0)
	if err != nil {
		return err
	}
	return s.draw(c, fiber.StatusOK, views.NewRoomPage(f, views.Form{Values: map[string]string{"kind": string(chat.RoomPublic)}}))
}

func (s *Server) createRoom(c *call) error {
	id, err := s.Community.CreateRoom(c.ctx(), c.viewer(), chat.NewRoom{
		Name: c.field("name"), Kind: chat.RoomKind(c.field("kind")), Topic: c.field("topic"),
	})
	if err != nil {
		return err
	}
	return c.go303(views.RoomPath(id))
}

// refuseRoom shows a refusal in the form, with what was typed.
func (s *Server) refuseRoom(c *call, f failure) error {
	frame, err := s.page(c, 0)
	if err != nil {
		return err
	}
	return s.draw(c, f.status, views.NewRoomPage(frame, views.Form{Values: c.typed(), Problem: f.told}))
}

// showRoom is a page of a room's messages; for our script, older messages alone.
func (s *Server) showRoom(c *call) error {
	page := db.Page{Before: c.seqQuery("before"), After: c.seqQuery("after"), At: c.seqQuery("at")}
	return s.drawRoom(c, page)
}

// showMessage is the room around one message.
func (s *Server) showMessage(c *call) error {
	seq, err := c.number("seq")
	if err != nil {
		return err
	}
	return s.drawRoom(c, db.Page{At: chat.Seq(seq)})
}

func (s *Server) drawRoom(c *call, page db.Page) error {
	room, err := c.room()
	if err != nil {
		return err
	}
	props, err := s.readRoom(c, room, page)
	if err != nil {
		return err
	}
	if c.htmx() && page.Before > 0 {
		return s.drawOlder(c, props, page.Before)
	}
	f, err := s.page(c, room)
	if err != nil {
		return err
	}
	s.rememberRoom(c, room)
	props.Chosen = chosen(c, props)
	return s.draw(c, fiber.StatusOK, views.RoomPage(f, props))
}

// drawOlder answers the script that scrolled up: older messages, and the one that stood first until now drawn again,
// because it may belong to the group or the day before it.
func (s *Server) drawOlder(c *call, props views.RoomProps, before chat.Seq) error {
	boundary, err := s.DB.Message(c.ctx(), c.viewer(), props.Room.ID, before)
	if err != nil && !errors.Is(err, chat.ErrNotFound) {
		return err
	}
	return s.draw(c, fiber.StatusOK, views.OlderMessages(s.frame(c), props, boundary))
}

// readRoom reads what a page of a room shows. The newest messages are at hand where somebody looked lately.
func (s *Server) readRoom(c *call, room chat.RoomID, page db.Page) (views.RoomProps, error) {
	props := views.RoomProps{At: page.At, Key: s.Community.NewKey(c.viewer())}
	var err error
	if page == (db.Page{}) {
		if props.Room, err = s.DB.Room(c.ctx(), c.viewer(), room); err != nil {
			return props, err
		}
		since := props.Room.SinceSeq()
		props.Messages, err = s.live.tails.newest(c.ctx(), c.settings, props.Room.Room, since)
		if err != nil || len(props.Messages) > 0 {
			props.Messages = visible(props.Messages, since)
			props.Older = len(props.Messages) > 0 && props.Messages[0].Seq > since+1
			return props, err
		}
	}
	h, err := s.DB.History(c.ctx(), c.viewer(), room, page)
	props.Room, props.Messages, props.Older, props.Newer = h.Room, views.Undrawn(h.Messages), h.Older, h.Newer
	return props, err
}

// seqQuery reads a message number of the query; what is not one counts as not asked.
func (c *call) seqQuery(name string) chat.Seq {
	n, err := strconv.ParseInt(c.Query(name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return chat.Seq(n)
}

// lastRoom says which room the cookie remembers, if the viewer may still see it.
func (s *Server) lastRoom(c *call) (chat.RoomID, error) {
	n, err := strconv.ParseInt(c.Cookies(roomCookie), 10, 64)
	if err != nil {
		return 0, chat.ErrNotFound
	}
	seen, err := s.DB.Room(c.ctx(), c.viewer(), chat.RoomID(n))
	return seen.ID, err
}

// rememberRoom makes a room home. A browser that knows is not told again: every byte of a page counts.
func (s *Server) rememberRoom(c *call, room chat.RoomID) {
	if id := strconv.FormatInt(int64(room), 10); c.Cookies(roomCookie) != id {
		s.setCookie(c, roomCookie, id, cookieAge)
	}
}

// forgetRoom makes the directory home again.
func (s *Server) forgetRoom(c *call) { s.setCookie(c, roomCookie, "", -time.Second) }
