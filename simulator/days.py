"""Days at a door as they come: who of a household goes out and comes home, with what, and who else turns up.

The same seed gives the same days, and the first days of three weeks are those of one. What the visitors
are is known, so that a long play can be asked how often the device was right. Visitors do not know of each
other: a cat that was kept out may set out from indoors the next time all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from device.config import read_project
from device.messages import Visit
from simulator.light import LightChange
from simulator.record import Record
from simulator.scene import FOLDER, Scene
from simulator.visitors import Habit, Visitor

HOUSE = "house-days.toml"
FIRST_DAY = "2026-10-19T00:00:00+02:00"
"""A Monday; the Sunday after it, summer time ends."""
HOUR_S, DAY_S = 3600.0, 86_400.0
DAWN_H, MORNING_H, EVENING_H, DUSK_H = 6.0, 7.0, 19.0, 20.0
"""Before dawn and after dusk infrared lamps light the doorstep; from dawn to morning it is twilight."""
BETWEEN_S = 120.0
"""So long after one visitor of the household the next sets out, at the least."""


@dataclass(frozen=True, slots=True)
class Household:
    """How busy a door is."""

    outings: float = 4.0
    """How often each cat goes out on a day, in the mean."""
    prey: float = 0.1
    """How often one of them comes home with prey."""
    toms: float = 1.5
    """How often a strange cat turns up on a day."""
    raccoons: float = 0.4
    people: float = 3.0


@dataclass(frozen=True, slots=True)
class Labelled:
    """A visit as the device told it, with who it truly was."""

    visit: Visit
    name: str
    species: str
    carries: bool
    """At its arrival."""
    known: bool
    """It is of the household."""


def days(number: int, seed: int, household: Household | None = None) -> Scene:
    """A scene of so many days, from midnight on, at the house of whole days."""
    project = read_project(FOLDER / HOUSE)
    names = [animal.name for animal in project.policy.animals]
    chips = {animal.name: animal.chip for animal in project.policy.animals}
    visitors = [
        replace(visitor, chip=chips.get(visitor.name, ""))
        for day in range(number)
        for visitor in _Day(day, names, np.random.default_rng([seed, day]), household or Household()).all()
    ]
    return Scene(
        title=f"{number} {'day' if number == 1 else 'days'} at the door of {' and '.join(names)}",
        seconds=number * DAY_S,
        project=project,
        visitors=tuple(sorted(visitors, key=lambda each: each.arrives)),
        lights=tuple(light for day in range(number) for light in _lights(day * DAY_S)),
        starts=datetime.fromisoformat(FIRST_DAY).timestamp(),
        floor=0,
        name=f"days-{number}",
    )


def labelled(scene: Scene, record: Record) -> list[Labelled]:
    """The visits that ended in a play, each with the visitor who was about then.

    Where several were, with the one who was about for longest; visits of nobody are left out.
    """
    own = {animal.name for animal in scene.project.policy.animals}
    found = []
    stays = list(_stays(scene, record))
    for visit in record.visits:
        shared = [(min(end, visit.ended) - max(begin, visit.started), who) for who, begin, end in stays]
        longest, who = max(shared, key=lambda each: each[0], default=(-1.0, None))
        if visit.kind and who is not None and longest >= 0:
            found.append(Labelled(visit, who.name, who.species, who.carries, who.name in own))
    return found


def _stays(scene: Scene, record: Record) -> Iterator[tuple[Visitor, float, float]]:
    """From when to when each visitor was about."""
    last: dict[str, list[float]] = {}
    for each in record.happenings:
        last.setdefault(each.who, []).append(each.time)
    for visitor in scene.visitors:
        later = [each.arrives for each in scene.visitors if each.name == visitor.name]
        end = min((time for time in later if time > visitor.arrives), default=scene.seconds)
        times = [time for time in last.get(visitor.name, ()) if visitor.arrives <= time < end]
        if times:
            yield visitor, visitor.arrives, max(times)


def _lights(midnight: float) -> Iterator[LightChange]:
    night: Sequence[tuple[float, float]] = ((0.0, DAWN_H), (DUSK_H, 24.0))
    for begins, ends in night:
        yield LightChange("infrared", midnight + begins * HOUR_S, midnight + ends * HOUR_S)
    for begins, ends in ((DAWN_H, MORNING_H), (EVENING_H, DUSK_H)):
        yield LightChange("dusk", midnight + begins * HOUR_S, midnight + ends * HOUR_S)


@dataclass(slots=True)
class _Day:
    """The visitors of one day, drawn one after the other."""

    number: int
    names: Sequence[str]
    random: np.random.Generator
    household: Household
    taken: list[float] = field(default_factory=list)
    """When somebody of the household sets out."""

    def all(self) -> Iterator[Visitor]:
        for name in self.names:
            for _ in range(self.random.poisson(self.household.outings)):
                yield from self._outing(name)
        for _ in range(self.random.poisson(self.household.toms)):
            yield self._stranger("the tom", "cat", self._hour(0.0, 23.5), patience=self._long(60.0))
        for _ in range(self.random.poisson(self.household.raccoons)):
            yield self._stranger("the raccoon", "raccoon", self._hour(0.0, DAWN_H), patience=self._long(40.0))
        for _ in range(self.random.poisson(self.household.people)):
            person = self._stranger("a caller", "person", self._hour(8.0, 19.0), patience=self._long(20.0))
            yield replace(person, pushes=False)

    def _outing(self, name: str) -> Iterator[Visitor]:
        """It goes out, comes home, and with prey comes home again without."""
        leaves = self._free(self._hour(5.0, 21.0))
        yield Visitor(name, leaves, starts="inside", walks=2.0, patience=30.0)
        home = self._free(leaves + float(self.random.uniform(0.2, 2.0)) * HOUR_S)
        carries = bool(self.random.random() < self.household.prey)
        yield self._comes(name, home, carries)
        if carries:
            yield self._comes(name, self._free(home + float(self.random.uniform(900, 2400))), False)

    def _comes(self, name: str, time: float, carries: bool) -> Visitor:
        looks_away = float(self.random.uniform(2.0, 8.0))
        head = (Habit("averted", looks_away, looks_away + float(self.random.exponential(4.0))),)
        walks = float(self.random.uniform(1.5, 5.0))
        return Visitor(name, time, carries=carries, walks=walks, patience=30 + self._long(90.0), head=head)

    def _stranger(self, name: str, species: str, time: float, patience: float) -> Visitor:
        beside = float(self.random.uniform(-0.2, 0.2))
        return Visitor(name, time, species=species, patience=patience, beside=beside)

    def _hour(self, earliest: float, latest: float) -> float:
        """Some second of the day between two hours of it."""
        return round((self.number * 24 + float(self.random.uniform(earliest, latest))) * HOUR_S, 2)

    def _long(self, mean: float) -> float:
        return round(float(min(self.random.exponential(mean), 5 * mean)), 1)

    def _free(self, time: float) -> float:
        """That moment, or a later one at which nobody else of the household sets out."""
        while any(abs(time - other) < BETWEEN_S for other in self.taken):
            time += BETWEEN_S
        self.taken.append(time)
        return round(time, 2)
