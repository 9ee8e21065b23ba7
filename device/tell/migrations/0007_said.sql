-- What holds of a visit stands with it, and why each ended as it did, so that lists are filtered by both at once.

CREATE TABLE reasons (
    number INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE                  -- with "#" for every number in it: there are few of those
) STRICT;

INSERT OR IGNORE INTO reasons (text) SELECT reason_of(packed) FROM visits;

ALTER TABLE visits ADD COLUMN reason INTEGER;  -- reasons.number
ALTER TABLE visits ADD COLUMN said TEXT;       -- the labels that hold, by task, as JSON; NULL: none
UPDATE visits SET reason = (SELECT number FROM reasons WHERE text = reason_of(packed));

CREATE VIEW holding AS
    SELECT about, subject, task, label FROM labels
    WHERE number IN (SELECT max(number) FROM labels GROUP BY about, subject, task) AND label IS NOT NULL;

UPDATE visits SET said = (
    SELECT json_group_object(task, label) FROM holding WHERE about = 'visit' AND subject = visits.id
) WHERE id IN (SELECT subject FROM holding WHERE about = 'visit');

DROP VIEW holding;

CREATE TRIGGER labels_said AFTER INSERT ON labels WHEN new.about = 'visit' BEGIN
    UPDATE visits SET said = (
        SELECT nullif(json_group_object(task, label), '{}') FROM labels
        WHERE label IS NOT NULL AND number IN (
            SELECT max(number) FROM labels WHERE about = 'visit' AND subject = new.subject GROUP BY task
        )
    ) WHERE id = new.subject;
END;

DROP INDEX visits_filters;
DROP INDEX visits_who;
DROP INDEX visits_kind;
DROP INDEX visits_species;
CREATE INDEX visits_filters ON visits (number, who, species, outcome, kind, started_wall, direction, reason, said);
CREATE INDEX visits_who ON visits (who, number, species, outcome, kind, started_wall, direction, reason, said);
CREATE INDEX visits_kind ON visits (kind, number, who, species, outcome, started_wall, direction, reason, said);
CREATE INDEX visits_species ON visits (species, number, who, outcome, kind, started_wall, direction, reason, said);

CREATE TABLE stills (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,                   -- as examples.id; labels and boxes are said of it in the same way
    visit TEXT NOT NULL,
    wall REAL,
    file TEXT NOT NULL                         -- below the state directory: a whole picture of a visit
) STRICT;

CREATE INDEX stills_visit ON stills (visit);
