-- +goose Up

-- The menu. These tables change in place: every sale keeps its own snapshot, and every change is a journal entry
-- with the old and the new values. Nothing is deleted: a product is made unavailable.
CREATE TABLE menu (
  one     INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  version INTEGER NOT NULL CHECK (version >= 0) -- seq of the event that last changed it
) STRICT;
INSERT INTO menu (one, version) VALUES (1, 0);

CREATE TABLE categories (
  id       TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
  name     TEXT    NOT NULL CHECK (name <> ''),
  folded   TEXT    NOT NULL UNIQUE, -- name without case and accents
  tint     TEXT    NOT NULL CHECK (tint IN ('hot', 'cold', 'sweet', 'savoury', 'meal', 'favourites', 'neutral')),
  position INTEGER NOT NULL UNIQUE CHECK (position >= 1)
) STRICT, WITHOUT ROWID;

CREATE TABLE products (
  id            TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
  name          TEXT    NOT NULL CHECK (name <> ''),
  folded        TEXT    NOT NULL UNIQUE,
  category      TEXT    NOT NULL REFERENCES categories (id),
  position      INTEGER NOT NULL UNIQUE CHECK (position >= 1), -- the grid never sorts itself again: hands learn places
  price         INTEGER NOT NULL CHECK (price BETWEEN 0 AND 999999),            -- cents, tax included
  vat_eat_in    INTEGER NOT NULL CHECK (vat_eat_in BETWEEN 0 AND 10000),        -- basis points
  vat_takeaway  INTEGER NOT NULL CHECK (vat_takeaway BETWEEN 0 AND 10000),
  meal_units    INTEGER NOT NULL CHECK (meal_units BETWEEN 0 AND 9),
  suspend_class TEXT    NOT NULL, -- '' when it cannot be suspended
  gift_price    INTEGER NOT NULL CHECK (gift_price BETWEEN 0 AND 999999),       -- 0: the price
  cost          INTEGER NOT NULL CHECK (cost BETWEEN 0 AND 999999),             -- 0: estimated from the price
  station       TEXT    NOT NULL,
  food          INTEGER NOT NULL CHECK (food IN (0, 1)),
  favourite     INTEGER NOT NULL CHECK (favourite IN (0, 1)),
  available     INTEGER NOT NULL CHECK (available IN (0, 1)),
  CHECK (suspend_class = '' OR (vat_eat_in = vat_takeaway AND vat_eat_in < 2000)) -- one rate, no alcohol
) STRICT, WITHOUT ROWID;

CREATE TABLE option_groups (
  product  TEXT    NOT NULL REFERENCES products (id),
  position INTEGER NOT NULL CHECK (position >= 1),
  id       TEXT    NOT NULL CHECK (id <> ''),
  name     TEXT    NOT NULL CHECK (name <> ''),
  required INTEGER NOT NULL CHECK (required IN (0, 1)),
  most     INTEGER NOT NULL CHECK (most >= 1), -- choices at most
  PRIMARY KEY (product, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE options (
  product      TEXT    NOT NULL,
  option_group INTEGER NOT NULL,
  position     INTEGER NOT NULL CHECK (position >= 1),
  id           TEXT    NOT NULL CHECK (id <> ''), -- "lait/avoine"
  name         TEXT    NOT NULL CHECK (name <> ''),
  price        INTEGER NOT NULL CHECK (price BETWEEN 0 AND 999999), -- cents, on top
  PRIMARY KEY (product, option_group, position),
  FOREIGN KEY (product, option_group) REFERENCES option_groups (product, position)
) STRICT, WITHOUT ROWID;

-- What a fixed-price menu is made of (fiscal R86): its price is shared pro rata of the separate prices.
CREATE TABLE components (
  product      TEXT    NOT NULL REFERENCES products (id),
  position     INTEGER NOT NULL CHECK (position >= 1),
  name         TEXT    NOT NULL CHECK (name <> ''),
  price        INTEGER NOT NULL CHECK (price BETWEEN 1 AND 999999), -- cents, sold apart
  vat_eat_in   INTEGER NOT NULL CHECK (vat_eat_in BETWEEN 0 AND 10000),
  vat_takeaway INTEGER NOT NULL CHECK (vat_takeaway BETWEEN 0 AND 10000),
  PRIMARY KEY (product, position)
) STRICT, WITHOUT ROWID;

-- Who works here. A row is never deleted: the journal names its code for ever.
CREATE TABLE operators (
  id      TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
  name    TEXT    NOT NULL CHECK (name <> ''),
  folded  TEXT    NOT NULL,
  role    TEXT    NOT NULL CHECK (role IN ('barista', 'manager', 'accountant')),
  code    TEXT    NOT NULL UNIQUE CHECK (length(code) BETWEEN 2 AND 8 AND code NOT GLOB '*[^A-Z0-9]*'),
  pin     TEXT    NOT NULL, -- argon2id, encoded; '' when it cannot sign in
  active  INTEGER NOT NULL CHECK (active IN (0, 1)),
  created INTEGER NOT NULL  -- Unix milliseconds, UTC
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX operators_name ON operators (folded) WHERE active = 1;

-- Sessions of people. Only the hash of the cookie is here.
CREATE TABLE sessions (
  hash     BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
  operator TEXT    NOT NULL REFERENCES operators (id),
  created  INTEGER NOT NULL,
  expires  INTEGER NOT NULL CHECK (expires > created)
) STRICT, WITHOUT ROWID;

-- Tokens of programs. Only the hash is here: a token is shown once.
CREATE TABLE tokens (
  hash     BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
  operator TEXT    NOT NULL REFERENCES operators (id),
  created  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row per shift. closed_at is 0 while it is open; at most one is.
CREATE TABLE shifts (
  id         TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
  opened_at  INTEGER NOT NULL, -- Unix milliseconds, UTC
  opened_by  TEXT    NOT NULL, -- operator code
  opened_row INTEGER NOT NULL, -- id of its first row in drawer: its others come after
  float      INTEGER NOT NULL CHECK (float BETWEEN 0 AND 999999), -- cents
  closed_at  INTEGER NOT NULL DEFAULT 0,
  closed_by  TEXT    NOT NULL DEFAULT '',
  expected   INTEGER NOT NULL DEFAULT 0,
  counted    INTEGER NOT NULL DEFAULT 0 CHECK (counted >= 0),
  CHECK ((closed_at = 0) = (closed_by = ''))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX shifts_open ON shifts (closed_at) WHERE closed_at = 0;

-- Cash in and out of the drawer. The balance is the sum.
CREATE TABLE drawer (
  id     INTEGER NOT NULL PRIMARY KEY CHECK (id >= 1), -- 1, 2, 3… without gap
  seq    INTEGER NOT NULL CHECK (seq >= 1), -- of the journal entry that moved it; a sale may have two tenders in cash
  shift  TEXT    NOT NULL REFERENCES shifts (id),
  cause  TEXT    NOT NULL CHECK (cause IN ('float', 'sale', 'refund', 'in', 'out')),
  amount INTEGER NOT NULL CHECK (CASE cause WHEN 'float' THEN amount >= 0 WHEN 'sale' THEN amount > 0 WHEN 'in' THEN amount > 0 ELSE amount < 0 END)
) STRICT;

-- What the café chose; what is absent has its default.
CREATE TABLE settings (
  key   TEXT NOT NULL PRIMARY KEY CHECK (key <> ''),
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- INSERT OR REPLACE deletes without firing a DELETE trigger: only the next id may be inserted.
-- +goose StatementBegin
CREATE TRIGGER drawer_keep_insert BEFORE INSERT ON drawer
WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM drawer)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER drawer_keep_update BEFORE UPDATE ON drawer BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER drawer_keep_delete BEFORE DELETE ON drawer BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER shifts_keep_update BEFORE UPDATE ON shifts WHEN OLD.closed_at <> 0 OR NEW.closed_at = 0
BEGIN SELECT RAISE(ABORT, 'a closed shift stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER shifts_keep_delete BEFORE DELETE ON shifts BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER operators_keep_delete BEFORE DELETE ON operators BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER products_keep_delete BEFORE DELETE ON products BEGIN SELECT RAISE(ABORT, 'products are made unavailable, not deleted'); END;
-- +goose StatementEnd
