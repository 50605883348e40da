-- +goose Up

-- The fiscal journal: one signed chain for every kind of entry (receipts/journal/FORMAT.md).
-- The bytes in canon are the evidence; everything else in this database can be rebuilt from them.
-- No UNIQUE index on hash: it would cost each sale a page of log and prove nothing the chain does not.
CREATE TABLE journal (
  seq   INTEGER PRIMARY KEY CHECK (seq >= 0),
  canon BLOB    NOT NULL CHECK (length(canon) > 0),
  hash  BLOB    NOT NULL CHECK (length(hash) = 32),
  sig   BLOB    NOT NULL CHECK (length(sig) > 0)
) STRICT;

-- The number of each document, to find its entry: one gapless count per series and fiscal year.
CREATE TABLE documents (
  series TEXT    NOT NULL CHECK (length(series) = 1),
  year   INTEGER NOT NULL CHECK (year BETWEEN 2000 AND 2099),
  n      INTEGER NOT NULL CHECK (n >= 1),
  seq    INTEGER NOT NULL CHECK (seq >= 1), -- of its entry; Check compares the two tables
  PRIMARY KEY (series, year, n)
) STRICT, WITHOUT ROWID;

-- INSERT OR REPLACE deletes without firing a DELETE trigger: only the next seq may be inserted.
-- +goose StatementBegin
CREATE TRIGGER journal_keep_insert BEFORE INSERT ON journal
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq) + 1, 0) FROM journal)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_keep_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_keep_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER documents_keep_insert BEFORE INSERT ON documents
WHEN NEW.n IS NOT (SELECT coalesce(max(n) + 1, 1) FROM documents WHERE series = NEW.series AND year = NEW.year)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER documents_keep_update BEFORE UPDATE ON documents BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER documents_keep_delete BEFORE DELETE ON documents BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
