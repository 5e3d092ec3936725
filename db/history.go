package db

import (
	"context"

	"chinwag/chat"
)

// PageLength is how many messages a page shows.
const PageLength = 50

// Page says which messages of a room are asked for. The zero value is the newest.
type Page struct {
	Before chat.Seq // the page that ends just before this message
	After  chat.Seq // the page that begins just after this message
	At     chat.Seq // the page around this message, which must be there
}

// History is a piece of a room as one viewer may see it, read in one snapshot.
type History struct {
	Room     chat.RoomSeen
	Messages []chat.Message // in order
	Older    bool           // there are messages before these
	Newer    bool           // there are messages after these
}

// History reads a page of a room, drawn, without the texts as typed. It is [chat.ErrNotFound] when the viewer may not know
// the room, or page.At is not there.
func (d *DB) History(ctx context.Context, viewer chat.UserID, room chat.RoomID, page Page) (h History, err error) {
	err = d.snapshot(ctx, func(q querier) error {
		h.Room, err = scanRoomSeen(q.QueryRowContext(ctx, d.sql(selectRoom), viewer, room), viewer)
		if err != nil {
			return err
		}
		lowest := h.Room.SinceSeq() + 1
		first, last := page.span(lowest, h.Room.LastSeq)
		if page.At > 0 && (page.At < first || page.At > last) {
			return chat.ErrNotFound
		}
		h.Older, h.Newer = first > lowest, last < h.Room.LastSeq
		h.Messages, err = d.messages(ctx, q, forViewer+selectMessages+`WHERE x.seq BETWEEN $3 AND $4 ORDER BY x.seq`,
			viewer, room, first, last)
		return err
	})
	return h, err
}

// span counts out the first and the last message of a page among those the viewer may see: numbers have no holes.
// An empty page ends before it begins.
func (p Page) span(lowest, highest chat.Seq) (first, last chat.Seq) {
	switch {
	case p.At > 0:
		first, last = p.At-PageLength/2, p.At+PageLength/2-1
	case p.After > 0:
		first = max(min(p.After, highest)+1, lowest)
		last = first + PageLength - 1
	default:
		last = highest
		if p.Before > 0 {
			last = min(p.Before-1, highest)
		}
		first = last - PageLength + 1
	}
	return max(first, lowest), min(last, highest)
}
