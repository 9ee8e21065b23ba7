"""Reading the store: lists of visits, one visit with all that is known of it, events and settings."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from device.errors import StoreError
from device.messages import Event, Sighting, Visit
from device.tell import database, wire
from device.tell.curves import Curve
from device.tell.database import plain_errors
from device.tell.packing import unpacked
from device.tell.store import SETTINGS
from device.tell.wanted import Wanted, conditions, index
from device.tell.wording import form

PAGE = """
    SELECT number, packed FROM visits WHERE number IN (
        SELECT number FROM visits INDEXED BY {index} {where} ORDER BY number DESC LIMIT ?
    ) ORDER BY number DESC
"""
COUNTS = """
    SELECT who, direction, kind, count(*) FROM visits INDEXED BY {index} {where} GROUP BY who, direction, kind
"""
BEGAN = "SELECT started_wall FROM visits INDEXED BY {index} {where}"
PATHS = """
    SELECT cells FROM paths WHERE number IN (
        SELECT number FROM visits INDEXED BY {index} {where} ORDER BY number DESC LIMIT ?
    )
"""
NUMBERS = "SELECT number FROM visits WHERE started_wall >= ? AND started_wall < ? LIMIT ?"
SHORT = 5000
"""Visits of a time that is asked for: if it has more, the newest of it are soon found without this."""

COLUMNS = (
    *("id", "started_utc", "seconds", "species", "who"),
    *("outcome", "kind", "direction", "rule", "reason", "frames"),
)
"""Of a table of visits."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many visits of one animal went alike."""

    who: str | None
    direction: str
    kind: str | None
    visits: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some visits, the newest first, and where the next page begins."""

    visits: tuple[Visit, ...]
    next: int | None
    """The number after which the next page begins, None after the last visit."""


class Records:
    """A reader with a connection of its own; use one in each thread.

    Every method raises StoreError, with the fix, when the database cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / database.NAME
        self._file = database.identity(folder)
        self._connection = database.open_to_read(folder)
        try:
            database.refuse_old(self._path, self._connection)
        except StoreError:
            self._connection.close()
            raise

    @property
    def replaced(self) -> bool:
        """Whether the database was set aside, deleted or exchanged: what is read here is no longer told."""
        return database.identity(self._folder) != self._file

    def visits(
        self,
        limit: int = 50,
        before: str | None = None,
        animal: str | None = None,
        species: str | None = None,
        outcome: str | None = None,
        kind: str | None = None,
    ) -> list[Visit]:
        """The newest visits first, at most `limit`, of those that came before the visit `before`."""
        after = None if before is None else self._number(before)
        return list(self.page(Wanted(animal, species, outcome, kind), limit, after).visits)

    def page(self, wanted: Wanted, limit: int = 50, after: int | None = None) -> Page:
        """At most `limit` of the visits that are `wanted`, from the newest or after a page's `next`.

        Its indexes hold all that can be asked for, so that only the visits of the page are read themselves.
        """
        if limit < 1:
            return Page((), None)
        where, values = self._conditions(wanted, after)
        rows = self._rows(PAGE.format(index=index(wanted), where=where), (*values, limit + 1))
        visits = tuple(self._unpacked(row[1]) for row in rows[:limit])
        return Page(visits, rows[limit - 1][0] if len(rows) > limit else None)

    def counts(self, wanted: Wanted) -> list[Count]:
        """How many of the `wanted` visits there were, by who came and how it went."""
        where, values = self._conditions(wanted)
        return [Count(*row) for row in self._rows(COUNTS.format(index=index(wanted), where=where), values)]

    def began(self, wanted: Wanted) -> list[float | None]:
        """When each of the `wanted` visits began, in UTC seconds; None before the clock was set."""
        where, values = self._conditions(wanted)
        return [row[0] for row in self._rows(BEGAN.format(index=index(wanted), where=where), values)]

    def paths(self, wanted: Wanted, most: int) -> list[bytes]:
        """The paths, see paths.path, of at most so many of the `wanted` visits, the newest first."""
        where, values = self._conditions(wanted)
        rows = self._rows(PATHS.format(index=index(wanted), where=where), (*values, most))
        return [row[0] for row in rows]

    def _conditions(self, wanted: Wanted, after: int | None = None) -> tuple[str, tuple[object, ...]]:
        chosen = conditions(wanted, self._reasons(wanted.texts))
        if wanted.since is not None and wanted.until is not None:
            chosen += self._piece(wanted.since, wanted.until)
        if after is not None:
            chosen.append(("number < ?", (after,)))
        where = " AND ".join(condition for condition, _ in chosen)
        return f"WHERE {where}" if where else "", tuple(value for _, values in chosen for value in values)

    def reasons(self) -> list[str]:
        """The forms of all reasons that visits ever had, see wording.form."""
        return [row[0] for row in self._rows("SELECT text FROM reasons WHERE text <> '' ORDER BY text")]

    def said(self, visits: Iterable[str]) -> dict[str, dict[str, str]]:
        """The labels that hold, by task, of each of some visits of which anything was said."""
        found = ((each, self._rows("SELECT said FROM visits WHERE id = ?", (each,))) for each in visits)
        return {each: json.loads(rows[0][0]) for each, rows in found if rows and rows[0][0]}

    def _reasons(self, texts: Iterable[str]) -> list[int]:
        sought = [form(text).casefold() for text in texts]
        rows = self._rows("SELECT number, text FROM reasons")
        return [number for number, text in rows if any(each in text.casefold() for each in sought)]

    def _piece(self, since: float, until: float) -> list[tuple[str, tuple[object, ...]]]:
        """Visits come in the order of time unless the clock was set, so a short time is a piece of them."""
        numbers = [row[0] for row in self._rows(NUMBERS, (since, until, SHORT + 1))]
        if len(numbers) > SHORT:
            return []
        return [("number BETWEEN ? AND ?", (min(numbers, default=0), max(numbers, default=0)))]

    def _number(self, visit: str) -> int:
        """Of a visit in the order in which they came; 0, before which there is none, for an unknown one."""
        rows = self._rows("SELECT number FROM visits WHERE id = ?", (visit,))
        return int(rows[0][0]) if rows else 0

    def _unpacked(self, kept: bytes) -> Visit:
        where = str(self._path)
        return wire.read(Visit, unpacked(kept, where), where)

    def find(self, number: str) -> Visit | None:
        """The visit with the id `number`, None if there is none."""
        rows = self._rows("SELECT packed FROM visits WHERE id = ?", (number,))
        return self._unpacked(rows[0][0]) if rows else None

    def visit(self, number: str) -> Visit:
        """As `find`, but raises StoreError if there is none."""
        if (found := self.find(number)) is None:
            raise StoreError(f"there is no visit {number!r}; `latchlens visits list` shows them")
        return found

    def evidence(self, number: str) -> list[Sighting]:
        """The frames kept of a visit, in the order of time."""
        where = str(self._path)
        rows = self._rows("SELECT sightings FROM evidence WHERE visit = ?", (number,))
        return [
            wire.read(Sighting, line, where) for row in rows for line in unpacked(row[0], where).splitlines()
        ]

    def curves(self, number: str) -> list[Curve]:
        """How the meters of a visit rose and fell over its `evidence`; none if nobody kept that."""
        where = str(self._path)
        rows = self._rows("SELECT meters FROM evidence WHERE visit = ? AND meters IS NOT NULL", (number,))
        return [
            wire.read(Curve, line, where) for row in rows for line in unpacked(row[0], where).splitlines()
        ]

    def events(self, limit: int = 50, visit: str | None = None) -> list[Event]:
        """The newest events first, of one visit if it is named."""
        where, values = ("", ()) if visit is None else ("WHERE visit = ?", (visit,))
        rows = self._rows(
            f"SELECT document FROM events {where} ORDER BY number DESC LIMIT ?", (*values, max(limit, 0))
        )
        return [wire.read(Event, row[0], str(self._path)) for row in rows]

    def settings(self) -> dict[str, str]:
        """Each setting as it was last written; empty if none ever was."""
        return dict(self._rows(SETTINGS))

    def changes(self) -> int:
        """A number that changes whenever another connection has written; it reads no table."""
        return int(self._rows("PRAGMA data_version")[0][0])

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Records:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _rows(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        with plain_errors(self._path):
            return self._connection.execute(query, values).fetchall()


def visit_row(visit: Visit) -> dict[str, object]:
    """One visit as a row of a table: the columns of `COLUMNS`."""
    values = (
        visit.id,
        None if visit.started_wall is None else f"{datetime.fromtimestamp(visit.started_wall, UTC):%FT%TZ}",
        round(visit.ended - visit.started, 1),
        visit.species,
        visit.who,
        visit.outcome.value,
        visit.kind.value if visit.kind else None,
        visit.direction.value,
        visit.rule,
        visit.reason,
        visit.frames,
    )
    return dict(zip(COLUMNS, values, strict=True))


def visits_csv(visits: Iterable[Visit]) -> str:
    """Visits as CSV with a line of column names."""
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(map(visit_row, visits))
    return text.getvalue()


def visit_document(
    visit: Visit,
    evidence: Iterable[Sighting] = (),
    events: Iterable[Event] = (),
    pictures: Iterable[Path] = (),
) -> Mapping[str, Any]:
    """One visit with all that is known of it, ready for JSON."""
    return {
        **wire.document(visit),
        "sightings": [wire.document(sighting) for sighting in evidence],
        "events": [wire.document(event) for event in events],
        "pictures": [str(path) for path in pictures],
    }
