-- +goose Up

-- What the kitchen has to make today: one row per order, with its lines. Nothing here is fiscal, and rows of earlier days
-- are removed. A line served from the shelf is the same as a paid one, down to the byte (G2, I16): no kind, no price, no
-- document. Rows exist only for stations that some screen shows.
CREATE TABLE kitchen_orders (
  id     TEXT    NOT NULL PRIMARY KEY,
  day    TEXT    NOT NULL CHECK (length(day) = 10),
  no     INTEGER NOT NULL CHECK (no >= 1), -- of the ticket, or of the same series when there never was an open ticket
  ticket TEXT    NOT NULL,                 -- whose additions join this order; '' when it was rung and paid in one gesture
  gone   INTEGER NOT NULL,                 -- Unix milliseconds at which its last line was done; 0 while it is on a screen
  unseen INTEGER NOT NULL,                 -- Unix milliseconds since which something of it waits to be shown; 0: all was shown
  body   TEXT    NOT NULL CHECK (json_valid(body))
) STRICT, WITHOUT ROWID;
CREATE INDEX kitchen_open ON kitchen_orders (ticket) WHERE gone = 0;
