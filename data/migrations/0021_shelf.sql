-- +goose Up

-- What is promised at the counter is handed out and given back by class; that it is little does not make the shelf small.
CREATE INDEX shelf_reserved ON shelf (class, created, origin) WHERE state = 'RESERVED';
