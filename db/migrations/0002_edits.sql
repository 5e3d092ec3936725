-- +goose Up
CREATE TABLE edits (
    room_id    BIGINT NOT NULL,
    seq        BIGINT NOT NULL,
    rev        BIGINT NOT NULL, -- the message's revision when this version was replaced: it rises from version to version
    body       TEXT   NOT NULL,
    html       TEXT   NOT NULL,
    written_at BIGINT NOT NULL,
    PRIMARY KEY (room_id, seq, rev),
    FOREIGN KEY (room_id, seq) REFERENCES messages (room_id, seq)
);

ALTER TABLE community ADD COLUMN faces_rev BIGINT NOT NULL DEFAULT 0; -- moves with every change of anybody's name or avatar
