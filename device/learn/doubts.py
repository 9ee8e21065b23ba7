"""Notes the visits in which chip and sight said different things: people are asked about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from device.decide.subject import STRANGER
from device.learn.album import Album
from device.learn.vocabulary import WHO
from device.messages import ChipRead, Observation, VisitPhase
from device.tell.sink import Told

CHIP_AGAINST_SIGHT = "chip against sight"
FRAMES = 3
"""Sight has an opinion once so many frames were judged, and more than half of them agree."""
FORGET_S = 60.0
RECENT_S = 10.0
"""A chip read longer ago, as before a restart, is not of whoever is there now."""


@dataclass(slots=True)
class Opinions:
    """What was said of one track."""

    last: float
    seen: Counter[str] = field(default_factory=Counter)
    read: str | None = None
    """Whose chip was read while it was the only one there."""

    @property
    def sight(self) -> str | None:
        name, frames = (self.seen.most_common(1) or [("", 0)])[0]
        return name if frames >= FRAMES and frames * 2 > self.seen.total() else None


class ChipDoubts:
    """Implements sink.Sink; a doubt that cannot be stored is given up, for it only helps to choose."""

    def __init__(self, names: Mapping[str, str], album: Album) -> None:
        """
        Args:
            names: whose chip has which number; any other is a stranger's.
        """
        self._names = names
        self._album = album
        self._opinions: dict[int, Opinions] = {}
        self._read_at = float("-inf")

    def tell(self, passes: Sequence[Told]) -> None:
        for told in passes:
            self._see(told.observation)
            for visit in told.decision.visits:
                if visit.phase is VisitPhase.END and self._differs(visit.tracks):
                    self._album.doubt(visit.id, CHIP_AGAINST_SIGHT)
            self._forget(told.observation.time)

    def close(self) -> None:
        """Nothing is kept open."""

    def _see(self, observation: Observation) -> None:
        there = [each for each in observation.sightings if each.track.seen]
        for sighting in there:
            opinions = self._opinions.setdefault(sighting.track.id, Opinions(observation.time))
            opinions.last = observation.time
            verdict = sighting.verdict(WHO)
            if verdict is not None and verdict.scores:
                opinions.seen[verdict.best] += 1
        chip = observation.inputs.chip
        fresh = chip is not None and self._is_new(chip) and observation.time - chip.time <= RECENT_S
        if chip is not None and fresh and len(observation.sightings) == 1 and there:
            self._opinions[there[0].track.id].read = self._names.get(chip.number, STRANGER)

    def _is_new(self, chip: ChipRead) -> bool:
        new, self._read_at = chip.time != self._read_at, chip.time
        return new

    def _differs(self, tracks: Iterable[int]) -> bool:
        opinions = [self._opinions.pop(track) for track in tracks if track in self._opinions]
        read = {each.read for each in opinions if each.read is not None}
        seen = {each.sight for each in opinions if each.sight is not None}
        return bool(read and seen) and read != seen

    def _forget(self, now: float) -> None:
        for track, opinions in list(self._opinions.items()):
            if now - opinions.last > FORGET_S:
                del self._opinions[track]
