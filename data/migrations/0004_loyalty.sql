-- +goose Up

-- Holders of stamps. No name, no contact: only what the law of releases needs.
-- The root is the account that now answers for this one: itself, or the one it was merged into. It is a
-- projection of merges.
CREATE TABLE accounts (
  id      TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
  root    TEXT    NOT NULL REFERENCES accounts (id),
  created INTEGER NOT NULL -- Unix milliseconds, UTC
) STRICT, WITHOUT ROWID;
CREATE INDEX accounts_root ON accounts (root);

-- Credentials. The code itself is a bearer secret and stands nowhere: only its hash does.
CREATE TABLE cards (
  hash    BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32), -- SHA-256 of the code
  number  TEXT    NOT NULL UNIQUE CHECK (length(number) = 9 AND number NOT GLOB '*[^0-9]*'),
  account TEXT    NOT NULL REFERENCES accounts (id),
  medium  TEXT    NOT NULL CHECK (medium IN ('PAPER', 'PHONE', 'WALLET')),
  state   TEXT    NOT NULL CHECK (state IN ('ACTIVE', 'LOST', 'REPLACED', 'MERGED', 'CLOSED')),
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row per meal unit gained (odd) or lost (even): the sum of a unit is 0 or 1 by construction (I1).
CREATE TABLE stamps (
  unit    TEXT    NOT NULL CHECK (unit <> ''),
  nth     INTEGER NOT NULL CHECK (nth >= 1),
  account TEXT    NOT NULL REFERENCES accounts (id),
  delta   INTEGER NOT NULL CHECK (delta = CASE nth % 2 WHEN 1 THEN 1 ELSE -1 END),
  kind    TEXT    NOT NULL CHECK (
            (delta =  1 AND kind IN ('EARN', 'LATE_CLAIM', 'MOVE', 'PAPER_IMPORT', 'GOODWILL')) OR
            (delta = -1 AND kind IN ('REFUND', 'VOID', 'CHARGEBACK', 'MOVE'))),
  day     TEXT    NOT NULL CHECK (length(day) = 10),
  event   INTEGER NOT NULL CHECK (event >= 1), -- seq in the event log
  PRIMARY KEY (unit, nth)
) STRICT, WITHOUT ROWID;
CREATE INDEX stamps_account ON stamps (account, delta);

-- Which account was merged into which. An account is merged away once at most, so there is no circle.
CREATE TABLE merges (
  absorbed TEXT    NOT NULL PRIMARY KEY REFERENCES accounts (id),
  kept     TEXT    NOT NULL REFERENCES accounts (id) CHECK (kept <> absorbed),
  event    INTEGER NOT NULL CHECK (event >= 1)
) STRICT, WITHOUT ROWID;

-- A stamp follows the one before it, and is taken back from the account that had it (I3).
-- +goose StatementBegin
CREATE TRIGGER stamps_follow BEFORE INSERT ON stamps
WHEN NEW.nth <> 1 + COALESCE((SELECT MAX(nth) FROM stamps WHERE unit = NEW.unit), 0)
  OR (NEW.delta = -1 AND NEW.account IS NOT (SELECT account FROM stamps WHERE unit = NEW.unit AND nth = NEW.nth - 1))
BEGIN SELECT RAISE(ABORT, 'a stamp must follow its unit''s last one'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER stamps_keep_update BEFORE UPDATE ON stamps BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER stamps_keep_delete BEFORE DELETE ON stamps BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER merges_keep_update BEFORE UPDATE ON merges BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER merges_keep_delete BEFORE DELETE ON merges BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
