-- One text for SQLite and PostgreSQL. Numbers are made by us, times are milliseconds since 1970 in UTC,
-- *_key columns hold text folded by the program, because databases disagree on what a letter's other case is.

-- +goose Up
CREATE TABLE counters (
    noun  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE community (
    id           BIGINT PRIMARY KEY CHECK (id = 1),
    name         TEXT   NOT NULL,
    registration TEXT   NOT NULL,
    zone         TEXT   NOT NULL,
    set_up_at    BIGINT NOT NULL, -- 0: not yet
    security_rev BIGINT NOT NULL  -- moves whenever a session or a right ends
);
INSERT INTO community (id, name, registration, zone, set_up_at, security_rev) VALUES (1, '', 'closed', 'UTC', 0, 0);

CREATE TABLE users (
    id             BIGINT  PRIMARY KEY,
    username       TEXT    NOT NULL,
    username_key   TEXT    NOT NULL UNIQUE,
    display_name   TEXT    NOT NULL,
    email          TEXT    NOT NULL, -- empty: none given
    email_key      TEXT    NOT NULL,
    email_verified BOOLEAN NOT NULL,
    password_hash  TEXT    NOT NULL,
    role           TEXT    NOT NULL,
    face_rev       BIGINT  NOT NULL, -- moves with every change of name or avatar
    created_at     BIGINT  NOT NULL,
    disabled       BOOLEAN NOT NULL
);
-- An address signs in only once it is known to be its owner's, and then it is one person's.
CREATE UNIQUE INDEX users_email ON users (email_key) WHERE email_verified;

CREATE TABLE sessions (
    id_hash      TEXT   PRIMARY KEY, -- the id itself is only in the browser
    user_id      BIGINT NOT NULL REFERENCES users (id),
    signed_in_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    address      TEXT   NOT NULL,
    browser      TEXT   NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE rooms (
    id         BIGINT  PRIMARY KEY,
    kind       TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    name_key   TEXT    NOT NULL,
    topic      TEXT    NOT NULL,
    is_default BOOLEAN NOT NULL, -- newcomers are members from the start
    members    BIGINT  NOT NULL, -- how many memberships there are
    last_seq   BIGINT  NOT NULL, -- the newest message's number
    rev        BIGINT  NOT NULL, -- the newest change's number
    head_rev   BIGINT  NOT NULL, -- the newest change of name, topic, kind or roles
    floor_rev  BIGINT  NOT NULL, -- a cursor below it cannot be caught up piece by piece
    created_by BIGINT  NOT NULL REFERENCES users (id),
    created_at BIGINT  NOT NULL
);
CREATE INDEX rooms_name ON rooms (name_key, id);

CREATE TABLE memberships (
    room_id   BIGINT NOT NULL REFERENCES rooms (id),
    user_id   BIGINT NOT NULL REFERENCES users (id),
    role      TEXT   NOT NULL,
    since_seq BIGINT NOT NULL, -- messages up to it are not this member's to read
    read_seq  BIGINT NOT NULL, -- read up to here
    joined_at BIGINT NOT NULL,
    PRIMARY KEY (room_id, user_id)
);
CREATE INDEX memberships_user ON memberships (user_id, room_id);

CREATE TABLE messages (
    room_id    BIGINT NOT NULL REFERENCES rooms (id),
    seq        BIGINT NOT NULL,
    rev        BIGINT NOT NULL, -- the room's revision at its last change
    born       BIGINT NOT NULL, -- the room's revision when it was posted
    author_id  BIGINT NOT NULL REFERENCES users (id),
    body       TEXT   NOT NULL, -- as typed
    html       TEXT   NOT NULL, -- as drawn at the write
    created_at BIGINT NOT NULL,
    edited_at  BIGINT NOT NULL, -- 0: never
    deleted_at BIGINT NOT NULL, -- 0: it stands
    send_key   TEXT   NOT NULL,
    body_mac   BYTEA  NOT NULL, -- of the first body: tells a repeat from another text
    PRIMARY KEY (room_id, seq)
);
CREATE UNIQUE INDEX messages_rev ON messages (room_id, rev);
CREATE UNIQUE INDEX messages_send ON messages (author_id, send_key);
