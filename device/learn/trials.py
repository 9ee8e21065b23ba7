"""Trials in the store: what a head in shadow would have decided, and how a head in use has done since."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from device.learn.album_reader import AlbumReader
from device.learn.trial import Judged
from device.learn.truth import may_enter
from device.messages import Visit, VisitPhase
from device.tell import database
from device.tell.database import plain_errors
from device.tell.records import Records
from device.tell.store import Store

PUT = """
    INSERT INTO trials (head, visit, live, shadow, wall) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (head, visit) DO UPDATE SET live = excluded.live, shadow = excluded.shadow
"""
OF_HEAD = "SELECT visit, live, shadow FROM trials WHERE head = ? ORDER BY number"
MOST = 5000


def put(store: Store, head: str, visit: Visit, live: bool, shadow: bool) -> None:
    """Keep what the head called `head` ("household/4") would have done; raises StoreError."""
    row = (head, visit.id, int(live), int(shadow), visit.started_wall)
    store.write(lambda connection: connection.execute(PUT, row))


def judged(folder: Path, head: str, animals: Collection[str]) -> list[Judged]:
    """Every visit that the head judged in shadow, the oldest first, with the truth where it is known.

    Raises:
        StoreError: the database cannot be read.
    """
    path = folder / database.NAME
    connection = database.open_to_read(folder)
    try:
        with plain_errors(path):
            rows = connection.execute(OF_HEAD, (head,)).fetchall()
    finally:
        connection.close()
    with AlbumReader(folder) as album:
        return [
            Judged(
                visit,
                bool(live),
                bool(shadow),
                may_enter(album.labels("visit", visit), bool(live), animals),
            )
            for visit, live, shadow in rows
        ]


def let_in_since(folder: Path, since: float | None, animals: Collection[str]) -> list[bool]:
    """Of those who may enter, whether each visit since then let it in, the oldest first.

    An own animal that was let in and of whom nobody said otherwise counts as one who may; one that was
    refused counts only if its owner said that it might have come in. So refusals are never overcounted.

    Raises:
        StoreError: the database cannot be read.
    """
    with Records(folder) as records, AlbumReader(folder) as album:
        visits = [each for each in records.visits(limit=MOST) if _counts(each, since)]
        found: list[bool] = []
        for visit in reversed(visits):
            let_in = visit.unlocked_at is not None
            truth = may_enter(album.labels("visit", visit.id), let_in, animals)
            if truth or (truth is None and let_in and visit.who in animals):
                found.append(let_in)
    return found


def _counts(visit: Visit, since: float | None) -> bool:
    after = since is None or (visit.started_wall is not None and visit.started_wall >= since)
    return visit.phase is VisitPhase.END and after
