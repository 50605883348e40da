-- +goose Up

-- Code printed on what is sold: EAN-8, or EAN-13 (a UPC-A has a 0 before it); empty: none.
ALTER TABLE products ADD COLUMN barcode TEXT NOT NULL DEFAULT '' CHECK (barcode = '' OR length(barcode) IN (8, 13) AND barcode NOT GLOB '*[^0-9]*');
CREATE UNIQUE INDEX products_barcode ON products (barcode) WHERE barcode <> '' AND archived = 0;

-- Customers' displays on a pole: two rows of twenty letters beside a till.
CREATE TABLE poles (
  name     TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
  uri      TEXT NOT NULL CHECK (uri <> ''),                        -- such as serial:///dev/ttyUSB0?baud=9600
  protocol TEXT NOT NULL CHECK (protocol IN ('escpos', 'cd5220')),
  page     INTEGER NOT NULL CHECK (page BETWEEN 0 AND 255),        -- number of the code page it is asked for
  charmap  TEXT NOT NULL CHECK (charmap <> ''),                    -- which letters that page has
  till     TEXT NOT NULL CHECK (till <> '')                        -- name of the till it follows
) STRICT;
