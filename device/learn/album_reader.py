"""Reads the album: datasets to learn from, pictures to hand on, and the history of what was said."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from device.errors import DatasetError
from device.learn.album import IS_THERE, About, Drawn, Offer, Said, Still, View
from device.learn.dataset import Dataset, Example, LabelledBox, Picture
from device.learn.saying import holding
from device.learn.vocabulary import DECISION, NO_VIEW, PREY, VIEW, WHO
from device.messages import Box
from device.tell import database
from device.tell.database import plain_errors
from device.tell.wire import read

CURRENT = """
    SELECT about, subject, task, label FROM labels
    WHERE number IN (SELECT max(number) FROM labels GROUP BY about, subject, task) AND label IS NOT NULL
"""
HISTORY = """
    SELECT about, subject, task, label, by, wall FROM labels WHERE about = ? AND subject = ? ORDER BY number
"""
VIEWS = "SELECT id, visit, wall, infrared, backbone, codes, file, crop, document FROM examples"
STILLS = "SELECT id, visit, wall, file FROM stills"
BOXES = """
    SELECT example, document FROM boxes WHERE number IN (SELECT max(number) FROM boxes GROUP BY example)
"""
DRAWN = "SELECT document, by, wall FROM boxes WHERE example = ? ORDER BY number DESC LIMIT 1"
LABELLED = """
    SELECT subject FROM labels WHERE about = 'visit'
    UNION SELECT visit FROM examples JOIN labels ON about = 'example' AND subject = examples.id
"""
OFFERS = "SELECT visit, reason, probability FROM offers"
FOREIGN = "SELECT document FROM imports WHERE format = ? ORDER BY number DESC LIMIT 1"

Labels = dict[str, dict[str, str]]


class AlbumReader:
    """A reader with a connection of its own; use one in each thread.

    Every method raises StoreError, with the fix, when the database cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / database.NAME
        self._connection = database.open_to_read(folder)

    def dataset(self, backbone: str | None = None) -> Dataset:
        """All examples of one backbone with the labels that hold, in the order in which they came.

        Args:
            backbone: sha256 of its model; None: the one most examples are of.

        A view that somebody called useless is left out: it shows nothing of what the visit's labels say.
        """
        counts = self.backbones()
        chosen = backbone or max(counts, key=lambda each: counts[each], default="")
        of_visits, of_examples = self._labels()
        probabilities = {each.visit: each.probability for each in self.offered()}
        examples = [
            Example(
                id=view.id,
                visit=view.visit,
                wall=view.wall,
                codes=view.codes,
                labels=labels,
                infrared=view.infrared,
                probability=probabilities.get(view.visit, 1.0),
                source=view.file,
            )
            for view in self.views()
            if view.backbone == chosen
            for labels in [_holding(view, of_visits, of_examples)]
            if labels.get(VIEW) != NO_VIEW
        ]
        return Dataset(tuple(examples), chosen)

    def views(self) -> Iterator[View]:
        """Everything that is kept, in the order in which it came."""
        for row in self._rows(f"{VIEWS} ORDER BY number"):
            yield self._view(row)

    def of_visit(self, visit: str) -> list[View]:
        """The views of one visit."""
        return [self._view(row) for row in self._rows(f"{VIEWS} WHERE visit = ? ORDER BY number", (visit,))]

    def view(self, id: str) -> View | None:  # noqa: A002
        """One view by its id; None if there is none."""
        return next((self._view(row) for row in self._rows(f"{VIEWS} WHERE id = ?", (id,))), None)

    def pictures(self) -> list[Picture]:
        """Every view and every still as a labelled picture, for other formats; its source is its file."""
        of_visits, of_examples = self._labels()
        boxes = self.boxes()
        views = [
            self._picture(view, _holding(view, of_visits, of_examples), boxes.get(view.id, ()))
            for view in self.views()
        ]
        stills = [
            Picture(
                source=still.file,
                labels=_holding(still, of_visits, of_examples),
                boxes=boxes.get(still.id, ()),
                wall=still.wall,
                visit=still.visit,
            )
            for still in self.stills()
        ]
        return views + stills

    def stills(self, visit: str | None = None) -> list[Still]:
        """Whole pictures of which something was said, in their order; of one visit if it is named."""
        where, values = ("", ()) if visit is None else ("WHERE visit = ?", (visit,))
        return [Still(*row) for row in self._rows(f"{STILLS} {where} ORDER BY number", values)]

    def drawn(self, example: str) -> tuple[tuple[LabelledBox, ...], str | None, float | None]:
        """The boxes that hold of one example or still, who drew them, and when; nobody if nobody did."""
        for document, by, wall in self._rows(DRAWN, (example,)):
            return read(Drawn, document, str(self._path)).boxes, by, wall
        return (), None, None

    def boxes(self) -> dict[str, tuple[LabelledBox, ...]]:
        """The boxes that hold of each example on which any were drawn."""
        return {example: read(Drawn, text, str(self._path)).boxes for example, text in self._rows(BOXES)}

    def labels(self, about: About, subject: str) -> dict[str, str]:
        """What holds of one visit or example, by task."""
        return holding(self.history(about, subject))

    def history(self, about: About, subject: str) -> list[Said]:
        """Everything that was ever said of one visit or example, the latest last."""
        return [Said(*row) for row in self._rows(HISTORY, (about, subject))]

    def labelled(self) -> frozenset[str]:
        """The visits of which something was said, of themselves or of one of their views."""
        return frozenset(row[0] for row in self._rows(LABELLED))

    def precious(self) -> frozenset[str]:
        """The visits that people worked on: something was said of them, or boxes drawn on their pictures."""
        drawn = self._rows("SELECT visit FROM stills")
        return self.labelled() | {row[0] for row in drawn}

    def ids(self) -> frozenset[str]:
        """The ids of all examples."""
        return frozenset(row[0] for row in self._rows("SELECT id FROM examples"))

    def offered(self) -> list[Offer]:
        """Every visit that was ever offered for labelling."""
        return [Offer(*row) for row in self._rows(f"{OFFERS} ORDER BY number")]

    def open_offers(self) -> list[Offer]:
        """Those of which nobody said anything since, and prey of which nobody said whose it was."""
        labelled = self.labelled()
        nameless = self.nameless()
        return [each for each in self.offered() if each.visit not in labelled or each.visit in nameless]

    def nameless(self) -> frozenset[str]:
        """The visits that brought prey, as somebody reported, and nobody said who it was."""
        said = self._labels()[0].items()
        return frozenset(visit for visit, labels in said if labels.get(PREY) == PREY and WHO not in labels)

    def last_draw(self) -> float | None:
        """When offers were drawn last, in UTC seconds."""
        wall: float | None = self._rows("SELECT max(wall) FROM offers")[0][0]
        return wall

    def doubted(self) -> frozenset[str]:
        """The visits of which two judges said different things."""
        return frozenset(row[0] for row in self._rows("SELECT visit FROM doubts"))

    def about(self, subject: str) -> About:
        """Whether an id is that of a visit or of an example; raises DatasetError if of neither."""
        if self._rows(IS_THERE["visit"], (subject,)):
            return "visit"
        if self._rows(IS_THERE["example"], (subject,)):
            return "example"
        raise DatasetError(f"there is no visit or picture {subject!r}; `latchlens visits list` shows visits")

    def backbones(self) -> Counter[str]:
        """How many examples each backbone made."""
        return Counter(dict(self._rows("SELECT backbone, count(*) FROM examples GROUP BY backbone")))

    def foreign(self, form: str) -> Mapping[str, Any]:
        """What the latest import of a format said of all its pictures."""
        rows = self._rows(FOREIGN, (form,))
        found: Mapping[str, Any] = json.loads(rows[0][0]) if rows else {}
        return found

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> AlbumReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _labels(self) -> tuple[Labels, Labels]:
        """What holds, by visit and by example."""
        found: dict[str, Labels] = {"visit": {}, "example": {}}
        for about, subject, task, label in self._rows(CURRENT):
            found[about].setdefault(subject, {})[task] = label
        return found["visit"], found["example"]

    def _view(self, row: tuple[Any, ...]) -> View:
        *known, codes, file, crop, document = row
        where = str(self._path)
        return View(
            *(known[0], known[1], known[2], bool(known[3]), known[4]),
            np.frombuffer(codes, np.int8),
            file,
            None if crop is None else read(Box, crop, where),
            None if document is None else read(Picture, document, where),
        )

    def _picture(self, view: View, labels: dict[str, str], boxes: tuple[LabelledBox, ...]) -> Picture:
        said = view.picture or Picture(view.file)
        return Picture(
            source=view.file,
            labels=labels,
            boxes=boxes,
            size_px=said.size_px,
            wall=view.wall,
            visit=view.visit,
            infrared=view.infrared,
            foreign=said.foreign,
        )

    def _rows(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        with plain_errors(self._path):
            return self._connection.execute(query, values).fetchall()


def _holding(view: View | Still, of_visits: Labels, of_examples: Labels) -> dict[str, str]:
    """What holds of one view: what was said of it, else of its visit, but not whether the door did right."""
    found = of_visits.get(view.visit, {}) | of_examples.get(view.id, {})
    found.pop(DECISION, None)
    return found
