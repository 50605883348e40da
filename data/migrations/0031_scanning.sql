-- +goose Up

-- Codes of products, customers' displays on a pole.
SELECT 1;
