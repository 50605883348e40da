-- +goose Up

-- Planned services that come again ("tablée dimanche"), as they stand: plans, not ledgers.
CREATE TABLE services (
  id       TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
  name     TEXT    NOT NULL CHECK (name <> ''),
  folded   TEXT    NOT NULL UNIQUE,                           -- two services of one name would be mistaken for each other
  class    TEXT    NOT NULL REFERENCES classes (code),
  partner  TEXT    NOT NULL,                                  -- who collects the dishes; '': the café serves them itself
  dishes   INTEGER NOT NULL CHECK (dishes BETWEEN 1 AND 500), -- an evening
  weekdays INTEGER NOT NULL CHECK (weekdays BETWEEN 1 AND 127), -- bit 0 is Monday
  starts   TEXT    NOT NULL CHECK (length(starts) = 5),       -- on the café's clock, '19:00'
  meets    TEXT    NOT NULL CHECK (length(meets) = 5),        -- when the volunteers meet
  first    TEXT    NOT NULL CHECK (length(first) = 10),       -- first day
  last     TEXT    NOT NULL CHECK (last = '' OR length(last) = 10), -- last day; '': no end
  places   INTEGER NOT NULL CHECK (places BETWEEN 0 AND 50),  -- for volunteers, an evening
  note     TEXT    NOT NULL,
  link     INTEGER NOT NULL CHECK (link >= 1),                -- of how many links the volunteers have the newest
  code     BLOB    NOT NULL UNIQUE CHECK (length(code) = 32), -- SHA-256 of that link's code
  planned  TEXT    NOT NULL,                                  -- last day up to which its evenings are made
  created  INTEGER NOT NULL                                   -- Unix milliseconds
) STRICT, WITHOUT ROWID;

-- The evenings, made four weeks ahead. What is own to one of them no longer follows its service.
CREATE TABLE evenings (
  service   TEXT    NOT NULL REFERENCES services (id),
  day       TEXT    NOT NULL CHECK (length(day) = 10),
  dishes    INTEGER NOT NULL CHECK (dishes BETWEEN 1 AND 500),
  places    INTEGER NOT NULL CHECK (places BETWEEN 0 AND 50),
  own       INTEGER NOT NULL CHECK (own IN (0, 1)),           -- its dishes or places were changed by themselves
  cancelled TEXT    NOT NULL CHECK (cancelled IN ('', 'own', 'plan')), -- by itself, or since the service skips this day
  reason    TEXT    NOT NULL CHECK ((reason <> '') = (cancelled = 'own')),
  allotment TEXT    NOT NULL,                                 -- what was put aside for it; '': nothing yet
  PRIMARY KEY (service, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX evenings_day ON evenings (day);

-- Who comes to cook, by first name only. A name goes when its bearer does, and a month after the evening (GDPR): so
-- these rows are no ledger either, and no event and no stored answer repeats a name.
CREATE TABLE volunteers (
  service TEXT    NOT NULL,
  day     TEXT    NOT NULL,
  n       INTEGER NOT NULL CHECK (n >= 1),                    -- in the order in which they came
  name    TEXT    NOT NULL,                                   -- '': gone, or erased
  folded  TEXT    NOT NULL CHECK ((folded = '') = (name = '')),
  state   TEXT    NOT NULL CHECK (state IN ('in', 'waiting', 'gone')),
  code    BLOB    CHECK (length(code) = 32),                  -- SHA-256 of the code of its holder's page; NULL: there is none
  PRIMARY KEY (service, day, n),
  FOREIGN KEY (service, day) REFERENCES evenings (service, day),
  CHECK (state <> 'gone' OR name = '')
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX volunteers_once ON volunteers (service, day, folded) WHERE folded <> '';
CREATE UNIQUE INDEX volunteers_code ON volunteers (code) WHERE code IS NOT NULL;
CREATE INDEX volunteers_named ON volunteers (day) WHERE name <> '';
