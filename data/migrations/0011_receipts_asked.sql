-- +goose Up

-- Documents that somebody asked to have on paper: nobody else gets one (product.md, decision 10). One row a document,
-- at the first asking; a sale whose receipt nobody wants writes nothing here.
CREATE TABLE receipts_asked (
  seq      INTEGER NOT NULL PRIMARY KEY REFERENCES sales (seq),
  event    INTEGER NOT NULL CHECK (event >= 1), -- seq of the event that recorded it
  at       INTEGER NOT NULL,                    -- Unix milliseconds
  operator TEXT    NOT NULL CHECK (operator <> '')
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER receipts_asked_keep_update BEFORE UPDATE ON receipts_asked BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER receipts_asked_keep_delete BEFORE DELETE ON receipts_asked BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
