-- +goose Up

-- A line may have a discount, with its reason (fiscal R44). SQLite cannot change the CHECK of a column, so the table is
-- made anew, its rows copied, and its triggers made again: they go with the old table.
CREATE TABLE sale_lines_new (
  seq        INTEGER NOT NULL REFERENCES sales (seq),
  n          INTEGER NOT NULL CHECK (n >= 1),      -- of the journal's line; its options follow it there
  product    TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  category   TEXT    NOT NULL,
  kind       TEXT    NOT NULL CHECK (kind IN ('sale', 'gift')),
  class      TEXT    NOT NULL CHECK ((class <> '') = (kind = 'gift')),
  qty        INTEGER NOT NULL CHECK (qty <> 0),    -- whole units; negative in a refund
  unit_price INTEGER NOT NULL CHECK (unit_price >= 0), -- cents, options included, before the discount
  disc       INTEGER NOT NULL CHECK (disc * qty >= 0), -- cents of discount on all of it; negative in a refund
  reason     TEXT    NOT NULL CHECK (CASE WHEN of_n = 0 AND disc <> 0 THEN reason <> '' ELSE reason = '' END), -- of the discount; a refund has that of its sale
  total      INTEGER NOT NULL CHECK (total = qty * unit_price - disc AND total * qty >= 0),
  vat_bp     INTEGER NOT NULL CHECK (vat_bp >= 0),
  meal_units INTEGER NOT NULL CHECK (meal_units >= 0), -- of one; 0 when it earns no stamp
  food       INTEGER NOT NULL,                     -- cents of the total that vouchers may pay
  of_n       INTEGER NOT NULL CHECK (of_n >= 0),   -- the refunded line; 0 in a sale
  CHECK (disc = 0 OR kind = 'sale'),
  PRIMARY KEY (seq, n)
) STRICT, WITHOUT ROWID;
INSERT INTO sale_lines_new (seq, n, product, name, category, kind, class, qty, unit_price, disc, reason, total, vat_bp, meal_units, food, of_n)
  SELECT seq, n, product, name, category, kind, class, qty, unit_price, 0, '', total, vat_bp, meal_units, food, of_n FROM sale_lines ORDER BY seq, n;
DROP TABLE sale_lines;
ALTER TABLE sale_lines_new RENAME TO sale_lines;

-- +goose StatementBegin
CREATE TRIGGER sale_lines_keep_update BEFORE UPDATE ON sale_lines BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sale_lines_keep_delete BEFORE DELETE ON sale_lines BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd
