-- +goose Up

-- The code of a donor's proof: random, and of no use for the receipt or a card. Empty where nothing was given.
ALTER TABLE sales ADD COLUMN gift_code TEXT NOT NULL DEFAULT '' CHECK (gift_code = '' OR refunds IS NULL);
CREATE UNIQUE INDEX sales_gift_code ON sales (gift_code) WHERE gift_code <> '';

-- What became of an item is asked by its giver, for years.
CREATE INDEX item_events_item ON item_events (item, seq);
