"""Which visits the owner is asked about: at most ten a day, those that teach most, and some by pure chance.

Of ten, four lie near a threshold, two are disagreements, two are unfamiliar, and two are drawn at random
from everything that was not asked about anyway: the audit. Only what was drawn, or is asked about always,
says something of rates, each weighted by one over its probability (Horvitz, Thompson 1952); what was picked
for being hard never does. Besides the ten: every visit that did not end in an entry, and reported prey.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from device.learn.album import Offer
from device.learn.kcentre import k_centre
from device.messages import Embedding

MOST = 10
NEAR, DISAGREES, UNFAMILIAR, RANDOM = "near the threshold", "disagreement", "unfamiliar", "random"
NOT_LET_IN, PREY_REPORTED = "did not come in", "prey was reported"
SHARES = {RANDOM: 0.2, DISAGREES: 0.2, UNFAMILIAR: 0.2, NEAR: 0.4}
"""In the order in which they choose; what one leaves over goes to those near the threshold."""
POOL = 4
"""Of so many times the wanted visits of a kind, those least alike are taken."""
PICKED = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A visit that may be asked about."""

    visit: str
    came_in: bool
    margin: float
    """How far its evidence ended from the nearest threshold, as a ratio of that; 0 is just there."""
    embedding: Embedding | None = None
    """Of one of its views; without one it counts as like no other."""
    disagrees: bool = False
    """Chip and sight, or the live head and the one in its shadow, said different things."""
    unfamiliar: bool = False
    prey_reported: bool = False
    labelled: bool = False
    """Somebody said something of it already."""


def always(candidates: Sequence[Candidate]) -> list[Offer]:
    """The offers that no quota limits."""
    reported = [Offer(each.visit, PREY_REPORTED, 1.0) for each in candidates if each.prey_reported]
    refused = [
        Offer(each.visit, NOT_LET_IN, 1.0)
        for each in candidates
        if not (each.came_in or each.prey_reported or each.labelled)
    ]
    return reported + refused


def daily(candidates: Sequence[Candidate], seed: int, most: int = MOST) -> list[Offer]:
    """The offers of one day, at most `most`; the same seed gives the same.

    Args:
        candidates: all visits of that day.
    """
    chosen: dict[str, Offer] = {}
    left = [each for each in candidates if each.came_in and not each.prey_reported]
    for offer in _drawn(left, round(SHARES[RANDOM] * most), seed):
        chosen[offer.visit] = offer
    known = [each for each in left if each.visit in chosen]
    spare = 0
    for reason, wanted in _KINDS.items():
        share = round(SHARES[reason] * most) + (spare if reason == NEAR else 0)
        open_ones = [each for each in left if each.visit not in chosen and not each.labelled and wanted(each)]
        picked = _unlike(sorted(open_ones, key=lambda each: (each.margin, each.visit)), share, known)
        chosen |= {each.visit: Offer(each.visit, reason, PICKED) for each in picked}
        known += picked
        spare += share - len(picked)
    return list(chosen.values())


_KINDS: dict[str, Callable[[Candidate], bool]] = {
    DISAGREES: lambda each: each.disagrees,
    UNFAMILIAR: lambda each: each.unfamiliar,
    NEAR: lambda _: True,
}


def _drawn(candidates: Sequence[Candidate], count: int, seed: int) -> list[Offer]:
    """A draw in which every visit has the same chance, labelled already or not."""
    count = min(count, len(candidates))
    chance = random.Random(seed)
    return [Offer(each.visit, RANDOM, count / len(candidates)) for each in chance.sample(candidates, count)]


def _unlike(ordered: Sequence[Candidate], count: int, known: Sequence[Candidate]) -> list[Candidate]:
    """`count` of the first ones that are least like each other and what is asked about already."""
    pool = list(ordered[: POOL * count])
    seen = [each for each in pool if each.embedding is not None]
    blind = [each for each in pool if each.embedding is None]
    if not seen or count < 1:
        return blind[:count]
    stacked = np.stack([each.embedding for each in seen if each.embedding is not None])
    before = [each.embedding for each in known if each.embedding is not None]
    places = k_centre(stacked, count, known=np.stack(before) if before else None)
    return ([seen[place] for place in places] + blind)[:count]
