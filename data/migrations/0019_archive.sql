-- +goose Up

-- The archives that were made (fiscal R70–R75): one row per ARCHIVE entry, by its seq, with what the entry does not say. Made
-- again from the journal, an archive has the same manifest, and with sig the same signature.
CREATE TABLE archives (
  seq      INTEGER PRIMARY KEY CHECK (seq >= 1),
  name     TEXT    NOT NULL UNIQUE CHECK (name GLOB '*.zip'),
  kind     TEXT    NOT NULL CHECK (kind IN ('month', 'year', 'days')),
  period   TEXT    NOT NULL UNIQUE CHECK (period <> ''),
  from_day TEXT    NOT NULL CHECK (length(from_day) = 10),
  to_day   TEXT    NOT NULL CHECK (length(to_day) = 10 AND to_day >= from_day),
  from_seq INTEGER NOT NULL CHECK (from_seq >= 0),
  to_seq   INTEGER NOT NULL CHECK (to_seq >= from_seq AND to_seq < seq),
  manifest TEXT    NOT NULL CHECK (length(manifest) = 64), -- SHA-256 of MANIFEST.json, hex
  sha256   TEXT    NOT NULL CHECK (length(sha256) = 64),   -- of the ZIP file, hex
  size     INTEGER NOT NULL CHECK (size > 0),              -- of the ZIP file, bytes
  previous INTEGER NOT NULL CHECK (previous < seq),        -- seq of the archive before; 0: none
  key      TEXT    NOT NULL CHECK (key <> ''),             -- that signed the manifest
  sig      BLOB    NOT NULL CHECK (length(sig) > 0)        -- of the manifest, DER
) STRICT;

-- Who has said that a copy lies elsewhere (fiscal R75): at most one confirmation an archive.
CREATE TABLE archive_copies (
  archive INTEGER PRIMARY KEY REFERENCES archives (seq),
  seq     INTEGER NOT NULL UNIQUE CHECK (seq > archive), -- of the EVENT
  at      INTEGER NOT NULL,                              -- Unix milliseconds
  op      TEXT    NOT NULL CHECK (op <> '')
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER archives_keep_insert BEFORE INSERT ON archives
WHEN NEW.previous IS NOT (SELECT coalesce(max(seq), 0) FROM archives)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER archives_keep_update BEFORE UPDATE ON archives BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER archives_keep_delete BEFORE DELETE ON archives BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER archive_copies_keep_insert BEFORE INSERT ON archive_copies
WHEN EXISTS (SELECT 1 FROM archive_copies WHERE archive = NEW.archive)
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER archive_copies_keep_update BEFORE UPDATE ON archive_copies BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER archive_copies_keep_delete BEFORE DELETE ON archive_copies BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
