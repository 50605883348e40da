-- +goose Up

-- The rate of VAT by category of product and way it is consumed, each from a business day on (fiscal R82, R88). A day has
-- the newest rate of its cell that began on it or before. 2014-01-01 is when the rates of today came into force; what a café
-- has changed since is a row of its own, and an entry of the journal.
CREATE TABLE vat_rates (
  category TEXT    NOT NULL CHECK (category <> ''),
  mode     TEXT    NOT NULL CHECK (mode IN ('eat_in', 'takeaway', 'kept')), -- kept: taken away, packaged to be kept
  from_day TEXT    NOT NULL CHECK (length(from_day) = 10),
  bp       INTEGER NOT NULL CHECK (bp BETWEEN 0 AND 10000),                 -- basis points
  PRIMARY KEY (category, mode, from_day)
) STRICT, WITHOUT ROWID;
INSERT INTO vat_rates (category, mode, from_day, bp) VALUES
  ('prepared', 'eat_in', '2014-01-01', 1000), ('prepared', 'takeaway', '2014-01-01', 1000), ('prepared', 'kept', '2014-01-01', 550),
  ('open_drink', 'eat_in', '2014-01-01', 1000), ('open_drink', 'takeaway', '2014-01-01', 1000), ('open_drink', 'kept', '2014-01-01', 1000),
  ('sealed_drink', 'eat_in', '2014-01-01', 1000), ('sealed_drink', 'takeaway', '2014-01-01', 550), ('sealed_drink', 'kept', '2014-01-01', 550),
  ('alcohol', 'eat_in', '2014-01-01', 2000), ('alcohol', 'takeaway', '2014-01-01', 2000), ('alcohol', 'kept', '2014-01-01', 2000),
  ('grocery', 'eat_in', '2014-01-01', 550), ('grocery', 'takeaway', '2014-01-01', 550), ('grocery', 'kept', '2014-01-01', 550),
  ('goods', 'eat_in', '2014-01-01', 2000), ('goods', 'takeaway', '2014-01-01', 2000), ('goods', 'kept', '2014-01-01', 2000);

-- A rate is never taken away: what was charged by it must stay explained.
-- +goose StatementBegin
CREATE TRIGGER vat_rates_keep_delete BEFORE DELETE ON vat_rates BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- +goose StatementEnd

-- A product follows the table by its category, or has rates of its own. One that was there before takes the category
-- that has its rates; where two have the same ones, what the till knows of it decides.
ALTER TABLE products ADD COLUMN vat_category TEXT NOT NULL DEFAULT 'own' CHECK (vat_category <> '');
ALTER TABLE products ADD COLUMN vat_kept INTEGER NOT NULL DEFAULT 0 CHECK (vat_kept IN (0, 1)); -- packaged to be kept: taken away, it has that rate
ALTER TABLE components ADD COLUMN vat_category TEXT NOT NULL DEFAULT 'own' CHECK (vat_category <> '');
UPDATE products SET vat_category = CASE
  WHEN vat_eat_in = 1000 AND vat_takeaway = 1000 THEN
    iif(suspend_class = 'coffee' OR category IN (SELECT id FROM categories WHERE tint IN ('hot', 'cold')), 'open_drink', 'prepared')
  WHEN vat_eat_in = 1000 AND vat_takeaway = 550 THEN 'sealed_drink'
  WHEN vat_eat_in = 2000 AND vat_takeaway = 2000 THEN
    iif(category IN (SELECT id FROM categories WHERE tint IN ('hot', 'cold')), 'alcohol', 'goods')
  WHEN vat_eat_in = 550 AND vat_takeaway = 550 THEN 'grocery'
  ELSE 'own' END;
UPDATE components SET vat_category = CASE
  WHEN vat_eat_in = 1000 AND vat_takeaway = 1000 THEN 'prepared'
  WHEN vat_eat_in = 1000 AND vat_takeaway = 550 THEN 'sealed_drink'
  WHEN vat_eat_in = 2000 AND vat_takeaway = 2000 THEN 'alcohol'
  WHEN vat_eat_in = 550 AND vat_takeaway = 550 THEN 'grocery'
  ELSE 'own' END;
