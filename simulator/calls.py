"""Calls at the door for days on end, drawn by chance: who comes, when, in what light and manner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.light import LightChange
from simulator.visitors import Habit, Visitor

DAY_S = 86_400.0
HOURS: tuple[tuple[float, float, tuple[LightChange, ...]], ...] = (
    (6.0, 9.0, (LightChange("dusk"),)),
    (9.0, 18.0, ()),
    (18.0, 22.0, (LightChange("dusk"),)),
    (22.0, 29.0, (LightChange("infrared"),)),
)
"""From which hour to which there is what light; cats keep to all of them alike."""
APART_S = 900.0
"""Two calls are at least so far apart, so that each is a visit of its own."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How often who calls, a day on average."""

    own: float = 5.0
    """Of all own animals together."""
    strangers: float = 2.0
    prey: float = 0.25
    """How many of the own animals' calls are with prey."""


@dataclass(frozen=True, slots=True)
class Call:
    """One visitor who comes to the door."""

    wall: float
    """UTC seconds at which it comes into view."""
    visitor: Visitor
    lights: tuple[LightChange, ...]

    def may_enter(self, household: Sequence[str]) -> bool:
        """Whether it is one of the household with an empty mouth."""
        return self.visitor.name in household and not self.visitor.carries


def calls(
    household: Sequence[str],
    strangers: Sequence[Visitor],
    first: float,
    days: int,
    seed: int,
    habits: Habits | None = None,
) -> Iterator[Call]:
    """Every call of `days` days, in order; `first` is the UTC second of the first one's local midnight."""
    habits = habits or Habits()
    random = np.random.default_rng([seed, 11])
    for day in range(days):
        own = int(random.poisson(habits.own))
        others = int(random.poisson(habits.strangers)) if strangers else 0
        who = [True] * own + [False] * others
        random.shuffle(who)
        room = max(DAY_S - APART_S * len(who), 0.0)
        begins = np.sort(random.uniform(0.0, room, len(who))) + APART_S * np.arange(len(who))
        for is_own, begin in zip(who, begins.tolist(), strict=True):
            visitor = _own(household, random, habits) if is_own else _stranger(strangers, random)
            yield Call(round(first + day * DAY_S + begin, 1), visitor, _light(begin / 3600))


def _own(household: Sequence[str], random: np.random.Generator, habits: Habits) -> Visitor:
    name = household[int(random.integers(len(household)))]
    return _with_a_manner(name, "cat", bool(random.random() < habits.prey), random)


def _stranger(strangers: Sequence[Visitor], random: np.random.Generator) -> Visitor:
    chosen = strangers[int(random.integers(len(strangers)))]
    return _with_a_manner(chosen.name, chosen.species, False, random)


def _with_a_manner(name: str, species: str, carries: bool, random: np.random.Generator) -> Visitor:
    """Each comes in its own way: slowly or fast, from the side, looking away for a while."""
    looks_away = bool(random.random() < 0.3)
    begins = float(random.uniform(1.5, 4.0))
    head = (Habit("averted", round(begins, 2), round(begins + 1.5, 2)),) if looks_away else ()
    return Visitor(
        name,
        arrives=1.0,
        species=species,
        carries=carries,
        walks=round(float(random.uniform(2.0, 4.0)), 2),
        patience=9.0,
        beside=round(float(random.uniform(-0.12, 0.12)), 3),
        head=head,
    )


def _light(hour: float) -> tuple[LightChange, ...]:
    for first, last, lights in HOURS:
        if first <= hour < last or first <= hour + 24 < last:  # the night goes on after midnight
            return lights
    return ()
