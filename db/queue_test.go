package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

var errRefused = errors.New("refused")

// write is one person's wish in a test of the queue: a message, unless it ends otherwise.
type write struct {
	key  string
	room chat.RoomID
	end  string // accepted, refused before or after writing, …
}

var ends = []string{
	"accepted", "accepted with two messages", "refused", "refused after writing", "panics", "panics after writing", "breaks a constraint",
}

func (w write) accepted() bool { return strings.HasPrefix(w.end, "accepted") }

// keys are those of the messages that must be there afterwards.
func (w write) keys() []string {
	switch w.end {
	case "accepted":
		return []string{w.key}
	case "accepted with two messages":
		return []string{w.key, w.key + "+"}
	}
	return nil
}

// rule does the write. Every message takes a number that counts all that was ever committed, and names it in its event.
func (w write) rule(author chat.UserID) func(chat.Tx) error {
	return func(tx chat.Tx) error {
		switch w.end {
		case "refused":
			tx.Publish(chat.Event{Kind: chat.MessagePosted, Room: w.room, Session: chat.SessionHash(w.key)})
			return errRefused
		case "panics":
			panic(w.key)
		}
		if err := w.post(tx, author, w.key); err != nil {
			return err
		}
		switch w.end {
		case "accepted with two messages":
			return w.post(tx, author, w.key+"+")
		case "refused after writing":
			return errRefused
		case "panics after writing":
			panic(w.key)
		case "breaks a constraint":
			return tx.CreateMessage(chat.MessageRow{Room: w.room, Seq: 1, Rev: 1, Author: author, Key: w.key, BodyMAC: []byte{}})
		}
		return nil
	}
}

func (w write) post(tx chat.Tx, author chat.UserID, key string) error {
	order, err := tx.Next("order")
	if err != nil {
		return err
	}
	seq, rev, err := tx.AdvanceRoom(w.room)
	if err != nil {
		return err
	}
	err = tx.CreateMessage(chat.MessageRow{Room: w.room, Seq: seq, Rev: rev, Author: author, Body: key, Key: key, BodyMAC: []byte{}})
	tx.Publish(chat.Event{Kind: chat.MessagePosted, Room: w.room, Rev: rev, User: chat.UserID(order), Session: chat.SessionHash(key)})
	return err
}

// check says what is wrong with the answer, at the moment it is given.
func (w write) check(d *dbtest.DB, answer error) error {
	switch {
	case w.accepted() && answer != nil:
		return fmt.Errorf("%s: %w", w.key, answer)
	case !w.accepted() && answer == nil:
		return fmt.Errorf("%s %s and was answered done", w.key, w.end)
	case strings.HasPrefix(w.end, "refused") && answer != errRefused: //nolint:errorlint // it comes back as it is
		return fmt.Errorf("%s was answered %w", w.key, answer)
	}
	told := map[chat.SessionHash]bool{}
	for _, e := range d.Events.List() {
		told[e.Session] = true
	}
	for _, key := range w.keys() {
		if !told[chat.SessionHash(key)] {
			return fmt.Errorf("%s was answered before its event", key)
		}
	}
	return nil
}

// Whatever many people ask for at once, and however it ends: what was accepted is there, once, in order, and was told;
// what was not has left no trace.
func TestQueueKeepsExactlyWhatItAccepts(t *testing.T) {
	t.Parallel()
	d := open(t)
	author := d.NewPerson(t, "ann")
	round := 0
	rapid.Check(t, func(r *rapid.T) {
		round++
		before := len(d.Events.List())
		rooms := []chat.RoomID{}
		for i := range 3 {
			rooms = append(rooms, d.NewRoom(t, chat.RoomPublic, fmt.Sprintf("%d-%d", round, i), author))
		}
		writes := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) write {
			return write{room: rapid.SampledFrom(rooms).Draw(r, "room"), end: rapid.SampledFrom(ends).Draw(r, "end")}
		}), 1, 40).Draw(r, "writes")
		together := rapid.Bool().Draw(r, "together")

		letGo := func() {}
		if together {
			letGo = hold(t, d.DB, rooms...)
		}
		faults := make(chan error, len(writes))
		want := map[chat.RoomID]map[string]bool{rooms[0]: {}, rooms[1]: {}, rooms[2]: {}}
		for i := range writes {
			w := &writes[i]
			w.key = fmt.Sprintf("%d-%d", round, i)
			for _, key := range w.keys() {
				want[w.room][key] = true
			}
			go func() { faults <- w.check(d, d.Write(context.Background(), w.room, w.rule(author))) }()
		}
		if together {
			waiting(d.DB, len(writes))
		}
		letGo()
		for range writes {
			if err := <-faults; err != nil {
				r.Error(err)
			}
		}
		for room, keys := range want {
			checkRoom(r, t, d, room, keys)
		}
		checkEvents(r, d, before, want)
	})
}

// checkRoom looks at what a room holds: the messages with these keys, numbered without a hole, their revisions rising.
func checkRoom(r *rapid.T, t *testing.T, d *dbtest.DB, room chat.RoomID, keys map[string]bool) {
	bodies := dbtest.All[string](t, d, `SELECT body FROM messages WHERE room_id = $1 ORDER BY seq`, room)
	if len(bodies) != len(keys) {
		r.Errorf("%d messages, want %d", len(bodies), len(keys))
	}
	for _, body := range bodies {
		if !keys[body] {
			r.Errorf("%s is there", body)
		}
	}
	for i, seq := range dbtest.All[int](t, d, `SELECT seq FROM messages WHERE room_id = $1 ORDER BY seq`, room) {
		if seq != i+1 {
			r.Errorf("number %d in place %d", seq, i+1)
		}
	}
	last := 0
	for _, rev := range dbtest.All[int](t, d, `SELECT rev FROM messages WHERE room_id = $1 ORDER BY seq`, room) {
		if rev <= last {
			r.Errorf("revision %d after %d", rev, last)
		}
		last = rev
	}
	if n := dbtest.One[int](t, d, `SELECT last_seq FROM rooms WHERE id = $1`, room); n != len(keys) {
		r.Errorf("the room counts %d messages, want %d", n, len(keys))
	}
}

// checkEvents looks at what was told: each committed message once, those of a lane in the order of commits, and nothing else.
func checkEvents(r *rapid.T, d *dbtest.DB, before int, want map[chat.RoomID]map[string]bool) {
	last := map[chat.RoomID]chat.UserID{}
	for _, e := range d.Events.List()[before:] {
		if !want[e.Room][string(e.Session)] {
			r.Errorf("told of %s in room %d", e.Session, e.Room)
		}
		delete(want[e.Room], string(e.Session))
		lane := d.Lane(e.Room)
		if e.User <= last[lane] {
			r.Errorf("commit %d was told after %d", e.User, last[lane])
		}
		last[lane] = e.User
	}
	for room, keys := range want {
		if len(keys) > 0 {
			r.Errorf("never told of %v in room %d", keys, room)
		}
	}
}
