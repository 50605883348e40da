-- +goose Up

-- What a session reaches: '' all that its operator may, 'screen' the customer display and the kitchen screen alone.
ALTER TABLE sessions ADD COLUMN scope TEXT NOT NULL DEFAULT '' CHECK (scope IN ('', 'screen'));
