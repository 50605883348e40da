-- +goose Up

-- What a start must find in the journal without walking it (receipts/journal/FORMAT.md §1). All three are derived: verify
-- compares each row with the entry that it names.

-- The keys put in force after that of the genesis: one row per KEY_ROTATE.
CREATE TABLE journal_keys (
  seq    INTEGER PRIMARY KEY CHECK (seq >= 1),
  id     TEXT    NOT NULL UNIQUE CHECK (id GLOB 'k[1-9]*'),
  public TEXT    NOT NULL UNIQUE CHECK (length(public) > 0) -- SPKI in DER, base64
) STRICT;

-- The numbers that a RESUME left out, because entries that are gone may have had them: the last of each series and year.
CREATE TABLE journal_skipped (
  seq    INTEGER NOT NULL CHECK (seq >= 1), -- of the RESUME
  series TEXT    NOT NULL CHECK (length(series) = 1),
  year   INTEGER NOT NULL CHECK (year BETWEEN 2000 AND 2099),
  n      INTEGER NOT NULL CHECK (n >= 1),
  PRIMARY KEY (series, year, n)
) STRICT, WITHOUT ROWID;

-- The rare entries: each RESUME, and the events of integrity with their acknowledgement.
CREATE TABLE journal_marks (
  seq  INTEGER PRIMARY KEY CHECK (seq >= 1),
  code TEXT    NOT NULL CHECK (length(code) > 0)
) STRICT;

-- A café of before has its marks too: what its till once saw and could not explain is shown until a manager has seen it.
-- Canonical text escapes quotes, so that no text in a body looks like a key.
INSERT INTO journal_marks (seq, code)
  SELECT seq, 'INTEGRITY_ERROR' FROM journal
  WHERE seq >= 1 AND CAST(canon AS TEXT) LIKE '%"code":"INTEGRITY_ERROR"%' AND CAST(canon AS TEXT) LIKE '%"kind":"EVENT"%' ORDER BY seq;

-- +goose StatementBegin
CREATE TRIGGER journal_keys_keep_insert BEFORE INSERT ON journal_keys
WHEN NEW.seq IS NOT (SELECT max(seq) FROM journal) OR EXISTS (SELECT 1 FROM journal_keys WHERE seq = NEW.seq OR id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_keys_keep_update BEFORE UPDATE ON journal_keys BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_keys_keep_delete BEFORE DELETE ON journal_keys BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_skipped_keep_insert BEFORE INSERT ON journal_skipped
WHEN NEW.seq IS NOT (SELECT max(seq) FROM journal) OR NEW.n <= (SELECT coalesce(max(n), 0) FROM (
  SELECT n FROM documents WHERE series = NEW.series AND year = NEW.year
  UNION ALL SELECT n FROM journal_skipped WHERE series = NEW.series AND year = NEW.year))
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_skipped_keep_update BEFORE UPDATE ON journal_skipped BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_skipped_keep_delete BEFORE DELETE ON journal_skipped BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_marks_keep_insert BEFORE INSERT ON journal_marks
WHEN NEW.seq IS NOT (SELECT max(seq) FROM journal) OR EXISTS (SELECT 1 FROM journal_marks WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_marks_keep_update BEFORE UPDATE ON journal_marks BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_marks_keep_delete BEFORE DELETE ON journal_marks BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd

-- The next number of a series follows the last one given or left out.
DROP TRIGGER documents_keep_insert;
-- +goose StatementBegin
CREATE TRIGGER documents_keep_insert BEFORE INSERT ON documents
WHEN NEW.n IS NOT (SELECT 1 + max(coalesce((SELECT max(n) FROM documents WHERE series = NEW.series AND year = NEW.year), 0),
  coalesce((SELECT max(n) FROM journal_skipped WHERE series = NEW.series AND year = NEW.year), 0)))
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
