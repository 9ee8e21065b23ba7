"""What is kept for how long: evidence goes first, then visits and events."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from device.tell.sink import Told
from device.tell.store import Store

DAY_S = 86_400.0
AT_ONCE = 500
"""So many visits are forgotten in one transaction, so that a visit never waits long for its own."""

OLD_EVIDENCE = """
    SELECT DISTINCT visit FROM evidence JOIN visits ON visits.id = evidence.visit
    WHERE started_wall < ? ORDER BY visits.number
"""
OLD_VISITS = "SELECT id FROM visits WHERE started_wall < ? AND phase = 'end' ORDER BY number"
FORGET_EVIDENCE = "DELETE FROM evidence WHERE visit = ?"
FORGET_VISIT = "DELETE FROM visits WHERE id = ?"
FORGET_EVENTS = "DELETE FROM events WHERE wall < ?"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was deleted."""

    evidence: int = 0
    """Visits whose frames of evidence were."""
    visits: int = 0


class Retention:
    """Deletes what is older than the owner wants to keep; visits of before the clock was set stay."""

    def __init__(
        self,
        store: Store,
        evidence_days: float,
        visits_days: float,
        precious: Callable[[], Collection[str]] = tuple,
    ) -> None:
        """`precious` tells the visits, such as labelled ones, that are kept whole whatever their age."""
        self._store = store
        self._evidence_s = evidence_days * DAY_S
        self._visits_s = visits_days * DAY_S
        self._precious = precious

    def forget(self, wall: float) -> Forgotten:
        """Delete at most `AT_ONCE` of each kind of what is too old at `wall`, UTC seconds.

        Raises:
            StoreError: the database cannot be written; then nothing was deleted.
        """
        precious = frozenset(self._precious())
        found = Forgotten()

        def delete(connection: sqlite3.Connection) -> None:
            nonlocal found
            frames = _old(connection, OLD_EVIDENCE, wall - self._evidence_s, precious)
            visits = _old(connection, OLD_VISITS, wall - self._visits_s, precious)
            connection.executemany(FORGET_EVIDENCE, [(visit,) for visit in frames])
            connection.executemany(FORGET_VISIT, [(visit,) for visit in visits])
            connection.execute(FORGET_EVENTS, (wall - self._visits_s,))
            found = Forgotten(len(frames), len(visits))

        self._store.write(delete)
        return found


def _old(
    connection: sqlite3.Connection, query: str, before: float, precious: Collection[str]
) -> Sequence[str]:
    ids = (str(row[0]) for row in connection.execute(query, (before,)))
    return [
        each for each, _ in zip((one for one in ids if one not in precious), range(AT_ONCE), strict=False)
    ]


class RetentionSink:
    """Implements sink.Sink: forgets once a day, in small pieces, when nothing else is to be told."""

    def __init__(self, retention: Retention) -> None:
        self._retention = retention
        self._next = float("-inf")
        """The time of the passes at which there may be something to forget again."""

    def tell(self, passes: Sequence[Told]) -> None:
        if not passes:
            return
        latest = passes[-1].observation
        if latest.wall is None or latest.sightings or latest.time < self._next:
            return
        forgotten = self._retention.forget(latest.wall)
        more = AT_ONCE in (forgotten.evidence, forgotten.visits)
        self._next = latest.time + (1.0 if more else DAY_S)

    def close(self) -> None:
        """The store is closed by the sink that owns it."""
