-- +goose Up

-- Open tickets, and what became of them. The lines of a ticket are its own snapshot of the menu.
CREATE TABLE tickets (
  id      TEXT    NOT NULL PRIMARY KEY,
  no      INTEGER NOT NULL CHECK (no >= 1), -- 1, 2, 3… within the business day
  day     TEXT    NOT NULL CHECK (length(day) = 10),
  state   TEXT    NOT NULL CHECK (state IN ('open', 'paid', 'dropped')),
  version INTEGER NOT NULL CHECK (version >= 1),
  opened  INTEGER NOT NULL, -- Unix milliseconds
  body    TEXT    NOT NULL CHECK (json_valid(body))
) STRICT, WITHOUT ROWID;
CREATE INDEX tickets_open ON tickets (opened) WHERE state = 'open';

-- What follows is derived from the journal, row by row under its seq, for reports and refunds. Fiscal facts stand
-- in the journal; Check compares.
CREATE TABLE sales (
  seq      INTEGER NOT NULL PRIMARY KEY,           -- of the TICKET or REFUND entry
  id       TEXT    NOT NULL UNIQUE,                -- UUIDv7
  number   TEXT    NOT NULL CHECK (number <> ''),
  refunds  INTEGER REFERENCES sales (seq),         -- the sale a refund refunds; NULL for a sale
  day      TEXT    NOT NULL CHECK (length(day) = 10),
  at       INTEGER NOT NULL,
  operator TEXT    NOT NULL CHECK (operator <> ''),
  shift    TEXT    NOT NULL,
  mode     TEXT    NOT NULL CHECK (mode IN ('eat_in', 'takeaway')),
  total    INTEGER NOT NULL,                       -- cents; negative for a refund
  code     TEXT    NOT NULL,                       -- receipt code; '' for a refund
  units    INTEGER NOT NULL CHECK (units >= 0),    -- meal units sold, before refunds
  CHECK ((refunds IS NULL) = (code <> '')),
  CHECK ((refunds IS NULL AND total >= 0) OR (refunds IS NOT NULL AND total <= 0))
) STRICT;
CREATE INDEX sales_day ON sales (day, seq);
CREATE INDEX sales_refunds ON sales (refunds) WHERE refunds IS NOT NULL;
CREATE UNIQUE INDEX sales_code ON sales (code) WHERE code <> '';

CREATE TABLE sale_lines (
  seq        INTEGER NOT NULL REFERENCES sales (seq),
  n          INTEGER NOT NULL CHECK (n >= 1),      -- of the journal's line; its options follow it there
  product    TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  category   TEXT    NOT NULL,
  kind       TEXT    NOT NULL CHECK (kind IN ('sale', 'gift')),
  class      TEXT    NOT NULL CHECK ((class <> '') = (kind = 'gift')),
  qty        INTEGER NOT NULL CHECK (qty <> 0),    -- whole units; negative in a refund
  unit_price INTEGER NOT NULL CHECK (unit_price >= 0), -- cents, options included
  total      INTEGER NOT NULL CHECK (total = qty * unit_price),
  vat_bp     INTEGER NOT NULL CHECK (vat_bp >= 0),
  meal_units INTEGER NOT NULL CHECK (meal_units >= 0), -- of one; 0 when it earns no stamp
  food       INTEGER NOT NULL,                     -- cents of the total that vouchers may pay
  of_n       INTEGER NOT NULL CHECK (of_n >= 0),   -- the refunded line; 0 in a sale
  PRIMARY KEY (seq, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE sale_taxes (
  seq INTEGER NOT NULL REFERENCES sales (seq),
  bp  INTEGER NOT NULL CHECK (bp >= 0),
  ht  INTEGER NOT NULL,
  vat INTEGER NOT NULL,
  ttc INTEGER NOT NULL CHECK (ttc = ht + vat),
  PRIMARY KEY (seq, bp)
) STRICT, WITHOUT ROWID;

CREATE TABLE sale_tenders (
  seq     INTEGER NOT NULL REFERENCES sales (seq),
  n       INTEGER NOT NULL CHECK (n >= 1),
  means   TEXT    NOT NULL CHECK (means IN ('cash', 'card', 'meal_voucher', 'cheque', 'transfer')),
  amount  INTEGER NOT NULL CHECK (amount <> 0),    -- cents; negative in a refund
  given   INTEGER NOT NULL,
  change  INTEGER NOT NULL CHECK (change >= 0 AND (change = 0 OR means = 'cash')),
  CHECK (given - change = amount),
  PRIMARY KEY (seq, n)
) STRICT, WITHOUT ROWID;

-- Served suspended items. No person, no card, no payment (I16): nothing here leads to a sale or an account.
CREATE TABLE redemptions (
  seq      INTEGER NOT NULL PRIMARY KEY,           -- of the SUSP_REDEEM entry
  number   TEXT    NOT NULL CHECK (number <> ''),
  undoes   INTEGER UNIQUE REFERENCES redemptions (seq), -- the redemption this one undoes; once
  item     TEXT    NOT NULL,
  product  TEXT    NOT NULL,
  name     TEXT    NOT NULL,
  class    TEXT    NOT NULL,
  origin   TEXT    NOT NULL,
  memo     INTEGER NOT NULL CHECK (memo >= 0),     -- menu price of what was served
  mode     TEXT    NOT NULL CHECK (mode IN ('eat_in', 'takeaway')),
  day      TEXT    NOT NULL CHECK (length(day) = 10),
  at       INTEGER NOT NULL,
  operator TEXT    NOT NULL,
  shift    TEXT    NOT NULL
) STRICT;
CREATE INDEX redemptions_day ON redemptions (day);

-- +goose StatementBegin
CREATE TRIGGER sales_keep_update BEFORE UPDATE ON sales BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sales_keep_delete BEFORE DELETE ON sales BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sale_lines_keep_update BEFORE UPDATE ON sale_lines BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sale_lines_keep_delete BEFORE DELETE ON sale_lines BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sale_taxes_keep_update BEFORE UPDATE ON sale_taxes BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sale_taxes_keep_delete BEFORE DELETE ON sale_taxes BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sale_tenders_keep_update BEFORE UPDATE ON sale_tenders BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sale_tenders_keep_delete BEFORE DELETE ON sale_tenders BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER redemptions_keep_update BEFORE UPDATE ON redemptions BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER redemptions_keep_delete BEFORE DELETE ON redemptions BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
