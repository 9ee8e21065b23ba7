"""Asks about visits: finds who may be asked about in the store, and keeps what was offered, day by day."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from device.decide.facts import NOT_ANIMALS
from device.learn.album import Album, Offer
from device.learn.album_reader import AlbumReader
from device.learn.queue import PREY_REPORTED, Candidate, always, daily
from device.messages import Sighting, Visit, VisitKind, VisitPhase
from device.tell.records import Records
from device.tell.store import Store

DAY_S = 86_400.0
FIRST_S = 7 * DAY_S
"""How far back the first day of asking looks."""
MANY = 5000
"""So many visits of one day are looked at."""


def ask(folder: Path, now: float, album: Album | None = None) -> list[Offer]:
    """Everything that is open to be labelled; the day's ten are drawn if the last draw is a day ago.

    Args:
        folder: the state directory.
        now: UTC seconds.
        album: to write to; None: opened for this once.

    Raises:
        StoreError: the database cannot be read or written.
    """
    with AlbumReader(folder) as reader, Records(folder) as records:
        last = reader.last_draw()
        began = now - FIRST_S if last is None else last
        visits = [each for each in records.visits(MANY) if _ended(each) > began]
        candidates = candidates_of(visits, records, reader)
        offers = always(candidates)
        # Prey may be reported days later, as when it is found under the sofa.
        offers += [Offer(visit, PREY_REPORTED, 1.0) for visit in sorted(reader.nameless())]
        if last is None or not 0 <= now - last < DAY_S:
            offers += daily(candidates, zlib.crc32(f"{now // DAY_S}".encode()))
            drawn_at = now
        else:
            drawn_at = last
    if album is not None:
        album.offer(offers, drawn_at)
    else:
        with closing(Store(folder, now)) as store:
            Album(store).offer(offers, drawn_at)
    with AlbumReader(folder) as reader:
        return reader.open_offers()


def candidates_of(visits: Iterable[Visit], records: Records, reader: AlbumReader) -> list[Candidate]:
    """The visits that ended, with what makes them worth asking about."""
    doubted, labelled, nameless = reader.doubted(), reader.labelled(), reader.nameless()
    found = []
    for visit in visits:
        views = reader.of_visit(visit.id)
        found.append(
            Candidate(
                visit=visit.id,
                came_in=visit.kind is VisitKind.TRANSIT,
                margin=margin(visit),
                embedding=views[0].embedding if views else None,
                disagrees=visit.id in doubted,
                unfamiliar=unfamiliar(records.evidence(visit.id)),
                prey_reported=visit.id in nameless,
                labelled=visit.id in labelled,
            )
        )
    return found


def margin(visit: Visit) -> float:
    """How far the nearest meter ended from its threshold, as a ratio of that; infinite without meters."""
    return min(
        (abs(each.value - each.needed) / max(abs(each.needed), 1e-9) for each in visit.evidence),
        default=float("inf"),
    )


def unfamiliar(evidence: Iterable[Sighting]) -> bool:
    """Whether in most frames the animal was like none that the heads were taught."""
    said = [
        verdict.familiar
        for sighting in evidence
        for verdict in sighting.verdicts
        if verdict.familiar is not None
    ]
    return bool(said) and sum(said) * 2 < len(said)


def _ended(visit: Visit) -> float:
    """When an animal's visit ended, in UTC seconds; never if it lasts, was a person's, or has no date."""
    if visit.phase is not VisitPhase.END or visit.started_wall is None or visit.species in NOT_ANIMALS:
        return float("-inf")
    return visit.started_wall + visit.ended - visit.started
