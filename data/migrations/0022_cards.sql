-- +goose Up

-- How the holder of a lost card has the stamps back: one contact, of their own will, for that purpose alone, erased when
-- asked. Not the contact itself: a code made of it with a secret that is not in this file, so that a copy of the database is
-- no list of addresses, and a hint with most of it hidden, by which its holder knows it again. No ledger: erased is gone.
CREATE TABLE contacts (
  account TEXT    NOT NULL PRIMARY KEY REFERENCES accounts (id),
  kind    TEXT    NOT NULL CHECK (kind IN ('email', 'phone')),
  mac     BLOB    NOT NULL CHECK (length(mac) = 32),
  hint    TEXT    NOT NULL CHECK (length(hint) BETWEEN 1 AND 40),
  day     TEXT    NOT NULL CHECK (length(day) = 10)
) STRICT, WITHOUT ROWID;
CREATE INDEX contacts_mac ON contacts (mac);

CREATE INDEX cards_account ON cards (account);
