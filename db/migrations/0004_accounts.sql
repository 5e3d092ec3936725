-- +goose Up
ALTER TABLE users ADD COLUMN deleted_at BIGINT NOT NULL DEFAULT 0; -- 0: it is there

-- What is sent to somebody, or handed to them, to be followed once.
CREATE TABLE links (
    hash       TEXT   PRIMARY KEY, -- the token itself is only in the link
    purpose    TEXT   NOT NULL,
    user_id    BIGINT NOT NULL REFERENCES users (id),
    email      TEXT   NOT NULL, -- the address that it confirms
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL -- 0: not yet
);
CREATE INDEX links_user ON links (user_id, purpose);

-- What is still to be done after what caused it was stored.
CREATE TABLE jobs (
    id           BIGINT PRIMARY KEY,
    kind         TEXT   NOT NULL,
    user_id      BIGINT NOT NULL, -- whom it is about; 0: nobody who is known yet
    payload      TEXT   NOT NULL, -- JSON; nothing in it is secret
    created_at   BIGINT NOT NULL,
    run_at       BIGINT NOT NULL, -- not before
    leased_until BIGINT NOT NULL, -- a node is at it until then
    attempts     BIGINT NOT NULL,
    failed_at    BIGINT NOT NULL, -- when it was given up; 0: it was not
    problem      TEXT   NOT NULL  -- of the last attempt
);
CREATE INDEX jobs_run ON jobs (run_at, id);

CREATE TABLE invitations (
    id         BIGINT PRIMARY KEY,
    by_id      BIGINT NOT NULL REFERENCES users (id),
    room_id    BIGINT NOT NULL, -- 0: none
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL, -- 0: never
    uses       BIGINT NOT NULL, -- how many there may be; 0: no limit
    used       BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL -- 0: never
);

-- Who did what to an account or the community. Rows are only added.
CREATE TABLE audit (
    id       BIGINT PRIMARY KEY,
    at       BIGINT NOT NULL,
    actor_id BIGINT NOT NULL, -- 0: whoever runs the server
    action   TEXT   NOT NULL,
    user_id  BIGINT NOT NULL, -- to whom; 0: to nobody
    room_id  BIGINT NOT NULL, -- 0: none
    address  TEXT   NOT NULL,
    detail   TEXT   NOT NULL
);
CREATE INDEX audit_actor ON audit (actor_id, id);
CREATE INDEX audit_user ON audit (user_id, id);
CREATE INDEX audit_action ON audit (action, id);
