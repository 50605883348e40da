-- +goose Up

-- Associations that collect in bulk. What they are decides which words their papers carry, nothing else. The PIN is an
-- argon2id, the link is the hash of the code of their page: neither can be read back.
CREATE TABLE partners (
  id         TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
  name       TEXT    NOT NULL CHECK (name <> ''),
  folded     TEXT    NOT NULL UNIQUE CHECK (folded <> ''),
  utility    INTEGER NOT NULL CHECK (utility IN (0, 1)),   -- of public utility, humanitarian or social
  food_bank  INTEGER NOT NULL CHECK (food_bank IN (0, 1)), -- of the network of food banks
  interest   INTEGER NOT NULL CHECK (interest IN (0, 1)),  -- of general interest
  contact    TEXT    NOT NULL, -- of the association, free words of the café
  collectors TEXT    NOT NULL, -- who may collect, as the association says
  pin        TEXT    NOT NULL, -- '' : none yet
  link       BLOB    NOT NULL UNIQUE CHECK (length(link) = 32),
  active     INTEGER NOT NULL CHECK (active IN (0, 1)),
  introduced TEXT    NOT NULL CHECK (introduced = '' OR length(introduced) = 10), -- business day they were met in person
  created    INTEGER NOT NULL  -- Unix milliseconds
) STRICT, WITHOUT ROWID;

-- Phones on which a partner has given its PIN.
CREATE TABLE partner_sessions (
  hash    BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
  partner TEXT    NOT NULL REFERENCES partners (id),
  expires INTEGER NOT NULL -- Unix milliseconds
) STRICT, WITHOUT ROWID;

-- So many of a class for a partner on an evening. The log of events has every change of it.
CREATE TABLE allotments (
  id         TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
  partner    TEXT    NOT NULL REFERENCES partners (id),
  class      TEXT    NOT NULL REFERENCES classes (code),
  day        TEXT    NOT NULL CHECK (length(day) = 10),              -- business day of the evening
  time       TEXT    NOT NULL CHECK (time = '' OR length(time) = 5), -- local, HH:MM; '' in the course of the evening
  state      TEXT    NOT NULL CHECK (state IN ('REQUESTED', 'CONFIRMED', 'READY', 'COLLECTED', 'PARTLY_COLLECTED', 'LAPSED', 'CANCELLED')),
  qty        INTEGER NOT NULL CHECK (qty >= 1),                      -- asked for; from CONFIRMED on: promised
  by_partner INTEGER NOT NULL CHECK (by_partner IN (0, 1)),          -- asked for on the partner's own page
  created    INTEGER NOT NULL                                        -- Unix milliseconds
) STRICT, WITHOUT ROWID;
CREATE INDEX allotments_live ON allotments (day, time) WHERE state IN ('REQUESTED', 'CONFIRMED', 'READY');
CREATE INDEX allotments_partner ON allotments (partner, day);

-- The items promised in an allotment, and those that were collected in one. An item that comes back to the shelf leaves.
CREATE TABLE allotment_items (
  item      TEXT NOT NULL PRIMARY KEY REFERENCES items (id),
  allotment TEXT NOT NULL REFERENCES allotments (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX allotment_items_of ON allotment_items (allotment);

-- What left the house: a slip each, numbered by the café for itself.
CREATE TABLE collections (
  number      INTEGER NOT NULL PRIMARY KEY CHECK (number >= 1), -- 1, 2, 3… without gap
  allotment   TEXT    NOT NULL UNIQUE REFERENCES allotments (id),
  partner     TEXT    NOT NULL REFERENCES partners (id),
  class       TEXT    NOT NULL REFERENCES classes (code),
  qty         INTEGER NOT NULL CHECK (qty >= 1),                -- counted when they left
  day         TEXT    NOT NULL CHECK (length(day) = 10),
  at          INTEGER NOT NULL,                                 -- Unix milliseconds, of departure
  temperature INTEGER CHECK (temperature BETWEEN -400 AND 1200),-- tenths of a degree Celsius
  allergens   TEXT    NOT NULL,
  initials    TEXT    NOT NULL CHECK (length(initials) <= 6),   -- of whoever took it over for the association
  operator    TEXT    NOT NULL CHECK (operator <> ''),
  auth        TEXT    NOT NULL,                                 -- code of the manager who stands for it; '' : the partner's PIN alone
  event       INTEGER NOT NULL CHECK (event >= 1)
) STRICT;
CREATE INDEX collections_partner ON collections (partner, day);

-- Brought back or thrown away afterwards: noted, never put on the shelf again.
CREATE TABLE collection_waste (
  number   INTEGER NOT NULL REFERENCES collections (number),
  nth      INTEGER NOT NULL CHECK (nth >= 1),
  qty      INTEGER NOT NULL CHECK (qty >= 1),
  day      TEXT    NOT NULL CHECK (length(day) = 10),
  operator TEXT    NOT NULL CHECK (operator <> ''),
  event    INTEGER NOT NULL CHECK (event >= 1),
  PRIMARY KEY (number, nth)
) STRICT, WITHOUT ROWID;

-- INSERT OR REPLACE deletes without firing a DELETE trigger: only the next number may be inserted.
-- +goose StatementBegin
CREATE TRIGGER collections_keep_insert BEFORE INSERT ON collections
WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM collections)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collections_keep_update BEFORE UPDATE ON collections BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collections_keep_delete BEFORE DELETE ON collections BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_waste_keep_insert BEFORE INSERT ON collection_waste
WHEN NEW.nth IS NOT (SELECT coalesce(max(nth), 0) + 1 FROM collection_waste WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_waste_keep_update BEFORE UPDATE ON collection_waste BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER collection_waste_keep_delete BEFORE DELETE ON collection_waste BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
