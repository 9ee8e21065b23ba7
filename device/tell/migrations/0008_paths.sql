-- Where each visit went, how its meters rose, and an index of what somebody said something of.

CREATE TABLE paths (
    number INTEGER PRIMARY KEY REFERENCES visits (number) ON DELETE CASCADE,
    cells BLOB NOT NULL                        -- tell.paths: cells of a grid over the picture, and how long in each
) STRICT;

INSERT INTO paths
SELECT visits.number, path_of(sightings) FROM evidence JOIN visits ON visits.id = evidence.visit;

ALTER TABLE evidence ADD COLUMN meters BLOB;   -- tell.curves.Curve as JSON, one a line, packed; NULL: not kept

CREATE INDEX visits_labelled ON visits (number, who, species, outcome, kind, started_wall, direction, reason, said)
WHERE said IS NOT NULL;
