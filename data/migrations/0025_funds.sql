-- +goose Up

-- What a sale collected for associations beside its total, in cents; negative of a refund. It is no turnover and has no
-- VAT; the means of payment pay both.
ALTER TABLE sales ADD COLUMN outside INTEGER NOT NULL DEFAULT 0;

-- Every cent of the funds, in and out. CAFE_FUND buys suspended items, PASS_THROUGH is what customers gave for an
-- association, PLEDGE what the café owes one of its own turnover: each association has its own of the last two.
CREATE TABLE fund_entries (
  seq     INTEGER NOT NULL PRIMARY KEY CHECK (seq >= 1), -- without gap
  fund    TEXT    NOT NULL CHECK (fund IN ('CAFE_FUND', 'PASS_THROUGH', 'PLEDGE')),
  partner TEXT    NOT NULL CHECK ((partner = '') = (fund = 'CAFE_FUND')), -- id of the association
  name    TEXT    NOT NULL CHECK (name = '' OR partner <> ''), -- of it on the day: receipts keep it
  cents   INTEGER NOT NULL CHECK (cents <> 0),
  balance INTEGER NOT NULL CHECK (balance >= 0), -- of the fund after it (I12)
  cause   TEXT    NOT NULL CHECK (cause IN ('GIVEN', 'RETURNED', 'MINTED', 'REMITTED', 'PLEDGED')),
  ref     TEXT    NOT NULL CHECK (ref <> ''), -- number of the document or the remittance, the item, the month
  day     TEXT    NOT NULL CHECK (length(day) = 10),
  event   INTEGER NOT NULL CHECK (event >= 1),
  CHECK ((cents > 0) = (cause IN ('GIVEN', 'PLEDGED')))
) STRICT;
CREATE INDEX fund_entries_fund ON fund_entries (fund, partner, seq);
CREATE UNIQUE INDEX fund_entries_minted ON fund_entries (ref) WHERE cause = 'MINTED';
CREATE INDEX fund_entries_given ON fund_entries (ref) WHERE fund = 'PASS_THROUGH' AND cause = 'GIVEN';

-- The part of a month's net turnover that the café owes an association, one row a closed month, also when it is nothing.
CREATE TABLE pledges (
  month    TEXT    NOT NULL PRIMARY KEY CHECK (length(month) = 7),
  partner  TEXT    NOT NULL,
  bp       INTEGER NOT NULL CHECK (bp >= 0),
  turnover INTEGER NOT NULL, -- cents, without VAT, refunds deducted
  cents    INTEGER NOT NULL CHECK (cents >= 0),
  event    INTEGER NOT NULL CHECK (event >= 1)
) STRICT, WITHOUT ROWID;

-- What was paid out to an association; of the café's own fund when it closes for good.
CREATE TABLE remittances (
  n        INTEGER NOT NULL PRIMARY KEY CHECK (n >= 1), -- without gap
  fund     TEXT    NOT NULL CHECK (fund IN ('CAFE_FUND', 'PASS_THROUGH', 'PLEDGE')),
  partner  TEXT    NOT NULL CHECK (partner <> ''),
  cents    INTEGER NOT NULL CHECK (cents > 0),
  means    TEXT    NOT NULL CHECK (means IN ('cash', 'cheque', 'transfer')),
  from_day TEXT    NOT NULL CHECK (length(from_day) = 10), -- of the first entry that it settles
  day      TEXT    NOT NULL CHECK (length(day) = 10),
  operator TEXT    NOT NULL CHECK (operator <> ''),
  event    INTEGER NOT NULL CHECK (event >= 1)
) STRICT;

-- Companies that pay suspended items by the lot, and what they were proposed.
CREATE TABLE sponsors (
  id         TEXT NOT NULL PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE CHECK (name <> ''),
  address    TEXT NOT NULL CHECK (address <> ''),
  siret      TEXT NOT NULL,
  vat_number TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sponsor_lots (
  id        TEXT    NOT NULL PRIMARY KEY,
  no        INTEGER NOT NULL UNIQUE CHECK (no >= 1), -- of the proposal, in no series of the law
  sponsor   TEXT    NOT NULL REFERENCES sponsors (id),
  class     TEXT    NOT NULL REFERENCES classes (code),
  qty       INTEGER NOT NULL CHECK (qty >= 1),
  price     INTEGER NOT NULL CHECK (price >= 1), -- cents of one, tax included
  day       TEXT    NOT NULL CHECK (length(day) = 10),
  sale      INTEGER UNIQUE,   -- seq of the sale that paid it; NULL while it is not
  paid      TEXT    NOT NULL DEFAULT '' CHECK ((paid <> '') = (sale IS NOT NULL)),
  cancelled TEXT    NOT NULL DEFAULT '' CHECK (cancelled = '' OR sale IS NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX sponsor_lots_sponsor ON sponsor_lots (sponsor, no);

-- +goose StatementBegin
CREATE TRIGGER fund_entries_keep_update BEFORE UPDATE ON fund_entries BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER fund_entries_keep_delete BEFORE DELETE ON fund_entries BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER pledges_keep_update BEFORE UPDATE ON pledges BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER pledges_keep_delete BEFORE DELETE ON pledges BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER remittances_keep_update BEFORE UPDATE ON remittances BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER remittances_keep_delete BEFORE DELETE ON remittances BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sponsor_lots_keep_delete BEFORE DELETE ON sponsor_lots BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sponsor_lots_keep_settled BEFORE UPDATE ON sponsor_lots WHEN old.sale IS NOT NULL OR old.cancelled <> ''
BEGIN SELECT RAISE(ABORT, 'settled'); END;
-- +goose StatementEnd
