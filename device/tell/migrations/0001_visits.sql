-- Visits, the frames that were their evidence, events, and every setting ever made.

CREATE TABLE visits (
    number INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order in which they came, whatever the clock said
    id TEXT NOT NULL UNIQUE,
    started_wall REAL,
    species TEXT NOT NULL,
    who TEXT,
    outcome TEXT NOT NULL,
    kind TEXT,
    direction TEXT NOT NULL,
    phase TEXT NOT NULL,
    document TEXT NOT NULL                     -- messages.Visit as JSON
) STRICT;

CREATE INDEX visits_who ON visits (who, number);

CREATE TABLE evidence (
    visit TEXT NOT NULL REFERENCES visits (id) ON DELETE CASCADE,
    time REAL NOT NULL,
    sighting TEXT NOT NULL                     -- messages.Sighting as JSON
) STRICT;

CREATE INDEX evidence_visit ON evidence (visit, time);

CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    wall REAL,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    visit TEXT,
    document TEXT NOT NULL                     -- messages.Event as JSON
) STRICT;

CREATE TABLE settings_history (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    wall REAL
) STRICT;

CREATE INDEX settings_key ON settings_history (key, number);
