-- +goose Up

-- The menu as a manager arranges it: an order of their own for the favourites, products put away and brought back,
-- and what is sold out until a day. A version says when a form's row last changed: who saves an older one is told.
ALTER TABLE categories ADD COLUMN version INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0); -- seq of the event that last changed it
ALTER TABLE products ADD COLUMN version INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0);
ALTER TABLE products ADD COLUMN favourite_place INTEGER NOT NULL DEFAULT 0 CHECK (favourite_place >= 0); -- 0: no favourite
ALTER TABLE products ADD COLUMN archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)); -- off the grid; reports and open orders keep it
ALTER TABLE products ADD COLUMN back TEXT NOT NULL DEFAULT '' CHECK (back = '' OR available = 0); -- business day it is available again by itself; '': until somebody says so
UPDATE products SET favourite_place = position WHERE favourite = 1;
CREATE UNIQUE INDEX products_favourites ON products (favourite_place) WHERE favourite_place > 0;
