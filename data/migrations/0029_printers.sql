-- +goose Up

-- The printers of the café: where each is reached, what it can do, and what comes out of it.
CREATE TABLE printers (
  name     TEXT    NOT NULL PRIMARY KEY CHECK (name <> ''),
  folded   TEXT    NOT NULL UNIQUE CHECK (folded <> ''),        -- no two names differ in case and accents alone
  uri      TEXT    NOT NULL CHECK (instr(uri, ':') > 1),
  profile  TEXT    NOT NULL CHECK (json_valid(profile)),
  receipts INTEGER NOT NULL CHECK (receipts IN (0, 1)),         -- documents, notes, closings and cards come out of it
  stations TEXT    NOT NULL CHECK (json_type(stations) = 'array'), -- of the kitchen, as orders name them
  fallback TEXT    NOT NULL DEFAULT '' CHECK (fallback <> name), -- name of the one that prints in its place; empty: none
  active   INTEGER NOT NULL CHECK (active IN (0, 1)),
  position INTEGER NOT NULL UNIQUE                              -- the order they were set up in
) STRICT, WITHOUT ROWID;
