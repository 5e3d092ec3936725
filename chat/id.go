package chat

// UserID is a person's number in the community: 1, 2, 3…, never used again.
type UserID int64

// RoomID is a room's number in the community: 1, 2, 3…, never used again.
type RoomID int64

// Seq is a message's number within its room: 1, 2, 3… without a hole.
type Seq int64

// Rev counts every change of a room: a post, an edit, a deletion, a new head.
type Rev int64
