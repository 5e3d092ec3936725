package handlers

import (
	"context"
	"fmt"
	"io"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/views"
)

// download gives somebody a file with all that is kept about them.
func (s *Server) download(c *call) error {
	format := c.field("format")
	if format != "html" && format != "json" {
		return &chat.Invalid{Field: "format", Sentence: "download.format"}
	}
	end, err := s.streams.begin(c.viewer())
	if err != nil {
		return err
	}
	if err := s.sendData(c, format, end); err != nil {
		end()
		return err
	}
	return nil
}

// sendData begins to send a file with somebody's data, and says when that has ended, unless it fails.
func (s *Server) sendData(c *call, format string, end func()) error {
	own, err := s.DB.OwnData(c.ctx(), c.viewer())
	if err != nil {
		return err
	}
	if err := s.Community.NoteDownload(c.ctx(), s.actor(c), format); err != nil {
		return err
	}
	c.Type(format, "utf-8")
	if format == "html" {
		s.setDocumentHeaders(c)
	}
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="chinwag-`+own.User.Username+`.`+format+`"`) // usernames are ASCII
	f := s.frame(c)
	f.Viewer = nil
	now := s.Community.Now()
	s.stream(c, func(ctx context.Context, w io.Writer) error {
		defer end()
		if format == "json" {
			return s.writeData(ctx, w, own.User.ID, newData(f.Community, now, own))
		}
		return s.drawDownload(ctx, w, f, downloadOf(own, now))
	})
	return nil
}

// drawDownload draws the file for people. What they wrote is drawn while it is read.
func (s *Server) drawDownload(ctx context.Context, w io.Writer, f views.Frame, p views.DownloadProps) error {
	messages := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		room := chat.RoomID(0)
		return s.ownMessages(ctx, p.User.ID, func(m db.OwnMessage) error {
			if m.Room != room {
				room = m.Room
				if err := views.DownloadRoom(f, m.RoomName).Render(ctx, w); err != nil {
					return err
				}
			}
			return views.DownloadMessage(f, views.DownloadedMessage{
				HTML: m.HTML, At: m.At, EditedAt: m.EditedAt, Older: m.Older,
			}).Render(ctx, w)
		})
	})
	if err := views.DownloadPage(f, p, messages).Render(ctx, w); err != nil {
		return fmt.Errorf("draw a download: %w", err)
	}
	return nil
}

// messagesBetween is after how many messages of a file it is looked whether its person is still signed in anywhere.
const messagesBetween = 1000

// ownMessages reads what somebody wrote, as long as they are signed in: with a file that is read slowly, somebody who was put out
// would go on reading. ErrSignedOut: they are not any more.
func (s *Server) ownMessages(ctx context.Context, user chat.UserID, give func(db.OwnMessage) error) error {
	n := 0
	return s.DB.OwnMessages(ctx, user, func(m db.OwnMessage) error {
		if n++; n%messagesBetween == 0 {
			devices, err := s.devices(ctx, user)
			if err != nil {
				return err
			}
			if len(devices) == 0 {
				return chat.ErrSignedOut
			}
		}
		return give(m)
	})
}
