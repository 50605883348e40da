-- +goose Up

-- What somebody has counted before the day is closed with it: kept between two pages, so that a cut of the power loses no
-- count. Nothing here is fiscal: the count that ends a shift is journaled when it does, and the row goes then. Whatever
-- was kept before is in the log of events.
CREATE TABLE counts_kept (
  shift    TEXT    NOT NULL PRIMARY KEY REFERENCES shifts (id),
  at       INTEGER NOT NULL,                    -- Unix milliseconds, UTC
  operator TEXT    NOT NULL CHECK (operator <> ''),
  expected INTEGER NOT NULL,                    -- cents that the drawer should have held when it was counted
  body     TEXT    NOT NULL CHECK (json_valid(body))
) STRICT, WITHOUT ROWID;
