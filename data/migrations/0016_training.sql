-- +goose Up

-- Whether the till is in training (fiscal R66, R67), for all of it at once: the seq of the TRAINING_ON entry, 0 while it is
-- off. Derived from the journal; Check compares.
CREATE TABLE training (
  one   INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  since INTEGER NOT NULL CHECK (since >= 0)
) STRICT;
INSERT INTO training (one, since) VALUES (1, 0);

-- Where the documents of training are in the journal. They have no other row: nothing that adds up sales, servings, cash,
-- stamps or the shelf can meet one.
CREATE TABLE training_documents (
  seq      INTEGER NOT NULL PRIMARY KEY,                     -- of the TICKET, REFUND or SUSP_REDEEM entry
  id       TEXT    NOT NULL UNIQUE CHECK (id <> ''),         -- UUIDv7, as a sale has one
  reverses INTEGER REFERENCES training_documents (seq)       -- what a refund or an undone serving takes back; NULL for the others
) STRICT;
CREATE INDEX training_reversals ON training_documents (reverses) WHERE reverses IS NOT NULL;

-- +goose StatementBegin
CREATE TRIGGER training_documents_keep_update BEFORE UPDATE ON training_documents BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER training_documents_keep_delete BEFORE DELETE ON training_documents BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
