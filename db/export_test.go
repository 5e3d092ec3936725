package db

import (
	"database/sql"

	"chinwag/chat"
)

// What tests see of the inside.

// QueueLength and BatchLength are how much waits and how much is committed together.
const (
	QueueLength = queueLength
	BatchLength = batchLength
)

// Waiting is how many writes the queue has not looked at yet.
func (d *DB) Waiting() int {
	d.queue.mu.Lock()
	defer d.queue.mu.Unlock()
	return d.queue.waiting
}

// Closing says whether the queue takes nothing on any more.
func (d *DB) Closing() bool {
	d.queue.mu.Lock()
	defer d.queue.mu.Unlock()
	return d.queue.closed
}

// Writer and Reader are the two pools.
func (d *DB) Writer() *sql.DB { return d.writer }
func (d *DB) Reader() *sql.DB { return d.reader }

// Found is what reads and rules make of the database's errors.
var Found = found

// Lane is what a room's writes wait in, by the number of one of its rooms.
func (d *DB) Lane(room chat.RoomID) chat.RoomID { return chat.RoomID(d.dialect.lane(room)) }
