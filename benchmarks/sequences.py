"""Animals before a door as boxes in time, with who is who: what trackers are measured on.

They come in from an edge or from afar, walk to places, wait there, pass each other, put their head into the
flap and come out again, go away, or in. Whoever is nearer covers whoever is behind. A detector sees them with
the rates of error that the simulator's oracle has by default: so many misses, so much shaking, so many boxes
of nothing; what is covered by a third has a weak box, what is covered by more than 60 % has none.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from device.messages import Box
from simulator.oracle import OracleSettings

ERRORS = OracleSettings()
GONE, WEAK = 0.6, 0.3
"""So much covered, a box vanishes or is weak."""
IN_FLAP_S = (0.5, 1.5)
"""A head in the flap is not to be seen for so long."""
SPEED = (0.12, 0.45)
"""Widths of the picture a second."""
FLAP = (0.5, 0.78)


@dataclass(frozen=True, slots=True)
class Moment:
    """One frame: who is truly where, and what a detector made of it."""

    time: float
    truth: dict[int, Box]
    found: tuple[tuple[Box, float], ...]
    """Boxes with their scores."""


@dataclass(slots=True)
class _Animal:
    """Goes from place to place; the leg that lasts at a time tells where it is."""

    begins: float
    legs: list[tuple[float, tuple[float, float], tuple[float, float], bool]] = field(default_factory=list)
    """Seconds, from where, to where, and whether it is to be seen."""
    size: float = 0.2

    def box(self, time: float) -> Box | None:
        passed = time - self.begins
        if passed < 0:
            return None
        for seconds, (x0, y0), (x1, y1), seen in self.legs:
            if passed < seconds:
                share = passed / seconds
                x, y = x0 + (x1 - x0) * share, y0 + (y1 - y0) * share
                return self._at(x, y) if seen else None
            passed -= seconds
        return None

    def _at(self, x: float, y: float) -> Box | None:
        """Nearer is lower and larger; what is left within the picture of one at its edge, if it is enough."""
        height = self.size * (0.55 + 0.75 * y)
        box = Box.from_corners(x - height * 0.6, y - height / 2, x + height * 0.6, y + height / 2)
        return box if box.area > 0.3 * 1.2 * height * height else None


def sequence(animals: int, rate: float, seconds: float, seed: int) -> list[Moment]:
    """So many animals, about all of them there at any time, seen `rate` times a second.

    The same seed gives the same walks at any rate.
    """
    walks = random.Random(seed)
    cast = [each for _ in range(animals) for each in _one_after_the_other(walks, seconds, animals)]
    chance = random.Random(seed + 1)
    return [_moment(number / rate, cast, chance) for number in range(int(seconds * rate))]


def _one_after_the_other(walks: random.Random, seconds: float, animals: int) -> Sequence[_Animal]:
    """When one has gone, the next comes after a while."""
    come, now = [], walks.uniform(0, 2)
    while now < seconds:
        animal = _visit(walks, now, 0.34 if animals <= 3 else 0.22)
        come.append(animal)
        now += sum(leg[0] for leg in animal.legs) + walks.uniform(1, 8)
    return come


def _visit(walks: random.Random, begins: float, size: float) -> _Animal:
    animal = _Animal(begins, size=size * walks.uniform(0.8, 1.15))
    here = walks.choice(
        [(-0.05, walks.uniform(0.35, 0.8)), (1.05, walks.uniform(0.35, 0.8)), (walks.random(), 0.2)]
    )
    for _ in range(walks.randint(1, 3)):
        there = walks.choice([FLAP, (walks.uniform(0.15, 0.85), walks.uniform(0.3, 0.75))])
        there = (there[0] + walks.uniform(-0.08, 0.08), there[1])
        here = _walk(animal, walks, here, there)
        if walks.random() < 0.6:
            animal.legs.append((walks.uniform(0.5, 4), here, here, True))
        if abs(here[0] - FLAP[0]) < 0.1 and here[1] == FLAP[1] and walks.random() < 0.5:
            animal.legs.append((walks.uniform(*IN_FLAP_S), here, here, False))
            animal.legs.append((walks.uniform(0.5, 2), here, here, True))
    if walks.random() < 0.5:
        _walk(animal, walks, here, FLAP)
    else:
        _walk(animal, walks, here, walks.choice([(-0.15, here[1]), (1.15, here[1])]))
    return animal


def _walk(
    animal: _Animal, walks: random.Random, here: tuple[float, float], there: tuple[float, float]
) -> tuple[float, float]:
    seconds = max(math.dist(here, there) / walks.uniform(*SPEED), 0.2)
    animal.legs.append((seconds, here, there, True))
    return there


def _moment(time: float, cast: Sequence[_Animal], chance: random.Random) -> Moment:
    boxes = {number: box for number, animal in enumerate(cast) if (box := animal.box(time)) is not None}
    truth, found = {}, []
    for number, box in boxes.items():
        nearer = [each for other, each in boxes.items() if other != number and each.bottom > box.bottom]
        covered = max((box.intersection(each) / box.area for each in nearer), default=0.0)
        if covered > GONE:
            continue
        truth[number] = box
        if chance.random() < ERRORS.missed:
            continue
        score = chance.uniform(0.16, 0.34) if covered > WEAK else chance.uniform(0.4, 0.95)
        dx, dy = chance.gauss(0, ERRORS.shaken), chance.gauss(0, ERRORS.shaken)
        shaken = Box.from_corners(box.left + dx, box.top + dy, box.right + dx, box.bottom + dy)
        found.append((shaken, score))
    if chance.random() < ERRORS.false:
        x, y = chance.uniform(0.2, 0.8), chance.uniform(0.2, 0.8)
        found.append((Box.from_corners(x - 0.1, y - 0.1, x + 0.1, y + 0.1), 0.4))
    chance.shuffle(found)
    return Moment(time, truth, tuple(found))
