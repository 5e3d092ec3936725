package db

import (
	"context"
	"database/sql"
	"slices"

	"chinwag/chat"
)

// visibleRoom is the one place that says who may know a room: the viewer ($1) and the room ($2) go in, and there is a
// row only if the room is public or theirs. Every read of a room or of what stands in it starts from here.
const visibleRoom = `
	FROM rooms r LEFT JOIN memberships m ON m.room_id = r.id AND m.user_id = $1` + whereVisible

const whereVisible = `
	WHERE r.id = $2 AND (r.kind = 'public' OR m.user_id IS NOT NULL)`

const roomColumns = `r.id, r.kind, r.name, r.topic, r.last_seq, r.rev, r.head_rev, r.floor_rev, r.members`

const roomSeenColumns = roomColumns + `, m.role, m.since_seq, m.read_seq, m.joined_at`

const selectRoom = `SELECT ` + roomSeenColumns + visibleRoom

// Room reads a room as the viewer may see it; [chat.ErrNotFound] stands for both missing and hidden.
func (d *DB) Room(ctx context.Context, viewer chat.UserID, room chat.RoomID) (chat.RoomSeen, error) {
	return scanRoomSeen(d.reader.QueryRowContext(ctx, d.sql(selectRoom), viewer, room), viewer)
}

// Room reads a room inside the transaction. See [chat.RoomTx].
func (t *tx) Room(viewer chat.UserID, room chat.RoomID) (chat.RoomSeen, error) {
	return scanRoomSeen(t.row(selectRoom, viewer, room), viewer)
}

func scanRoomSeen(r row, viewer chat.UserID, more ...any) (chat.RoomSeen, error) {
	var seen chat.RoomSeen
	var role sql.NullString
	var since, read, joined sql.NullInt64
	err := r.Scan(slices.Concat(roomFields(&seen.Room), []any{&role, &since, &read, &joined}, more)...)
	if err != nil {
		return seen, found(err, "read room")
	}
	if role.Valid {
		seen.Membership = &chat.Membership{
			Room: seen.ID, User: viewer, Role: chat.MemberRole(role.String),
			SinceSeq: chat.Seq(since.Int64), ReadSeq: chat.Seq(read.Int64), JoinedAt: moment(joined.Int64),
		}
	}
	return seen, nil
}

func roomFields(r *chat.Room) []any {
	return []any{&r.ID, &r.Kind, &r.Name, &r.Topic, &r.LastSeq, &r.Rev, &r.HeadRev, &r.FloorRev, &r.Members}
}

// Revs reads how far some rooms have come, for whoever follows them.
func (d *DB) Revs(ctx context.Context, rooms []chat.RoomID) (map[chat.RoomID]chat.Rev, error) {
	revs := make(map[chat.RoomID]chat.Rev, len(rooms))
	for some := range slices.Chunk(rooms, chunk) {
		some = padded(some)
		args := make([]any, len(some))
		for i, room := range some {
			args[i] = room
		}
		err := d.each(ctx, d.reader, func(rows *sql.Rows) error {
			var room chat.RoomID
			var rev chat.Rev
			err := rows.Scan(&room, &rev)
			revs[room] = rev
			return err
		}, `SELECT id, rev FROM rooms WHERE id IN (`+placeholders(1, len(some))+`)`, args...)
		if err != nil {
			return nil, found(err, "read revisions")
		}
	}
	return revs, nil
}

// directoryLimit is how many rooms a page of the directory shows; the search finds the others.
const directoryLimit = 200

// Directory lists the rooms the viewer may know, by name, only those that contain the words if there are any.
func (d *DB) Directory(ctx context.Context, viewer chat.UserID, words string) ([]chat.DirectoryRoom, error) {
	var list []chat.DirectoryRoom
	err := d.each(ctx, d.reader, func(rows *sql.Rows) error {
		var r chat.DirectoryRoom
		err := rows.Scan(append(roomFields(&r.Room), &r.Joined)...)
		list = append(list, r)
		return err
	}, `
		SELECT `+roomColumns+`, m.user_id IS NOT NULL
		FROM rooms r LEFT JOIN memberships m ON m.room_id = r.id AND m.user_id = $1
		WHERE (r.kind = 'public' OR m.user_id IS NOT NULL) AND r.name_key LIKE $2 ESCAPE '\'
		ORDER BY r.name_key, r.id LIMIT $3`, viewer, containing(words), directoryLimit)
	return list, found(err, "read directory")
}

// RoomsOf lists the rooms somebody is a member of, by name: their numbers, kinds and names, for every page's sidebar.
func (d *DB) RoomsOf(ctx context.Context, viewer chat.UserID) ([]chat.Room, error) {
	var list []chat.Room
	err := d.each(ctx, d.reader, func(rows *sql.Rows) error {
		var r chat.Room
		err := rows.Scan(&r.ID, &r.Kind, &r.Name)
		list = append(list, r)
		return err
	}, `
		SELECT r.id, r.kind, r.name
		FROM memberships m JOIN rooms r ON r.id = m.room_id
		WHERE m.user_id = $1 ORDER BY r.name_key, r.id`, viewer)
	return list, found(err, "read rooms")
}

// DefaultRooms lists the rooms newcomers are members of. See [chat.RoomTx].
func (t *tx) DefaultRooms() ([]chat.Room, error) {
	var list []chat.Room
	err := t.each(func(rows *sql.Rows) error {
		var r chat.Room
		err := rows.Scan(roomFields(&r)...)
		list = append(list, r)
		return err
	}, `SELECT `+roomColumns+` FROM rooms r WHERE r.is_default ORDER BY r.id`)
	return list, found(err, "read default rooms")
}

// CreateRoom stores a new room without members. See [chat.RoomTx].
func (t *tx) CreateRoom(r chat.RoomRow) error {
	return found(t.exec(`
		INSERT INTO rooms (id, kind, name, name_key, topic, is_default, members, last_seq, rev, head_rev, floor_rev, created_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, 0, 0, $7, $8)`,
		r.ID, r.Kind, r.Name, r.NameKey, r.Topic, r.Default, r.CreatedBy, millis(r.CreatedAt)), "create room")
}

// AdvanceRev takes the next revision of a room. See [chat.RoomTx].
func (t *tx) AdvanceRev(room chat.RoomID) (rev chat.Rev, err error) {
	err = t.change(`UPDATE rooms SET rev = rev + 1 WHERE id = $1 RETURNING rev`, room).Scan(&rev)
	return rev, found(err, "advance revision")
}

// AdvanceRoom takes the next numbers of a room. See [chat.RoomTx].
func (t *tx) AdvanceRoom(room chat.RoomID) (seq chat.Seq, rev chat.Rev, err error) {
	err = t.change(`UPDATE rooms SET last_seq = last_seq + 1, rev = rev + 1 WHERE id = $1 RETURNING last_seq, rev`, room).
		Scan(&seq, &rev)
	return seq, rev, found(err, "advance room")
}
