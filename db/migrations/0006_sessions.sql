-- +goose Up
ALTER TABLE sessions ADD COLUMN proved_at BIGINT NOT NULL DEFAULT 0; -- when the password was last typed; 0: at signed_in_at
ALTER TABLE sessions ADD COLUMN replaced BOOLEAN NOT NULL DEFAULT FALSE; -- the browser has another id by now; signed_in_at is 0
