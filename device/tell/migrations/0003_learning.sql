-- What learning learns from: views of animals, what people said of visits and views, and what was offered.

CREATE TABLE examples (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    visit TEXT NOT NULL,                       -- visits.id, or the visit of a picture from elsewhere
    wall REAL,
    infrared INTEGER NOT NULL,
    backbone TEXT NOT NULL,                    -- sha256 of the model that made the codes
    codes BLOB NOT NULL,                       -- the embedding, an int8 each
    file TEXT NOT NULL,                        -- below the state directory
    crop TEXT,                                 -- messages.Box as JSON: what was embedded; NULL: all of it
    document TEXT                              -- learn.dataset.Picture as JSON, if it came from elsewhere
) STRICT;

CREATE INDEX examples_visit ON examples (visit);

CREATE TABLE labels (
    number INTEGER PRIMARY KEY AUTOINCREMENT,  -- the latest of a subject and task holds, the others are history
    about TEXT NOT NULL CHECK (about IN ('visit', 'example')),
    subject TEXT NOT NULL,                     -- the id of the one or the other
    task TEXT NOT NULL,
    label TEXT,                                -- NULL: taken back
    by TEXT NOT NULL,
    wall REAL
) STRICT;

CREATE INDEX labels_subject ON labels (about, subject, task, number);

CREATE TABLE boxes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    example TEXT NOT NULL,
    document TEXT NOT NULL,                    -- learn.album.Drawn as JSON
    by TEXT NOT NULL,
    wall REAL
) STRICT;

CREATE INDEX boxes_example ON boxes (example, number);

CREATE TABLE imports (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    format TEXT NOT NULL,
    wall REAL,
    document TEXT NOT NULL                     -- what the file said of all its pictures, as JSON
) STRICT;

CREATE TABLE offers (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    visit TEXT NOT NULL UNIQUE,
    reason TEXT NOT NULL,
    probability REAL NOT NULL,                 -- that it was offered; 0: picked for being hard
    wall REAL
) STRICT;
