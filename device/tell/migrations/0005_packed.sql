-- Visits and their evidence in a fraction of their room, and indexes that hold whatever a list is filtered by.

CREATE TABLE packed_evidence (
    visit TEXT PRIMARY KEY REFERENCES visits (id) ON DELETE CASCADE,
    sightings BLOB NOT NULL                    -- messages.Sighting as JSON, one a line in their order, packed
) STRICT;

INSERT INTO packed_evidence
SELECT visit, packed(group_concat(sighting, char(10)))
FROM (SELECT visit, sighting FROM evidence ORDER BY visit, time, rowid) GROUP BY visit;

DROP TABLE evidence;
ALTER TABLE packed_evidence RENAME TO evidence;

ALTER TABLE visits ADD COLUMN packed BLOB NOT NULL DEFAULT x'';   -- messages.Visit as JSON, packed
UPDATE visits SET packed = packed(document);
ALTER TABLE visits DROP COLUMN document;

DROP INDEX visits_who;
CREATE INDEX visits_filters ON visits (number, who, species, outcome, kind, started_wall);
CREATE INDEX visits_who ON visits (who, number, species, outcome, kind, started_wall);
CREATE INDEX visits_kind ON visits (kind, number, who, species, outcome, started_wall);
CREATE INDEX visits_species ON visits (species, number, who, outcome, kind, started_wall);
CREATE INDEX visits_started ON visits (started_wall, number);
CREATE INDEX events_visit ON events (visit, number) WHERE visit IS NOT NULL;
