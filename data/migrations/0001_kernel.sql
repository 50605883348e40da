-- +goose Up

PRAGMA application_id = 1129140308; -- 'CMPT': how Open knows its own file

-- The one log of what happened: outbox of a chain of cafés, source of hints to screens.
-- Fiscal facts stand in the journal; a body here names journal seqs and adds what is not fiscal.
CREATE TABLE events (
  seq   INTEGER PRIMARY KEY CHECK (seq >= 1),
  epoch INTEGER NOT NULL CHECK (epoch >= 1), -- changes only when a machine is restored
  cmd   TEXT    NOT NULL,                    -- id of the command, '' when the café acted by itself
  at    INTEGER NOT NULL,                    -- Unix milliseconds, UTC
  day   TEXT    NOT NULL CHECK (length(day) = 10),
  type  TEXT    NOT NULL CHECK (type <> ''),
  body  TEXT    NOT NULL CHECK (json_valid(body)),
  hash  BLOB    NOT NULL CHECK (length(hash) = 32) -- SHA-256 over the previous hash and this row
) STRICT;

-- Every command under its client's id, with the hash of its input and its answer.
CREATE TABLE commands (
  id     TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
  input  BLOB    NOT NULL CHECK (length(input) = 32),
  answer TEXT    NOT NULL CHECK (json_valid(answer)),
  at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Work for devices, written with the sale and done after it.
CREATE TABLE jobs (
  id      TEXT    NOT NULL PRIMARY KEY,
  kind    TEXT    NOT NULL CHECK (kind <> ''),
  body    TEXT    NOT NULL CHECK (json_valid(body)),
  created INTEGER NOT NULL,
  done    INTEGER -- Unix milliseconds; NULL while it waits
) STRICT;
CREATE INDEX jobs_waiting ON jobs (created) WHERE done IS NULL;

-- Facts about this file: the epoch, the id of the till.
CREATE TABLE meta (
  key   TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta (key, value) VALUES ('epoch', '1');

-- +goose StatementBegin
CREATE TRIGGER events_keep_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER events_keep_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
