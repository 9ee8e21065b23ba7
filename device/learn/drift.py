"""Tells when a week's visitors differ from those before: another season, a moved camera, somebody new.

A share has drifted if the bounds of this week and of the four weeks before do not meet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from device.decide.facts import NOT_ANIMALS
from device.learn.asking import unfamiliar
from device.learn.bounds import at_least, at_most
from device.messages import Visit, VisitPhase
from device.tell.records import Records
from device.tell.wanted import Wanted

WEEK_S = 7 * 86_400.0
BEFORE = 4
"""So many weeks are compared with."""
MOST = 60
"""Of each time so many visits, evenly spread, are looked at: their frames must be read."""
READ = 2000
FEWEST = 20
"""A time with fewer visits says nothing."""
CONFIDENCE = 0.99


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a time's visits were of some kind, this week and before."""

    what: str
    now: tuple[int, int]
    """k of n."""
    before: tuple[int, int]

    @property
    def drifted(self) -> bool:
        """Whether the two differ beyond chance."""
        if min(self.now[1], self.before[1]) < FEWEST:
            return False
        rises = at_least(*self.now, CONFIDENCE) > at_most(*self.before, CONFIDENCE)
        return rises or at_most(*self.now, CONFIDENCE) < at_least(*self.before, CONFIDENCE)

    def in_words(self) -> str:
        """ "unfamiliar: 12 of 40 this week, 3 of 60 in the four weeks before"."""
        (k, n), (old_k, old_n) = self.now, self.before
        return f"{self.what}: {k} of {n} visits this week, {old_k} of {old_n} in the four weeks before"


def shares(folder: Path, now: float) -> list[Share]:
    """How familiar the week's visitors are, what they are, and who: each as a share of the visits.

    Args:
        folder: the state directory.
        now: UTC seconds.

    Raises:
        StoreError: the database cannot be read.
    """
    with Records(folder) as records:
        week = _visits(records, now - WEEK_S, now)
        before = _visits(records, now - (1 + BEFORE) * WEEK_S, now - WEEK_S)

        def share(what: str, counts: Callable[[Visit], bool]) -> Share:
            return Share(what, _count(week, counts), _count(before, counts))

        both = [*week, *before]
        species = sorted({each.species for each in both if each.species})
        names = sorted({each.who for each in both if each.who})
        return [
            share("unfamiliar", lambda each: unfamiliar(records.evidence(each.id))),
            *(share(name, lambda each, name=name: each.species == name) for name in species),  # type: ignore[misc]
            *(share(name, lambda each, name=name: each.who == name) for name in names),  # type: ignore[misc]
        ]


def _visits(records: Records, since: float, until: float) -> list[Visit]:
    page = records.page(Wanted(since=since, until=until), READ)
    found = [each for each in page.visits if each.phase is VisitPhase.END and each.species not in NOT_ANIMALS]
    return found[:: max(-(-len(found) // MOST), 1)]


def _count(visits: Sequence[Visit], counts: Callable[[Visit], bool]) -> tuple[int, int]:
    return sum(map(counts, visits)), len(visits)
