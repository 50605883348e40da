-- +goose Up

-- What can be suspended. Names come from the catalogue of the language.
CREATE TABLE classes (
  code      TEXT    NOT NULL PRIMARY KEY CHECK (code <> ''),
  position  INTEGER NOT NULL UNIQUE CHECK (position >= 1), -- order on screens
  vat_limit INTEGER NOT NULL CHECK (vat_limit BETWEEN 1 AND 2000) -- basis points; a product must stay under it: no alcohol
) STRICT, WITHOUT ROWID;
INSERT INTO classes (code, position, vat_limit) VALUES ('coffee', 1, 2000), ('meal', 2, 2000);

-- One row per suspended thing, written when it is put on the shelf. Its state is in item_events.
-- The account is the one whose ninth meal released it: the giver's, never the guest's.
CREATE TABLE items (
  id      TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
  class   TEXT    NOT NULL REFERENCES classes (code),
  origin  TEXT    NOT NULL CHECK (origin IN ('PAID', 'LOYALTY', 'SPONSOR', 'FUND', 'HOUSE')),
  funded  INTEGER NOT NULL CHECK (funded >= 0), -- cents paid for it, tax included
  cost    INTEGER NOT NULL CHECK (cost >= 0),   -- cents, standard cost memo
  account TEXT    NOT NULL CHECK ((account <> '') = (origin = 'LOYALTY')),
  nth     INTEGER NOT NULL CHECK (nth >= 1),    -- of its account, its sale line, or its event
  event   INTEGER NOT NULL CHECK (event >= 1),  -- seq in the event log
  CHECK ((funded > 0) = (origin IN ('PAID', 'SPONSOR', 'FUND')))
) STRICT, WITHOUT ROWID;

-- Every change of state. No person, no card, no payment, no reason in free words (I16).
CREATE TABLE item_events (
  seq    INTEGER NOT NULL PRIMARY KEY CHECK (seq >= 1), -- without gap
  item   TEXT    NOT NULL REFERENCES items (id),
  was    TEXT    NOT NULL CHECK (was IN ('', 'AVAILABLE', 'RESERVED', 'ALLOTTED', 'SERVED')), -- '' before it existed
  became TEXT    NOT NULL CHECK (became IN ('AVAILABLE', 'RESERVED', 'ALLOTTED', 'SERVED', 'COLLECTED', 'RETRACTED', 'CONVERTED')),
  cause  TEXT    NOT NULL CHECK (length(cause) BETWEEN 1 AND 16 AND cause NOT GLOB '*[^A-Z_]*'),
  day    TEXT    NOT NULL CHECK (length(day) = 10),
  event  INTEGER NOT NULL CHECK (event >= 1)
) STRICT;

-- The state of every item now: a projection of the two tables above, rebuilt from them at any time.
CREATE TABLE shelf (
  item    TEXT    NOT NULL PRIMARY KEY REFERENCES items (id),
  class   TEXT    NOT NULL,
  origin  TEXT    NOT NULL,
  state   TEXT    NOT NULL,
  created INTEGER NOT NULL -- seq of its first item event: the order of "first given, first served"
) STRICT, WITHOUT ROWID;
CREATE INDEX shelf_available ON shelf (class, created, origin) WHERE state = 'AVAILABLE';

-- +goose StatementBegin
CREATE TRIGGER items_keep_update BEFORE UPDATE ON items BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER items_keep_delete BEFORE DELETE ON items BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER item_events_keep_update BEFORE UPDATE ON item_events BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER item_events_keep_delete BEFORE DELETE ON item_events BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
