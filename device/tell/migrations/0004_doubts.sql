-- Where two that judge the same visit said different things: chip and sight, the live head and one in its shadow.

CREATE TABLE doubts (
    visit TEXT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (visit, kind)
) STRICT, WITHOUT ROWID;
