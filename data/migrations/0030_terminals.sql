-- +goose Up

-- Card terminals and what was asked of them.

-- The terminals that the café has linked. A row goes when its terminal does; what was asked of it stays.
CREATE TABLE terminals (
  name     TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
  protocol TEXT NOT NULL CHECK (protocol IN ('caisse-ap', 'concert')),
  uri      TEXT NOT NULL CHECK (uri <> ''),
  settings TEXT NOT NULL CHECK (json_valid(settings)) -- what its vendor wants
) STRICT, WITHOUT ROWID;

-- Every time that a terminal was asked for money: written and committed before anything is sent to it, so that a payment that was
-- cut off is known. It never holds the number of a card.
CREATE TABLE terminal_payments (
  id            TEXT    NOT NULL PRIMARY KEY,
  ref           TEXT    NOT NULL UNIQUE,                -- of this attempt, as the terminal is told: 32 letters and digits at most
  ticket        TEXT    NOT NULL REFERENCES tickets (id),
  no            INTEGER NOT NULL,                       -- of the ticket, within its day
  terminal      TEXT    NOT NULL CHECK (terminal <> ''),
  amount        INTEGER NOT NULL CHECK (amount > 0),    -- cents asked for
  at            INTEGER NOT NULL,                       -- Unix milliseconds
  day           TEXT    NOT NULL CHECK (length(day) = 10),
  operator      TEXT    NOT NULL,                       -- code of who asked
  state         TEXT    NOT NULL DEFAULT 'requested'
                CHECK (state IN ('requested', 'approved', 'declined', 'not_sent', 'unknown', 'paid', 'not_paid')),
  code          TEXT    NOT NULL DEFAULT '',            -- why it is not approved
  paid          INTEGER NOT NULL DEFAULT 0 CHECK (paid BETWEEN 0 AND amount), -- cents that the card paid
  kept          INTEGER NOT NULL DEFAULT 0 CHECK (kept BETWEEN 0 AND paid),   -- of them, those that pay the order
  authorisation TEXT    NOT NULL DEFAULT '',
  application   TEXT    NOT NULL DEFAULT '',
  entry         TEXT    NOT NULL DEFAULT '',
  answered      INTEGER,                                -- Unix milliseconds of the answer, the terminal's or a person's
  answered_by   TEXT    NOT NULL DEFAULT '',            -- code of the person; empty: the terminal
  unknown_seq   INTEGER,                                -- fiscal entries: it did not say whether it was paid,
  apart_seq     INTEGER,                                -- the order goes on without it,
  answered_seq  INTEGER,                                -- a person said what came of it,
  returned_seq  INTEGER,                                -- what was paid too much went back to the card
  CHECK ((paid > 0) = (state IN ('approved', 'paid'))),
  CHECK ((answered_seq IS NOT NULL) = (state IN ('paid', 'not_paid'))),
  CHECK (unknown_seq IS NOT NULL OR state NOT IN ('unknown', 'paid', 'not_paid')),
  CHECK (apart_seq IS NULL OR unknown_seq IS NOT NULL),
  CHECK (returned_seq IS NULL OR paid > kept)
) STRICT;
CREATE INDEX terminal_payments_open ON terminal_payments (at, id) WHERE state IN ('requested', 'unknown') OR paid > kept AND returned_seq IS NULL;
CREATE INDEX terminal_payments_unknown ON terminal_payments (unknown_seq) WHERE unknown_seq IS NOT NULL;
CREATE INDEX terminal_payments_day ON terminal_payments (day, at, id);
CREATE INDEX terminal_payments_ticket ON terminal_payments (ticket, at);

-- +goose StatementBegin
CREATE TRIGGER terminal_payments_keep_delete BEFORE DELETE ON terminal_payments BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER terminal_payments_keep_update BEFORE UPDATE OF id, ref, ticket, no, terminal, amount, at, day, operator ON terminal_payments
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
