-- +goose Up

-- What moved on some days is read without a look at the years before them.
CREATE INDEX item_events_by_day ON item_events (day, seq);

-- What waits now is read without a look at all that was ever served.
CREATE INDEX shelf_waiting ON shelf (class, origin, created) WHERE state IN ('AVAILABLE', 'RESERVED', 'ALLOTTED');

-- The dial as it stood when a business day was closed: management information, no part of what is signed.
-- It can be worked out again from the ledgers, and the check does.
CREATE TABLE dials (
  day      TEXT    NOT NULL PRIMARY KEY CHECK (length(day) = 10),
  turnover INTEGER NOT NULL,                         -- cents without tax, of the thirty days that end with it
  loyalty  INTEGER NOT NULL,                         -- cents of cost: meals of cards
  house    INTEGER NOT NULL,                         -- offered by the house
  topups   INTEGER NOT NULL,                         -- above what was paid for gifts
  low      INTEGER NOT NULL CHECK (low >= 0),        -- the band the café had chosen, basis points
  high     INTEGER NOT NULL CHECK (high > low),
  event    INTEGER NOT NULL CHECK (event >= 1)       -- seq in the event log
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER dials_keep_update BEFORE UPDATE ON dials BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER dials_keep_delete BEFORE DELETE ON dials BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd

-- What the counter's card has gone through: each sale up to this one has had its turn. A START begins with the sales of
-- its own day, a STOP ends it: what was sold before, or meanwhile, never falls to it.
CREATE TABLE counter_sweeps (
  n       INTEGER NOT NULL PRIMARY KEY CHECK (n >= 1), -- 1, 2, 3… without gap
  what    TEXT    NOT NULL CHECK (what IN ('START', 'PORTION', 'STOP')),
  through INTEGER NOT NULL CHECK (through >= 0),       -- seq of a sale; never less than before
  units   INTEGER NOT NULL CHECK (units >= 0 AND (units = 0 OR what = 'PORTION')), -- meals stamped
  event   INTEGER NOT NULL CHECK (event >= 1)          -- seq in the event log
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER counter_sweeps_follow BEFORE INSERT ON counter_sweeps
WHEN NEW.n IS NOT (SELECT coalesce(max(n), 0) + 1 FROM counter_sweeps)
  OR NEW.through < (SELECT coalesce(max(through), 0) FROM counter_sweeps)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER counter_sweeps_keep_update BEFORE UPDATE ON counter_sweeps BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER counter_sweeps_keep_delete BEFORE DELETE ON counter_sweeps BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
