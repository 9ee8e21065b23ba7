"""Sets the thresholds of a newly taught head, for each light, from attempts it was not taught with."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from device.decide.evidence import MeterSettings
from device.learn.dataset import Dataset, Example
from device.learn.events import HORIZON_S, Attempt, largest, replay_visit
from device.learn.proof import Sides, sides
from device.learn.thresholds import Goal, Promise, promise
from device.learn.train import TaughtHead

DAY, INFRARED = "day", "infrared"
WHICH_STRANGER = "stranger"
"""The task that says which stranger it was; strangers without a name count as one."""

Scores = Mapping[int, tuple[float, ...]]
"""Log scores of views, by their places in a dataset."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What promises are made for."""

    goal: Goal = field(default_factory=Goal)
    settings: MeterSettings = field(default_factory=MeterSettings)
    horizon: float = HORIZON_S
    entered: frozenset[str] = frozenset()
    """Visits that ended with an entry: their attempts were cut short and tell no maximum."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One labelled visit with its attempts."""

    visit: str
    bad: bool
    subject: str
    """Of whom several visits count as one: the visit itself, or a stranger."""
    light: str
    views: tuple[str, ...]
    """Ids of its examples."""
    attempts: tuple[Attempt, ...]
    horizon: float

    @property
    def proven_after(self) -> float | None:
        """Seconds of usable sight until the first proof, over all attempts; None if there was none."""
        times = (
            each.number * self.horizon + each.proven_after for each in self.attempts if each.proven_after
        )
        return min(times, default=None)

    @property
    def maximum(self) -> float:
        return largest(self.attempts)

    @property
    def held(self) -> float:
        """At any threshold below this the visit would have been let in, and at no other."""
        return max((each.held for each in self.attempts), default=0.0)


def set_thresholds(head: TaughtHead, dataset: Dataset, terms: Terms) -> dict[str, Promise]:
    """A promise for each light; empty if the head feeds no meter.

    A light with too few bad visits of its own takes the threshold from the visits of both.
    """
    side = sides(head.task, head.labels)
    if side is None:
        return {}
    visits = [
        each
        for each in replay(dataset, head, side, head.out_of_fold, terms)
        if not (each.bad and each.visit in terms.entered)
    ]
    together = _promise(visits, terms.goal)
    found = {}
    for light in (DAY, INFRARED):
        own = _promise([each for each in visits if each.light == light], terms.goal)
        found[light] = own if own.guaranteed else replace(own, threshold=together.threshold)
    return found


def replay(
    dataset: Dataset,
    head: TaughtHead,
    side: Sides,
    scores: Scores,
    terms: Terms,
    thresholds: Mapping[str, Promise] | None = None,
) -> list[Replayed]:
    """Every visit of which `scores` has views that speak for or against entry, replayed.

    Args:
        thresholds: by light; without them the settings' own.
    """
    found: dict[tuple[str, bool], list[int]] = {}
    for place in sorted(scores, key=lambda each: (dataset.examples[each].wall or 0.0, each)):
        number = head.labels.index(dataset.examples[place].labels[head.task])
        if number in (*side.good, *side.bad):
            found.setdefault((dataset.examples[place].visit, number in side.bad), []).append(place)
    replayed = []
    for (visit, bad), places in found.items():
        examples = [dataset.examples[place] for place in places]
        light = INFRARED if 2 * sum(each.infrared for each in examples) > len(examples) else DAY
        ratios = side.ratios(np.array([scores[place] for place in places]))
        if head.familiar is not None:
            shown = dataset.take(places).embeddings()
            ratios = head.familiar.tempered(ratios, shown, [visit] * len(places))
        threshold = thresholds[light].threshold if thresholds else None
        walls = [each.wall or 0.0 for each in examples]
        attempts = replay_visit(visit, walls, ratios.tolist(), terms.settings, terms.horizon, threshold)
        ids = tuple(each.id for each in examples)
        subject = _subject(head.task, examples[0])
        replayed.append(Replayed(visit, bad, subject, light, ids, attempts, terms.horizon))
    return replayed


def _subject(task: str, example: Example) -> str:
    """Prey is counted by visit, strangers by who they are."""
    return example.labels.get(WHICH_STRANGER, "") if task == "who" else example.visit


def _promise(visits: Collection[Replayed], goal: Goal) -> Promise:
    bad: dict[str, float] = {}
    for each in visits:
        if each.bad:
            bad[each.subject] = max(each.maximum, bad.get(each.subject, 0.0))
    return promise(list(bad.values()), [each.maximum for each in visits if not each.bad], goal)
