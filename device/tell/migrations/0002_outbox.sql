-- What must reach the broker: ended visits and events, each committed with the thing itself.

CREATE TABLE outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order in which they are sent
    id TEXT NOT NULL UNIQUE,                   -- by which whoever gets one twice knows it
    topic TEXT NOT NULL,                       -- below the device's prefix
    payload TEXT NOT NULL,
    noticed REAL,                              -- in seconds of running time, see outbox.py
    acknowledged REAL                          -- the same; NULL until the broker has it
) STRICT;

CREATE INDEX outbox_waiting ON outbox (number) WHERE acknowledged IS NULL;

CREATE TABLE outbox_dropped (
    why TEXT PRIMARY KEY,
    count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
