-- +goose Up

-- What is promised at the counter is handed out and given back by class; that it is little does not make the shelf small.
CREATE INDEX shelf_reserved ON shelf (class, created, origin) WHERE state = 'RESERVED';

-- The till's page counts the shelf at every tap: out of this alone.
CREATE INDEX shelf_counts ON shelf (class, origin, state);

-- Which items became which other one: two coffees a meal. Both have one origin, and what was paid for them is the same.
CREATE TABLE conversions (
  item      TEXT    NOT NULL PRIMARY KEY REFERENCES items (id),
  into_item TEXT    NOT NULL REFERENCES items (id) CHECK (into_item <> item),
  event     INTEGER NOT NULL CHECK (event >= 1)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversions_into ON conversions (into_item);

-- Which class takes the place of one that was withdrawn; NULL: it is given again. The newest of a class counts.
CREATE TABLE class_changes (
  event     INTEGER NOT NULL PRIMARY KEY,
  class     TEXT    NOT NULL REFERENCES classes (code),
  successor TEXT    REFERENCES classes (code) CHECK (successor <> class),
  day       TEXT    NOT NULL CHECK (length(day) = 10)
) STRICT;

-- When the café is closed for holidays: what waits does not grow older meanwhile. The ranges do not overlap.
CREATE TABLE closures (
  from_day TEXT NOT NULL PRIMARY KEY CHECK (length(from_day) = 10),
  to_day   TEXT NOT NULL CHECK (length(to_day) = 10 AND to_day >= from_day) -- the last day, included
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER conversions_keep_update BEFORE UPDATE ON conversions BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER conversions_keep_delete BEFORE DELETE ON conversions BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER class_changes_keep_update BEFORE UPDATE ON class_changes BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER class_changes_keep_delete BEFORE DELETE ON class_changes BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
