-- +goose Up

-- What of a document has left the till: its original, and its numbered duplicates (fiscal R38, R39). Derived from the
-- journal, a row an entry; Check compares. Receipts asked for by an older version stand in receipts_asked: those were
-- originals.
CREATE TABLE prints (
  seq      INTEGER NOT NULL PRIMARY KEY,                  -- of the DUPLICATE, or of the EVENT PRINT or REPRINT
  document INTEGER NOT NULL CHECK (document BETWEEN 1 AND seq - 1), -- seq of the document's entry
  n        INTEGER NOT NULL CHECK (n >= 0),               -- 0 the original, k the k-th time after it
  number   TEXT    NOT NULL,                              -- of the D document; '' where the print is an event
  form     TEXT    NOT NULL CHECK (form IN ('paper', 'screen', 'email', 'file')),
  reason   TEXT    NOT NULL CHECK ((reason <> '') = (n > 0)),
  at       INTEGER NOT NULL,                              -- Unix milliseconds
  operator TEXT    NOT NULL CHECK (operator <> ''),
  UNIQUE (document, n)
) STRICT;

-- Means of payment that were put right (fiscal R42): so much less by one, so much more by the other. Negative of a refund.
CREATE TABLE payment_fixes (
  seq        INTEGER NOT NULL PRIMARY KEY,                -- of the PAY_FIX
  sale       INTEGER NOT NULL REFERENCES sales (seq),     -- or the refund
  day        TEXT    NOT NULL CHECK (length(day) = 10),   -- of the correction
  at         INTEGER NOT NULL,
  operator   TEXT    NOT NULL CHECK (operator <> ''),
  auth       TEXT    NOT NULL,                            -- the manager who allowed it, when that is another
  from_means TEXT    NOT NULL CHECK (from_means IN ('cash', 'card', 'meal_voucher', 'cheque', 'transfer')),
  to_means   TEXT    NOT NULL CHECK (to_means IN ('cash', 'card', 'meal_voucher', 'cheque', 'transfer') AND to_means <> from_means),
  amount     INTEGER NOT NULL CHECK (amount <> 0),        -- cents
  reason     TEXT    NOT NULL CHECK (reason <> '')
) STRICT;
CREATE INDEX payment_fixes_sale ON payment_fixes (sale);
CREATE INDEX payment_fixes_day ON payment_fixes (day);

-- Invoices, and whom they are made out to: the journal has only the hash of that (fiscal R94). One a sale.
CREATE TABLE invoices (
  seq        INTEGER NOT NULL PRIMARY KEY,                -- of the INVOICE
  number     TEXT    NOT NULL CHECK (number <> ''),
  sale       INTEGER NOT NULL UNIQUE REFERENCES sales (seq),
  at         INTEGER NOT NULL,
  operator   TEXT    NOT NULL CHECK (operator <> ''),
  buyer      TEXT    NOT NULL CHECK (length(buyer) = 64), -- hash of the next five (FORMAT.md)
  name       TEXT    NOT NULL CHECK (name <> ''),
  address    TEXT    NOT NULL CHECK (address <> ''),
  siret      TEXT    NOT NULL,
  vat_number TEXT    NOT NULL,
  checked    TEXT    NOT NULL CHECK (length(checked) = 16)
) STRICT;

-- What a café without VAT prints instead of its columns (fiscal R87), from an entry on: a duplicate says what the
-- original said. Before the first row the law's own words stand.
CREATE TABLE vat_mentions (
  seq     INTEGER NOT NULL PRIMARY KEY CHECK (seq >= 1),  -- of the CONFIG_CHANGE
  mention TEXT    NOT NULL
) STRICT;

-- INSERT OR REPLACE deletes without firing a DELETE trigger: nothing that is there may be inserted again.
-- +goose StatementBegin
CREATE TRIGGER prints_keep_insert BEFORE INSERT ON prints
WHEN EXISTS (SELECT 1 FROM prints WHERE seq = NEW.seq OR document = NEW.document AND n >= NEW.n)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER prints_keep_update BEFORE UPDATE ON prints BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER prints_keep_delete BEFORE DELETE ON prints BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payment_fixes_keep_insert BEFORE INSERT ON payment_fixes
WHEN EXISTS (SELECT 1 FROM payment_fixes WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payment_fixes_keep_update BEFORE UPDATE ON payment_fixes BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payment_fixes_keep_delete BEFORE DELETE ON payment_fixes BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER invoices_keep_insert BEFORE INSERT ON invoices
WHEN EXISTS (SELECT 1 FROM invoices WHERE seq = NEW.seq OR sale = NEW.sale)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER invoices_keep_update BEFORE UPDATE ON invoices BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER invoices_keep_delete BEFORE DELETE ON invoices BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER vat_mentions_keep_insert BEFORE INSERT ON vat_mentions
WHEN EXISTS (SELECT 1 FROM vat_mentions WHERE seq >= NEW.seq)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER vat_mentions_keep_update BEFORE UPDATE ON vat_mentions BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER vat_mentions_keep_delete BEFORE DELETE ON vat_mentions BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
