-- +goose Up

-- The kernel's table of jobs was never written to by a release: paper has a queue of its own.
DROP TABLE jobs;

-- Paper that is to come out of a printer, and drawers that are to open: written in the commit that asks for it, done after it.
-- A row is no fiscal fact. Its document is in the journal whether it comes out or not.
CREATE TABLE print_jobs (
  id       TEXT    NOT NULL PRIMARY KEY,                -- the same on every try
  printer  TEXT    NOT NULL CHECK (printer <> ''),      -- name of the printer it is for
  kind     TEXT    NOT NULL CHECK (kind <> ''),
  body     TEXT    NOT NULL CHECK (json_valid(body)),   -- what is printed, or which document
  created  INTEGER NOT NULL,                            -- Unix milliseconds
  expires  INTEGER NOT NULL CHECK (expires > created),  -- after it nothing comes out unless a person says so
  state    TEXT    NOT NULL DEFAULT 'queued'
           CHECK (state IN ('queued', 'sending', 'printed', 'sent_unconfirmed', 'failed', 'unknown', 'expired', 'dropped')),
  reason   TEXT    NOT NULL DEFAULT '',                 -- code of what is in the way, or was
  tries    INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
  came_out TEXT    NOT NULL DEFAULT '',                 -- name of the printer it went to in its printer's place; empty: its own
  changed  INTEGER NOT NULL,
  op       TEXT    NOT NULL DEFAULT ''                  -- code of who answered for it, if a person did
) STRICT;
CREATE INDEX print_jobs_open ON print_jobs (printer, created, id) WHERE state IN ('queued', 'sending', 'failed', 'unknown', 'expired');
CREATE INDEX print_jobs_changed ON print_jobs (changed);
