-- What heads on trial would have decided: one row for each visit and each head in shadow.

CREATE TABLE trials (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    head TEXT NOT NULL,                        -- "household/4"
    visit TEXT NOT NULL,                       -- visits.id
    live INTEGER NOT NULL,                     -- whether the head in use let it in, enforced or not
    shadow INTEGER NOT NULL,                   -- whether the one in shadow would have
    wall REAL
) STRICT;

CREATE UNIQUE INDEX trials_visit ON trials (head, visit);
