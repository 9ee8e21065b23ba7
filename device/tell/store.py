"""The store: visits, their evidence, events and settings in SQLite, written by one thread."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from device.errors import StoreError
from device.messages import Event, Outcome, Sighting, Visit, VisitKind, VisitPhase
from device.tell import database
from device.tell.curves import Curve
from device.tell.database import DamagedError, plain_errors
from device.tell.outbox import PUT, Announce
from device.tell.packing import packed, unpacked
from device.tell.paths import path
from device.tell.wire import read, written
from device.tell.wording import form

log = logging.getLogger(__name__)

PUT_VISIT = """
    INSERT INTO visits (id, started_wall, species, who, outcome, kind, direction, phase, packed, reason)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT number FROM reasons WHERE text = ?))
    ON CONFLICT (id) DO UPDATE SET
        started_wall = excluded.started_wall, species = excluded.species, who = excluded.who,
        outcome = excluded.outcome, kind = excluded.kind, direction = excluded.direction,
        phase = excluded.phase, packed = excluded.packed, reason = excluded.reason
"""
PUT_REASON = "INSERT OR IGNORE INTO reasons (text) VALUES (?)"
PUT_EVENT = "INSERT INTO events (wall, kind, severity, visit, document) VALUES (?, ?, ?, ?, ?)"
PUT_EVIDENCE = "INSERT OR REPLACE INTO evidence (visit, sightings, meters) VALUES (?, ?, ?)"
PUT_PATH = "INSERT OR REPLACE INTO paths (number, cells) SELECT number, ? FROM visits WHERE id = ?"
PUT_SETTING = "INSERT INTO settings_history (key, value, wall) VALUES (?, ?, ?)"
OPEN_VISITS = "SELECT packed FROM visits WHERE phase <> ? ORDER BY number"
VISITS_OF_SESSION = "SELECT max(CAST(substr(id, ?) AS INTEGER)) FROM visits WHERE substr(id, 1, ?) = ?"
SETTINGS = """
    SELECT key, value FROM settings_history
    WHERE number IN (SELECT max(number) FROM settings_history GROUP BY key)
"""


class Store:
    """The one writer; what is written has reached the disk when a method returns.

    Every method raises StoreError, with the fix, when the database cannot be written; then nothing
    of that call was.
    """

    def __init__(self, folder: Path, wall: float | None = None, announce: Announce | None = None) -> None:
        """Open the database in `folder`; errors and what `wall` is for as in database.open_database.

        What `announce` makes of visits and events is put into the outbox together with them.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{folder}: the state directory cannot be made: {error.strerror}; choose another --state"
            ) from None
        self.folder = folder
        self._announce = announce
        self._path = folder / database.NAME
        self._connection = database.open_database(folder, wall)
        self._file = database.identity(folder)
        self._known: dict[str, str] = {}
        """The settings as they were before the database was lost."""
        self._changes: int | None = None
        self._learn_settings()

    def add(
        self,
        visits: Iterable[Visit] = (),
        events: Iterable[Event] = (),
        evidence: Mapping[str, Iterable[Sighting]] | None = None,
        curves: Mapping[str, Sequence[Curve]] | None = None,
    ) -> None:
        """Write visits (a known id is updated), events, and by the ids of visits their evidence, with the
        paths that it tells of, and the curves of their meters, in the order of its frames.
        """
        visits, events = list(visits), list(events)
        letters = self._announce(visits, events) if self._announce else ()
        seen = {visit: _in_order(sightings) for visit, sightings in (evidence or {}).items()}
        frames = [
            (visit, _packed(each), _packed((curves or {}).get(visit, ()))) for visit, each in seen.items()
        ]
        paths = [(path(each), visit) for visit, each in seen.items()]
        rows = [_visit_row(visit) for visit in visits], [_event_row(event) for event in events]

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany(PUT_REASON, {row[-1:] for row in rows[0]})
            connection.executemany(PUT_VISIT, rows[0])
            connection.executemany(PUT_EVENT, rows[1])
            connection.executemany(PUT, [(each.id, each.topic, each.payload) for each in letters])
            connection.executemany(PUT_EVIDENCE, frames)
            connection.executemany(PUT_PATH, paths)

        self.write(write)

    def end_interrupted(self) -> int:
        """End the visits that a power cut or a stop left open, as they stood; returns how many."""
        with plain_errors(self._path):
            rows = self._connection.execute(OPEN_VISITS, (VisitPhase.END.value,)).fetchall()
        where = str(self._path)
        visits = [read(Visit, unpacked(row[0], where), where) for row in rows]
        if visits:
            self.add(replace(visit, phase=VisitPhase.END, kind=_kind(visit)) for visit in visits)
        return len(visits)

    def visits_of(self, session: str) -> int:
        """How many visits a session has had: the number in the last of their ids, "SESSION-NUMBER"."""
        begins = f"{session}-"
        with plain_errors(self._path):
            row = self._connection.execute(VISITS_OF_SESSION, (len(begins) + 1, len(begins), begins))
            return int(row.fetchone()[0] or 0)

    def set_settings(self, values: Mapping[str, str], wall: float | None = None) -> None:
        """Write settings by their keys, all or none; what was set before stays in the history."""
        rows = [(key, value, wall) for key, value in values.items()]
        self.write(lambda connection: connection.executemany(PUT_SETTING, rows))
        self._known |= values

    def remember(self, values: Mapping[str, str], wall: float | None = None) -> None:
        """Write what the device itself keeps in mind, in the place of what it did; it has no history."""
        with self._transaction() as connection:
            connection.executemany("DELETE FROM settings_history WHERE key = ?", [(key,) for key in values])
            connection.executemany(PUT_SETTING, [(key, value, wall) for key, value in values.items()])

    def settings(self) -> dict[str, str]:
        """Each setting as it was last written; empty if none ever was."""
        with plain_errors(self._path):
            return dict(self._connection.execute(SETTINGS).fetchall())

    def check(self) -> str | None:
        """What is wrong with the database, None if all is well."""
        return database.check(self._connection)

    def close(self) -> None:
        with plain_errors(self._path):
            self._connection.close()

    def write(self, action: Callable[[sqlite3.Connection], object]) -> None:
        """Do `action` in a transaction of its own; a database found damaged is set aside and begun anew.

        What was stored before is then kept aside; the settings go on as they were.
        """
        try:
            with self._transaction() as connection:
                action(connection)
        except DamagedError:
            self._begin_anew()
            with self._transaction() as connection:
                action(connection)

    def _learn_settings(self) -> None:
        """Others write settings, too: whatever changed since the last time is read before it can be lost."""
        changes = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        if changes != self._changes:
            self._known, self._changes = self.settings(), changes

    def _begin_anew(self) -> None:
        with suppress(sqlite3.Error):
            self._connection.close()
        if database.identity(self.folder) == self._file:
            aside = database.set_aside(self._path)
            log.critical("%s: is damaged; it was kept as %s and a new one begun", self._path, aside.name)
        self._connection = database.open_database(self.folder)
        self._file, self._changes = database.identity(self.folder), None
        known = self._known
        rows = [(key, value, None) for key, value in known.items()]
        with self._transaction() as connection:
            connection.executemany(PUT_SETTING, rows)
        self._known = known

    def _follow(self) -> None:
        """Go on in the file that took the database's place, or in a new one if it was deleted."""
        if database.identity(self.folder) != self._file:
            replaced, self._connection = self._connection, database.open_database(self.folder)
            self._file, self._changes = database.identity(self.folder), None
            replaced.close()
            log.warning(
                "%s: was set aside, deleted or exchanged; going on with the one there now", self._path
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with plain_errors(self._path):
            self._follow()
            self._learn_settings()
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk has rolled back by itself
                    self._connection.execute("ROLLBACK")
                raise


def _kind(visit: Visit) -> VisitKind:
    """What is known of a visit whose end nobody saw: whether it was refused."""
    refused = visit.outcome in (Outcome.KEEP_LOCKED, Outcome.LOCK_OUT)
    return VisitKind.DENY if refused else VisitKind.PEEK


def _visit_row(visit: Visit) -> tuple[object, ...]:
    return (
        visit.id,
        visit.started_wall,
        visit.species,
        visit.who,
        visit.outcome.value,
        visit.kind.value if visit.kind else None,
        visit.direction.value,
        visit.phase.value,
        packed(written(visit)),
        form(visit.reason),
    )


def _in_order(sightings: Iterable[Sighting]) -> list[Sighting]:
    return sorted(sightings, key=lambda each: each.track.time)


def _packed(messages: Iterable[object]) -> bytes:
    """Messages as JSON, one a line, packed."""
    return packed("\n".join(map(written, messages)))


def _event_row(event: Event) -> tuple[object, ...]:
    return event.wall, event.kind, event.severity, event.visit, written(event)
