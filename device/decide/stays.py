"""Who waits before the shut door, and since when, though it goes off and comes back meanwhile.

Each visit of an animal that may be one of the household's is a stay. What a stay says of an animal
is settled as late as possible: while nobody is proven it counts for everyone it may be, and once it
is proven who it is, it counts, from its beginning, for that one alone. An animal waits since the
first of its stays that follow each other closely enough. A stay that is taken for a stranger's is
kept to its end: it may yet prove to be an own animal's.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from math import inf


@dataclass(frozen=True, slots=True)
class Stay:
    """One visit's time before the shut door."""

    visit: str
    began: float
    last: float
    """When it was last seen there."""
    may_be: tuple[str, ...]
    """The own animals that it may be, in the order of their names."""
    over: bool = False
    """The visit has ended."""


class Stays:
    """The stays that may still be part of somebody's wait."""

    def __init__(self, pause: float, stays: Iterable[Stay] = ()) -> None:
        self._pause = pause
        """Seconds out of sight after which a wait is over."""
        self._stays = {stay.visit: stay for stay in stays}

    def all(self) -> tuple[Stay, ...]:
        """What to go on from."""
        return tuple(self._stays.values())

    def shift(self, seconds: float) -> None:
        """Move all times: the clock they were taken from was set, or is another one."""
        self._stays = {
            visit: replace(stay, began=stay.began + seconds, last=stay.last + seconds)
            for visit, stay in self._stays.items()
        }

    def wait(self, visit: str, time: float, may_be: AbstractSet[str]) -> None:
        """The visit's animal, who may be any of these, stands before the shut door."""
        known = self._stays.get(visit)
        began = time if known is None else known.began
        self._stays[visit] = Stay(visit, began, time, tuple(sorted(may_be)))

    def learn(self, visit: str, may_be: AbstractSet[str]) -> None:
        """Of the visit's animal, in sight or not, it is now known whom it may be."""
        known = self._stays.get(visit)
        if known is not None:
            self._stays[visit] = replace(known, may_be=tuple(sorted(may_be)))

    def satisfy(self, visit: str, may_be: AbstractSet[str]) -> None:
        """The visit's animal came in, or may: whoever it may be does not wait any more.

        The stays of others who are still there go on.
        """
        self._stays.pop(visit, None)
        for stay in self.all():
            if stay.over:
                others = tuple(name for name in stay.may_be if name not in may_be)
                self._stays[stay.visit] = replace(stay, may_be=others)

    def end(self, lasting: AbstractSet[str], now: float) -> None:
        """All visits but those `lasting` are over; what is part of nobody's wait any more is forgotten."""
        for stay in self.all():
            if not stay.over and stay.visit not in lasting:
                self._end(stay)
        names = {name for stay in self.all() for name in stay.may_be}
        begun = {name: start for name in names if (start := self.since(name, now)) is not None}
        for stay in self.all():
            if stay.over and not any(stay.last >= begun.get(name, inf) for name in stay.may_be):
                del self._stays[stay.visit]

    def _end(self, ended: Stay) -> None:
        """Stays that cannot be told apart become one, so that a long wait takes no more room than a short."""
        del self._stays[ended.visit]
        if not ended.may_be:
            return
        for other in self.all():
            if other.over and other.may_be == ended.may_be and ended.began - other.last <= self._pause:
                del self._stays[other.visit]
                ended = replace(ended, began=min(other.began, ended.began), last=max(other.last, ended.last))
        self._stays[ended.visit] = replace(ended, over=True)

    def since(self, name: str, now: float) -> float | None:
        """Since when the animal has been waiting at `now`, None if it does not."""
        edge, waits = now, False
        for stay in sorted(self.all(), key=lambda each: each.last, reverse=True):
            if name in stay.may_be:
                if edge - stay.last > self._pause:
                    break
                edge, waits = min(edge, stay.began), True
        return edge if waits else None
