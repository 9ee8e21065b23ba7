"""The album: views of animals in the state directory, and all that people ever said of them.

The database keeps the embeddings and labels, files beside it the pictures. What is said later holds; what
was said before stays, with who said it and when. A label of a visit holds for all its views, unless one of
them has a label of its own.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from device.errors import DatasetError
from device.learn.dataset import Codes, LabelledBox, Picture, unpacked
from device.messages import Box, Embedding
from device.tell.store import Store
from device.tell.wire import written

About = Literal["visit", "example"]

PUT_EXAMPLE = """
    INSERT INTO examples (id, visit, wall, infrared, backbone, codes, file, crop, document)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
PUT_LABEL = "INSERT INTO labels (about, subject, task, label, by, wall) VALUES (?, ?, ?, ?, ?, ?)"
PUT_BOXES = "INSERT INTO boxes (example, document, by, wall) VALUES (?, ?, ?, ?)"
PUT_STILL = "INSERT OR IGNORE INTO stills (id, visit, wall, file) VALUES (?, ?, ?, ?)"
PUT_IMPORT = "INSERT INTO imports (source, format, wall, document) VALUES (?, ?, ?, ?)"
PUT_OFFER = "INSERT OR IGNORE INTO offers (visit, reason, probability, wall) VALUES (?, ?, ?, ?)"
FORGET = """
    DELETE FROM examples WHERE wall < ? AND document IS NULL
    AND visit NOT IN (SELECT subject FROM labels WHERE about = 'visit')
    AND id NOT IN (SELECT subject FROM labels WHERE about = 'example')
    RETURNING file
"""
PUT_DOUBT = "INSERT OR IGNORE INTO doubts (visit, kind) VALUES (?, ?)"
IS_THERE: Mapping[About, str] = {
    "visit": "SELECT 1 FROM visits WHERE id = ?1 UNION ALL SELECT 1 FROM examples WHERE visit = ?1 LIMIT 1",
    "example": "SELECT 1 FROM examples WHERE id = ?1 UNION ALL SELECT 1 FROM stills WHERE id = ?1 LIMIT 1",
}


@dataclass(frozen=True, slots=True)
class Said:
    """One label that somebody gave."""

    about: About
    subject: str
    """The id of the visit or example."""
    task: str
    label: str | None
    """None takes back what was said before."""
    by: str
    wall: float | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """All boxes of one picture, as they were drawn at one time."""

    boxes: tuple[LabelledBox, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A view of an animal as the album keeps it."""

    id: str
    visit: str
    wall: float | None
    infrared: bool
    backbone: str
    codes: Codes
    file: str
    """Its picture, relative to the state directory."""
    crop: Box | None = None
    """The part of the picture that was embedded; None: all of it."""
    picture: Picture | None = None
    """What was said of it elsewhere; None for views of one's own door."""

    @property
    def embedding(self) -> Embedding:
        """The L2-normalised embedding, (d,) float32."""
        embedding: Embedding = unpacked(self.codes[None])[0]
        return embedding


@dataclass(frozen=True, slots=True)
class Still:
    """A whole picture of a visit of which something was said; nobody embedded it."""

    id: str
    visit: str
    wall: float | None
    file: str
    """Relative to the state directory."""


@dataclass(frozen=True, slots=True)
class Import:
    """A file or folder that pictures came from."""

    source: str
    format: str
    wall: float | None
    foreign: Mapping[str, Any] = field(default_factory=dict)
    """What it said of all its pictures that Latchlens does not use."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A visit that the owner is asked to label, and why."""

    visit: str
    reason: str
    probability: float
    """How probable it was that this visit would be offered; 0 if it was picked for being hard."""


class Album:
    """Writes through a Store; every method does all of what it is asked, or raises and does nothing.

    Raises StoreError when the database cannot be written.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self,
        views: Sequence[View],
        said: Iterable[Said],
        drawn: Mapping[str, Sequence[LabelledBox]],
        origin: Import,
    ) -> None:
        """Keep views from elsewhere, what is said of examples, and the boxes drawn on them, by their ids.

        Raises:
            DatasetError: a view is in the album already, or there is no such example.
        """
        rows, labels = [_row(view) for view in views], list(said)
        boxes = [
            (example, written(Drawn(tuple(each))), origin.source, origin.wall)
            for example, each in drawn.items()
        ]

        def write(connection: sqlite3.Connection) -> None:
            _refuse_known(connection, views)
            connection.executemany(PUT_EXAMPLE, rows)
            connection.executemany(PUT_BOXES, boxes)
            _write_labels(connection, labels)
            foreign = json.dumps(origin.foreign, default=str)
            connection.execute(PUT_IMPORT, (origin.source, origin.format, origin.wall, foreign))

        self._store.write(write)

    def take(self, visit: str, views: Sequence[View]) -> None:
        """Keep the views of a visit of one's own door; any that it had before give way to them."""
        rows = [_row(view) for view in views]

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM examples WHERE visit = ?", (visit,))
            connection.executemany(PUT_EXAMPLE, rows)

        self._store.write(write)

    def say(self, said: Iterable[Said]) -> None:
        """Keep labels.

        Raises:
            DatasetError: there is no such visit or example.
        """
        labels = list(said)
        self._store.write(lambda connection: _write_labels(connection, labels))

    def draw(self, example: str, boxes: Sequence[LabelledBox], by: str, wall: float | None) -> None:
        """Keep the boxes of one picture; those drawn before stay in its history.

        Raises:
            DatasetError: there is no such example.
        """

        def write(connection: sqlite3.Connection) -> None:
            _require(connection, "example", example)
            connection.execute(PUT_BOXES, (example, written(Drawn(tuple(boxes))), by, wall))

        self._store.write(write)

    def keep(self, still: Still) -> None:
        """Keep a whole picture of a visit, so that labels and boxes can be said of it; once is enough."""
        row = still.id, still.visit, still.wall, still.file
        self._store.write(lambda connection: connection.execute(PUT_STILL, row))

    def offer(self, offers: Iterable[Offer], wall: float | None) -> None:
        """Keep what was offered for labelling; a visit is offered once."""
        rows = [(each.visit, each.reason, each.probability, wall) for each in offers]
        self._store.write(lambda connection: connection.executemany(PUT_OFFER, rows))

    def forget(self, before: float) -> list[str]:
        """Forget the views of one's own door from before a wall time that nobody labelled; their files."""
        files: list[str] = []

        def write(connection: sqlite3.Connection) -> None:
            files.extend(file for (file,) in connection.execute(FORGET, (before,)))

        self._store.write(write)
        return files

    def doubt(self, visit: str, kind: str) -> None:
        """Keep that two judges of a visit said different things."""
        self._store.write(lambda connection: connection.execute(PUT_DOUBT, (visit, kind)))


def _row(view: View) -> tuple[object, ...]:
    # Boxes and labels have tables of their own, with a history.
    picture = None if view.picture is None else written(replace(view.picture, boxes=(), labels={}))
    crop = None if view.crop is None else written(view.crop)
    return (
        *(view.id, view.visit, view.wall, int(view.infrared), view.backbone),
        *(view.codes.tobytes(), view.file, crop, picture),
    )


def _write_labels(connection: sqlite3.Connection, labels: Iterable[Said]) -> None:
    asked: set[tuple[About, str]] = set()
    for each in labels:
        if (each.about, each.subject) not in asked:
            _require(connection, each.about, each.subject)
            asked.add((each.about, each.subject))
        connection.execute(PUT_LABEL, (each.about, each.subject, each.task, each.label, each.by, each.wall))


def _require(connection: sqlite3.Connection, about: About, subject: str) -> None:
    if connection.execute(IS_THERE[about], (subject,)).fetchone() is None:
        where = "`latchlens visits list`" if about == "visit" else "`latchlens dataset stats`"
        raise DatasetError(f"there is no {about} {subject!r}; {where} shows what there is")


def _refuse_known(connection: sqlite3.Connection, views: Iterable[View]) -> None:
    for view in views:
        if connection.execute(IS_THERE["example"], (view.id,)).fetchone() is not None:
            raise DatasetError(f"example {view.id} is in the album already; each is kept once")
