-- +goose Up
-- What nodes that share a database sign with. Where there is one node, a file beside the database holds it.
CREATE TABLE secret (
    id    BIGINT PRIMARY KEY CHECK (id = 1),
    value BYTEA  NOT NULL
);
