-- +goose Up

-- How the figures are told to the accountant, dated: the newest row whose day has come is in force (fiscal R109). A row
-- never changes: what was exported can be exported again, byte for byte.
CREATE TABLE accounting (
  n    INTEGER NOT NULL PRIMARY KEY CHECK (n >= 1), -- 1, 2, 3… without gap
  seq  INTEGER NOT NULL CHECK (seq >= 1),           -- of the CONFIG_CHANGE
  day  TEXT    NOT NULL CHECK (length(day) = 10),   -- first business day it is in force on: it was open then
  body TEXT    NOT NULL CHECK (json_valid(body))
) STRICT;

-- What left the house for the accountant, one row per EXPORT entry. The bytes are not kept: they are made again from closings
-- that never change, and must have the same hash.
CREATE TABLE exports (
  n      INTEGER NOT NULL PRIMARY KEY CHECK (n >= 1), -- 1, 2, 3… without gap
  seq    INTEGER NOT NULL UNIQUE CHECK (seq >= 1),    -- of the EXPORT entry
  kind   TEXT    NOT NULL CHECK (kind <> ''),
  form   TEXT    NOT NULL CHECK (form <> ''),
  first  TEXT    NOT NULL CHECK (length(first) = 10), -- business days
  last   TEXT    NOT NULL CHECK (length(last) = 10 AND last >= first),
  plan   INTEGER NOT NULL CHECK (plan >= -1),         -- -1: that of each day
  name   TEXT    NOT NULL CHECK (name <> ''),
  sha256 TEXT    NOT NULL CHECK (length(sha256) = 64),
  size   INTEGER NOT NULL CHECK (size >= 0),
  op     TEXT    NOT NULL CHECK (op <> ''),
  at     INTEGER NOT NULL                             -- Unix milliseconds
) STRICT;

-- INSERT OR REPLACE deletes without firing a DELETE trigger: only the next n may be inserted.
-- +goose StatementBegin
CREATE TRIGGER accounting_keep_insert BEFORE INSERT ON accounting
WHEN NEW.n IS NOT (SELECT coalesce(max(n), 0) + 1 FROM accounting)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER accounting_keep_update BEFORE UPDATE ON accounting BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER accounting_keep_delete BEFORE DELETE ON accounting BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER exports_keep_insert BEFORE INSERT ON exports
WHEN NEW.n IS NOT (SELECT coalesce(max(n), 0) + 1 FROM exports) OR EXISTS (SELECT 1 FROM exports WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER exports_keep_update BEFORE UPDATE ON exports BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER exports_keep_delete BEFORE DELETE ON exports BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
