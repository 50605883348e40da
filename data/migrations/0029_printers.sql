-- +goose Up

-- What the café has set up: printers and their stations.
SELECT 1;
