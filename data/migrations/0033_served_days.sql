-- +goose Up

-- What was served on the closed business days, by class; a day without servings has no row. Board, cards and proofs are cut from
-- it (I15), and after a start they are not to wait until years are counted. It can be counted again from the ledger, and the
-- check does.
CREATE TABLE served_days (
  day   TEXT    NOT NULL CHECK (length(day) = 10),
  class TEXT    NOT NULL REFERENCES classes (code),
  n     INTEGER NOT NULL CHECK (n >= 1),
  event INTEGER NOT NULL CHECK (event >= 1),          -- seq in the event log
  PRIMARY KEY (day, class)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER served_days_keep_update BEFORE UPDATE ON served_days BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER served_days_keep_delete BEFORE DELETE ON served_days BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
