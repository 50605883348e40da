-- +goose Up

-- A device is reserved to one screen: the display is alone with customers, who must not reach the kitchen's. What was
-- reserved to both is reserved anew.
DELETE FROM sessions WHERE scope <> '';
ALTER TABLE sessions DROP COLUMN scope;
ALTER TABLE sessions ADD COLUMN scope TEXT NOT NULL DEFAULT '' CHECK (scope IN ('', 'display', 'kitchen'));
