"""What is still to be labelled: before anything can be taught, and before anything can be promised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from device.decide.subject import STRANGER
from device.learn.dataset import Dataset, Example
from device.learn.golden import BAD
from device.learn.promises import DAY, INFRARED, WHICH_STRANGER
from device.learn.split import grouped
from device.learn.thresholds import Goal, fewest
from device.learn.vocabulary import CLEAN, PREY, WHO

KINDS = {PREY: "prey visits", WHO: "strangers"}
"""What a promise of each task rests on."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """How far one promise is: so many bad visits are labelled in one light, so many are needed."""

    light: str
    n: int
    """Bad visits that count: separate ones, not cut short by an entry; strangers once each."""
    needed: int
    missing: int


@dataclass(frozen=True, slots=True)
class Need:
    """What one task still needs."""

    task: str
    kind: str
    """What its promise rests on: "prey visits" or "strangers"."""
    labels: dict[str, int]
    """Separate visits by label; minutes apart they are one."""
    absent: tuple[str, ...]
    """Labels of which there must be two separate visits and are not: nothing can be taught before."""
    promises: tuple[Awaited, ...]

    @property
    def teachable(self) -> bool:
        return not self.absent


def needs(
    dataset: Dataset, animals: Collection[str], entered: Collection[str], goal: Goal | None = None
) -> list[Need]:
    """What each task still needs.

    Args:
        animals: the household's names.
        entered: visits that ended with an entry: their attempts were cut short and prove nothing.
    """
    groups = grouped(dataset)
    return [_need(dataset, groups, task, animals, entered, goal or Goal()) for task in KINDS]


def _need(
    dataset: Dataset,
    groups: tuple[int, ...],
    task: str,
    animals: Collection[str],
    entered: Collection[str],
    goal: Goal,
) -> Need:
    pairs = {
        (each.labels[task], group)
        for each, group in zip(dataset.examples, groups, strict=True)
        if task in each.labels
    }
    counts = Counter(label for label, _ in pairs)
    bad = [each for each in dataset.examples if each.labels.get(task) == BAD[task]]
    return Need(
        task=task,
        kind=KINDS[task],
        labels=dict(sorted(counts.items())),
        absent=tuple(_absent(task, counts, animals)),
        promises=tuple(_awaited(bad, light, task, entered, goal) for light in (DAY, INFRARED)),
    )


def _absent(task: str, counts: Counter[str], animals: Collection[str]) -> list[str]:
    """The labels that lack a second visit: both sides of what is told apart, and any that was begun."""
    wanted = {CLEAN, PREY} if task == PREY else {STRANGER}
    found = sorted(label for label in wanted | counts.keys() if counts[label] < 2)
    if task == WHO and not (counts.keys() - {STRANGER}):
        found = [*sorted(animals), *found]
    return found


def _awaited(bad: list[Example], light: str, task: str, entered: Collection[str], goal: Goal) -> Awaited:
    visits: dict[str, list[Example]] = {}
    for each in bad:
        if each.visit not in entered:
            visits.setdefault(each.visit, []).append(each)
    counted = {
        views[0].labels.get(WHICH_STRANGER, "") if task == WHO else visit
        for visit, views in visits.items()
        if (2 * sum(each.infrared for each in views) > len(views)) == (light == INFRARED)
    }
    needed = fewest(goal.alpha, goal.delta)
    return Awaited(light, len(counted), needed, max(needed - len(counted), 0))
