package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"chinwag/chat"
)

// OwnData is what is kept about somebody but their messages, for themselves.
type OwnData struct {
	User        chat.User
	Email       chat.Email
	Rooms       []OwnRoom
	Devices     []chat.Device // whether they are too old is for the rules to say
	Invitations []chat.Invitation
	Log         []chat.Entry // of what others did to them it does not say who did it, nor from where
}

// OwnRoom is a room somebody is in, and as what.
type OwnRoom struct {
	chat.Room
	chat.Membership
}

// OwnData reads what is kept about somebody.
func (d *DB) OwnData(ctx context.Context, user chat.UserID) (own OwnData, err error) {
	account, err := d.AccountByID(ctx, user)
	if err != nil {
		return own, err
	}
	own.User = account.User
	if own.Email, err = d.Email(ctx, user); err != nil {
		return own, err
	}
	if own.Rooms, err = d.ownRooms(ctx, user); err != nil {
		return own, err
	}
	if own.Devices, err = d.Devices(ctx, user); err != nil {
		return own, err
	}
	if own.Invitations, err = d.ownInvitations(ctx, user); err != nil {
		return own, err
	}
	own.Log, err = d.ownLog(ctx, user)
	return own, err
}

func (d *DB) ownRooms(ctx context.Context, user chat.UserID) (list []OwnRoom, err error) {
	err = d.each(ctx, d.reader, func(rows *sql.Rows) error {
		r := OwnRoom{Membership: chat.Membership{User: user}}
		var joinedAt int64
		err := rows.Scan(append(roomFields(&r.Room), &r.Role, &r.SinceSeq, &r.ReadSeq, &joinedAt)...)
		r.Membership.Room, r.JoinedAt = r.ID, moment(joinedAt)
		list = append(list, r)
		return err
	}, `SELECT `+roomColumns+`, m.role, m.since_seq, m.read_seq, m.joined_at
		FROM memberships m JOIN rooms r ON r.id = m.room_id WHERE m.user_id = $1 ORDER BY r.name_key, r.id`, user)
	return list, found(err, "read one's rooms")
}

func (d *DB) ownInvitations(ctx context.Context, user chat.UserID) (list []chat.Invitation, err error) {
	err = d.each(ctx, d.reader, func(rows *sql.Rows) error {
		i, err := scanInvitation(rows)
		list = append(list, i)
		return err
	}, selectInvitation+` WHERE i.by_id = $1 ORDER BY i.id`, user)
	return list, found(err, "read one's invitations")
}

func (d *DB) ownLog(ctx context.Context, user chat.UserID) (list []chat.Entry, err error) {
	const entries = `SELECT ` + entryColumns + ` FROM audit WHERE `
	err = d.each(ctx, d.reader, func(rows *sql.Rows) error {
		var e chat.Entry
		var at int64
		err := rows.Scan(&e.ID, &at, &e.ActorID, &e.Action, &e.User, &e.Room, &e.Address, &e.Detail)
		if e.At = moment(at); e.ActorID != user {
			e.ActorID, e.Address = 0, ""
		}
		list = append(list, e)
		return err
	}, entries+`actor_id = $1 UNION `+entries+`user_id = $1 ORDER BY id`, user)
	return list, found(err, "read one's log")
}

// OwnMessage is a message of somebody's with all that is kept of it.
type OwnMessage struct {
	Room     chat.RoomID
	RoomName string // empty: they may not see the room any more
	Seq      chat.Seq
	Body     string
	HTML     chat.SafeHTML
	At       time.Time
	EditedAt time.Time   // zero: never
	Older    []chat.Edit // what it said before, oldest first
}

// ownPiece is how many messages are in memory at once.
const ownPiece = 128

// OwnMessages hands on somebody's messages that were not deleted, room by room, in order. An error of fn ends it.
func (d *DB) OwnMessages(ctx context.Context, user chat.UserID, fn func(OwnMessage) error) error {
	written, err := d.WrittenBy(ctx, user)
	if err != nil {
		return err
	}
	for _, in := range written {
		seen, err := d.Room(ctx, user, in.Room)
		if err != nil && !errors.Is(err, chat.ErrNotFound) {
			return err
		}
		for some := range slices.Chunk(in.Seqs, ownPiece) {
			list, err := d.ownMessages(ctx, in.Room, some)
			if err != nil {
				return err
			}
			for _, m := range list {
				m.RoomName = seen.Name
				if err := fn(m); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// ownMessages reads some messages of a room.
func (d *DB) ownMessages(ctx context.Context, room chat.RoomID, some []chat.Seq) ([]OwnMessage, error) {
	some = padded(some)
	among := `WHERE room_id = $1 AND seq IN (` + placeholders(2, len(some)) + `) `
	args := []any{room}
	for _, seq := range some {
		args = append(args, seq)
	}
	older := map[chat.Seq][]chat.Edit{}
	err := d.each(ctx, d.reader, func(rows *sql.Rows) error {
		var seq chat.Seq
		var e chat.Edit
		var at int64
		err := rows.Scan(&seq, &e.Body, &e.HTML, &at)
		e.At = moment(at)
		older[seq] = append(older[seq], e)
		return err
	}, `SELECT seq, body, html, written_at FROM edits `+among+`ORDER BY seq, rev`, args...)
	if err != nil {
		return nil, found(err, "read older versions")
	}
	var list []OwnMessage
	err = d.each(ctx, d.reader, func(rows *sql.Rows) error {
		m := OwnMessage{Room: room}
		var at, editedAt int64
		err := rows.Scan(&m.Seq, &m.Body, &m.HTML, &at, &editedAt)
		m.At, m.EditedAt, m.Older = moment(at), moment(editedAt), older[m.Seq]
		list = append(list, m)
		return err
	}, `SELECT seq, body, html, created_at, edited_at FROM messages `+among+`AND deleted_at = 0 ORDER BY seq`, args...)
	return list, found(err, "read one's messages")
}
