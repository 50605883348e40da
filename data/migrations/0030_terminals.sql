-- +goose Up

-- Card terminals and what was asked of them.
SELECT 1;
