"""The sinks that keep: the journal takes every pass, the store visits, their evidence and events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from device.errors import StoreError
from device.messages import Event, MeterReading, Sighting, Visit, VisitPhase
from device.tell.curves import Curve, Kept, curves
from device.tell.journal import Journal
from device.tell.sink import Told
from device.tell.store import Store

SIGHTINGS = 60
"""At most so many frames of evidence are kept of a visit."""
FORGET_S = 60.0
"""A track not seen for so long, and in no open visit, needs no keeping."""
PENDING = 1000
"""So many visits and events wait for a store that fails; then the oldest are given up."""


class JournalSink:
    """Implements sink.Sink over a journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def tell(self, passes: Sequence[Told]) -> None:
        fault: StoreError | None = None
        for told in passes:
            try:
                if told.missed:
                    self._journal.gap(told.missed)
                self._journal.append(told.observation, told.decision, told.state)
            except StoreError as error:
                fault = error
        if fault is not None:
            raise fault
        if passes:
            self._journal.flush()

    def close(self) -> None:
        self._journal.close()


class Sample:
    """Evenly spread sightings of one track, at most `SIGHTINGS`, however long it lasts."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []
        self.last_time = 0.0
        self._every = 1
        self._count = 0

    def add(self, sighting: Sighting, meters: Sequence[MeterReading] = ()) -> None:
        """Keep every sighting with its meters, and when there are too many every second, fourth, eighth."""
        self.last_time = sighting.track.time
        if self._count % self._every == 0:
            self.kept.append((sighting, meters))
        self._count += 1
        if len(self.kept) > SIGHTINGS:
            self.kept = self.kept[::2]
            self._every *= 2


class StoreSink:
    """Implements sink.Sink over the store; what could not be written is tried again the next time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._samples: dict[int, Sample] = {}
        self._open: dict[str, tuple[int, ...]] = {}
        self._visits: dict[str, Visit] = {}
        self._events: list[Event] = []
        self._evidence: dict[str, list[Sighting]] = {}
        self._curves: dict[str, Sequence[Curve]] = {}

    def tell(self, passes: Sequence[Told]) -> None:
        for told in passes:
            self._sample(told.observation.sightings, told.meters)
            for visit in told.decision.visits:
                self._note(visit)
            self._events += told.decision.events
            self._forget(told.observation.time)
        if self._visits or self._events:
            self._store.add(self._visits.values(), self._events, self._evidence, self._curves)
            self._visits, self._events, self._evidence, self._curves = {}, [], {}, {}

    def close(self) -> None:
        """Keep the evidence of visits that are cut short; the next start ends them."""
        try:
            for visit, tracks in self._open.items():
                self._keep_evidence(visit, tracks)
            if self._evidence:
                self._store.add(self._visits.values(), self._events, self._evidence, self._curves)
        finally:
            self._store.close()

    def _sample(self, sightings: Iterable[Sighting], meters: Mapping[int, Sequence[MeterReading]]) -> None:
        for sighting in sightings:
            if sighting.track.seen:
                track = sighting.track.id
                self._samples.setdefault(track, Sample()).add(sighting, meters.get(track, ()))

    def _note(self, visit: Visit) -> None:
        self._visits.pop(visit.id, None)  # put at the end: the order of writing is that of the news
        self._visits[visit.id] = visit
        self._open[visit.id] = visit.tracks
        if visit.phase is VisitPhase.END:
            del self._open[visit.id]
            self._keep_evidence(visit.id, visit.tracks)

    def _keep_evidence(self, visit: str, tracks: Iterable[int]) -> None:
        samples = (self._samples.pop(track) for track in tracks if track in self._samples)
        kept = sorted((each for one in samples for each in one.kept), key=lambda each: each[0].track.time)
        kept = kept[:: max(1, -(-len(kept) // SIGHTINGS))]
        self._evidence[visit] = [sighting for sighting, _ in kept]
        self._curves[visit] = curves(kept)

    def _forget(self, now: float) -> None:
        """Let go of tracks that came to nothing, and of the oldest news while the store fails."""
        held = {track for tracks in self._open.values() for track in tracks}
        for track in [each for each, sample in self._samples.items() if now - sample.last_time > FORGET_S]:
            if track not in held:
                del self._samples[track]
        while len(self._visits) > PENDING:
            oldest = next(iter(self._visits))
            del self._visits[oldest]
            self._evidence.pop(oldest, None)
            self._curves.pop(oldest, None)
        del self._events[:-PENDING]
