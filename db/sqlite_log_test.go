//go:build !postgres

package db_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
)

// say writes a message of about so many bytes, past the rules, and waits until the queue has looked at its log.
func say(t *testing.T, d *dbtest.DB, author chat.UserID, room chat.RoomID, size int) {
	t.Helper()
	body := strings.Repeat("x", size)
	must(t, d.Write(t.Context(), room, func(tx chat.Tx) error {
		seq, rev, err := tx.AdvanceRoom(room)
		if err != nil {
			return err
		}
		return tx.CreateMessage(chat.MessageRow{
			Room: room, Seq: seq, Rev: rev, Author: author, Body: body, Key: chat.NewToken(16), BodyMAC: []byte{},
		})
	}))
	settled(t, d)
}

// settled returns when the queue is done with the last batch: a write that refuses begins a transaction after it.
func settled(t *testing.T, d *dbtest.DB) {
	t.Helper()
	if err := d.Write(t.Context(), 0, func(chat.Tx) error { return errRefused }); err == nil {
		t.Fatal("done")
	}
}

// What is written moves from the log into the database as it comes, so that the log stays short and a start quick.
func TestTheLogIsMovedWhenItIsDue(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := d.NewPerson(t, "ann")
	room := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
	longest := 0
	for range 30 {
		say(t, d, ann, room, 1<<20) // some 256 pages
		length, _, err := d.Log(t.Context())
		must(t, err)
		longest = max(longest, length)
	}
	if longest < db.LogDue || longest > 2*db.LogDue {
		t.Errorf("the log had up to %d pages; it is moved at %d", longest, db.LogDue)
	}
}

// Somebody who reads for long, as a copy does, keeps the log from being begun anew. It is cut when they are done.
func TestALongLogIsCutWhenItsReadersAreDone(t *testing.T) {
	t.Parallel()
	d := open(t)
	ann := d.NewPerson(t, "ann")
	room := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
	reader, err := d.Reader().BeginTx(t.Context(), nil)
	must(t, err)
	var n int
	must(t, reader.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM messages`).Scan(&n))
	length := 0
	for length <= db.LogLong+db.LogDue {
		say(t, d, ann, room, 8<<20)
		length, _, err = d.Log(t.Context())
		must(t, err)
	}
	must(t, reader.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM messages`).Scan(&n))
	if n != 0 {
		t.Errorf("the reader's time went on: %d messages", n)
	}
	must(t, reader.Rollback())
	say(t, d, ann, room, 8<<20)
	say(t, d, ann, room, 1)
	if length, _, err = d.Log(t.Context()); err != nil || length > 10 {
		t.Errorf("the log still has %d pages, %v", length, err)
	}
	info, err := os.Stat(filepath.Join(d.Place, "chinwag.db-wal"))
	must(t, err)
	if info.Size() > 1<<20 {
		t.Errorf("the log still takes %d bytes", info.Size())
	}
	checkWhole(t, d)
}

// No room to move the log is no room for the database to grow, not a broken disk: it is tried again.
func TestALogThatHasNoRoomStays(t *testing.T) {
	t.Parallel()
	disk := &faulty{}
	d := openFaulty(t, t.TempDir(), disk)
	ann := d.NewPerson(t, "ann")
	room := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
	tries := 0
	disk.breaks(func(statement string) error {
		if statement == "PRAGMA wal_checkpoint(PASSIVE)" {
			tries++
			return errFull
		}
		return nil
	}, nil)
	for range 20 {
		say(t, d, ann, room, 1<<20)
	}
	disk.breaks(nil, nil)
	if tries < 2 || tries > 5 {
		t.Errorf("tried %d times", tries)
	}
	for range 10 {
		say(t, d, ann, room, 1<<20)
	}
	if length, moved, err := d.Log(t.Context()); err != nil || length-moved > db.LogDue {
		t.Errorf("%d of %d pages moved, %v", moved, length, err)
	}
	must(t, d.Close())
}
