-- +goose Up

-- The tokens: washable counters that are put on the counter in place of a word. They are counted by hand, and what was
-- served by one is counted by the till: two counts of the same thing (solidarity.md, I17). No row leads to a person.

-- What was served in a shift is counted beside its tokens, and before one more is taken back.
CREATE INDEX redemptions_shift ON redemptions (shift);

-- Which servings were asked for with a token.
CREATE TABLE token_servings (
  redemption INTEGER NOT NULL PRIMARY KEY REFERENCES redemptions (seq),
  event      INTEGER NOT NULL CHECK (event >= 1) -- seq in the event log
) STRICT;

-- What was counted in a shift; a later count takes the place of an earlier one, number by number.
CREATE TABLE token_counts (
  event INTEGER NOT NULL PRIMARY KEY CHECK (event >= 1),
  shift TEXT    NOT NULL REFERENCES shifts (id),
  out   INTEGER CHECK (out  BETWEEN 0 AND 9999), -- put out in the bowl
  rest  INTEGER CHECK (rest BETWEEN 0 AND 9999), -- left in the bowl
  box   INTEGER CHECK (box  BETWEEN 0 AND 9999), -- given in at the counter
  CHECK (coalesce(out, rest, box) IS NOT NULL)
) STRICT;
CREATE INDEX token_counts_shift ON token_counts (shift, event);

-- Bundles handed to partners, and brought back by them (negative).
CREATE TABLE token_moves (
  event   INTEGER NOT NULL PRIMARY KEY CHECK (event >= 1),
  day     TEXT    NOT NULL CHECK (length(day) = 10),
  partner TEXT    NOT NULL CHECK (partner <> ''),
  n       INTEGER NOT NULL CHECK (n <> 0 AND n BETWEEN -9999 AND 9999)
) STRICT;
CREATE INDEX token_moves_partner ON token_moves (partner, event);

-- Flags that a manager has looked at: each once.
CREATE TABLE flags_seen (
  flag     TEXT    NOT NULL PRIMARY KEY CHECK (flag <> ''),
  event    INTEGER NOT NULL CHECK (event >= 1),
  at       INTEGER NOT NULL, -- Unix milliseconds
  operator TEXT    NOT NULL  -- code
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER token_servings_keep_update BEFORE UPDATE ON token_servings BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER token_servings_keep_delete BEFORE DELETE ON token_servings BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER token_counts_keep_update BEFORE UPDATE ON token_counts BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER token_counts_keep_delete BEFORE DELETE ON token_counts BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER token_moves_keep_update BEFORE UPDATE ON token_moves BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER token_moves_keep_delete BEFORE DELETE ON token_moves BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER flags_seen_keep_update BEFORE UPDATE ON flags_seen BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER flags_seen_keep_delete BEFORE DELETE ON flags_seen BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
