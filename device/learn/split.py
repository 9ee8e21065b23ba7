"""Splits examples into those to learn from and those to be judged by: by visit, forward in time.

Frames of one visit are nearly copies of each other, and so are visits of one animal within minutes. Whoever
learns from some and is judged by others measures memory. So what belongs together is kept together (a
group), and the newest days are the test: a head must work on days that it has never seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from math import ceil

import numpy as np
from numpy.typing import NDArray

from device.errors import DatasetError
from device.learn.dataset import Dataset, Picture

VISIT_GAP_S = 60.0
"""Pictures, and visits, with a smaller gap between them belong together."""
ANIMAL_GAP_S = 600.0
"""So do visits of the same animal; one whose name is not known may be any."""
ENOUGH = 60
"""With fewer groups a test set of a fifth says too little: then everything is judged out of fold."""
TEST_RATIO = 0.2
FOLDS = 5

BY_FRAME = (
    "a split by frame is refused: frames of one visit are nearly copies, so a head would be judged by "
    "what it has learnt by heart, and every figure would be too good; split by visit"
)


@dataclass(frozen=True, slots=True)
class Split:
    """Which examples train and which test, by their places in the dataset."""

    train: tuple[int, ...]
    test: tuple[int, ...]
    """Newer than everything that trains; empty when `approximate`."""
    folds: tuple[tuple[int, ...], ...]
    """The places in `train`, divided so that no group is in two."""
    groups: tuple[int, ...]
    """Of every example in the dataset: equal numbers may never be on both sides."""
    remarks: tuple[str, ...] = ()
    """What must be said along with every figure, in plain words."""

    @property
    def approximate(self) -> bool:
        """There is no test set: figures come from the folds, which saw the same days as the training."""
        return not self.test

    def out_of_fold(self) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        """For each fold: the places to train on, and those of the fold itself, to be scored."""
        for fold in self.folds:
            held = set(fold)
            yield tuple(number for number in self.train if number not in held), fold


def split(
    dataset: Dataset,
    task: str,
    by: str = "visit",
    zone: tzinfo = UTC,
    folds: int = FOLDS,
    enough: int = ENOUGH,
) -> Split:
    """Split the examples that have a label for `task`; the others are on neither side.

    Args:
        zone: whose days count.
        folds: how many at most; never more than there are groups.
        enough: how many groups a test set of its own takes.

    Raises:
        DatasetError: `by` is not "visit", or there are fewer than two labels or groups.
    """
    if by != "visit":
        raise DatasetError(BY_FRAME if by == "frame" else f"cannot split by {by!r}; split by visit")
    dataset.classes(task)
    groups = grouped(dataset)
    known = [number for number, each in enumerate(dataset.examples) if task in each.labels]
    count = len({groups[number] for number in known})
    if count < 2:
        raise DatasetError(
            f"all {len(known)} labelled pictures are of one visit; label visits of other days too"
        )
    newest = _newest(dataset, groups, known, zone) if count >= enough else set()
    train = tuple(number for number in known if groups[number] not in newest)
    test = tuple(number for number in known if groups[number] in newest)
    remarks = _remarks(dataset, task, train, test, count, enough)
    dealt = _folds(
        [groups[number] for number in train], [dataset.examples[n].labels[task] for n in train], folds
    )
    in_folds = tuple(tuple(train[place] for place in fold) for fold in dealt)
    return Split(train, test, in_folds, groups, remarks)


def refuse_torn(dataset: Dataset, train: Sequence[int], test: Sequence[int]) -> None:
    """Accept a split that came from elsewhere only if no group is on both sides.

    Raises:
        DatasetError: naming a visit that is.
    """
    groups = grouped(dataset)
    learnt = {groups[number] for number in train}
    torn = next((number for number in test if groups[number] in learnt), None)
    if torn is not None:
        visit = dataset.examples[torn].visit
        raise DatasetError(
            f"visit {visit} is in training and in the test (or within minutes of it): {BY_FRAME}"
        )


def grouped(dataset: Dataset) -> tuple[int, ...]:
    """The group of every example: one visit, visits less than a minute apart, one animal within ten minutes.

    Groups are numbered in the order of their first example.
    """
    visits = dataset.visits()
    found = dict(zip(visits, range(len(visits)), strict=True))
    union = _Union(len(visits))
    latest: dict[str | None, tuple[float, int]] = {}
    for start, end, who, number in sorted(_spans(dataset, visits, found), key=lambda span: span[0]):
        for other, (left, before) in latest.items():
            same = other == who or other is None or who is None
            if start - left < (ANIMAL_GAP_S if same else VISIT_GAP_S):
                union.join(before, number)
        if who not in latest or latest[who][0] < end:
            latest[who] = (end, number)
    order: dict[int, int] = {}
    roots = [union.root(found[each.visit]) for each in dataset.examples]
    return tuple(order.setdefault(root, len(order)) for root in roots)


def with_visits(pictures: Sequence[Picture]) -> list[Picture]:
    """The same pictures, in the same order, each with a visit: those that say none by their times.

    Pictures with gaps under a minute are one visit; one without a time is a visit by itself.
    """
    dated = sorted(
        (each.wall, number)
        for number, each in enumerate(pictures)
        if each.visit is None and each.wall is not None
    )
    names: dict[int, str] = {}
    before, name = float("-inf"), ""
    for wall, number in dated:
        if wall - before >= VISIT_GAP_S:
            name = f"{datetime.fromtimestamp(wall, UTC):%Y%m%dT%H%M%SZ}"
        names[number], before = name, wall
    return [
        each if each.visit is not None else replace(each, visit=names.get(number, each.source))
        for number, each in enumerate(pictures)
    ]


class _Union:
    """Disjoint sets."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))

    def root(self, number: int) -> int:
        while self._above[number] != number:
            self._above[number] = number = self._above[self._above[number]]
        return number

    def join(self, one: int, other: int) -> None:
        self._above[self.root(other)] = self.root(one)


def _spans(
    dataset: Dataset, visits: dict[str, list[int]], found: dict[str, int]
) -> Iterator[tuple[float, float, str | None, int]]:
    """Start, end, animal and number of every visit that tells its time; None is an animal not known."""
    for visit, places in visits.items():
        examples = [dataset.examples[place] for place in places]
        times = [each.wall for each in examples if each.wall is not None]
        names = {each.labels["who"] for each in examples if "who" in each.labels}
        if times:
            yield min(times), max(times), names.pop() if len(names) == 1 else None, found[visit]


def _newest(dataset: Dataset, groups: Sequence[int], known: Sequence[int], zone: tzinfo) -> set[int]:
    """The groups of the newest fifth of the days; a group over midnight counts to the day it began."""
    began: dict[int, float] = {}
    for number in known:
        wall = dataset.examples[number].wall
        if wall is not None:
            began[groups[number]] = min(wall, began.get(groups[number], wall))
    day_of: dict[int, date] = {
        group: datetime.fromtimestamp(wall, zone).date() for group, wall in began.items()
    }
    days = sorted(set(day_of.values()))
    if len(days) < 2:
        return set()
    newest = set(days[-ceil(TEST_RATIO * len(days)) :])
    return {group for group, day in day_of.items() if day in newest}


def _folds(groups: Sequence[int], labels: Sequence[str], most: int) -> list[list[int]]:
    """Places dealt to folds, whole groups at a time, so that each has its share of each class."""
    names = sorted(set(labels))
    everything = len(names)
    counts: dict[int, NDArray[np.float64]] = {}
    for group, label in zip(groups, labels, strict=True):
        counts.setdefault(group, np.zeros(len(names) + 1))[[names.index(label), everything]] += 1
    total = sum(counts.values(), np.zeros(len(names) + 1))
    folds = np.zeros((min(most, len(counts)), len(names) + 1))
    chosen: dict[int, int] = {}
    # The groups that weigh most first: small ones then fill up what is uneven.
    for group in sorted(counts, key=lambda each: (-float((counts[each] / total).sum()), each)):
        loads = ((folds + counts[group]) / total) ** 2 - (folds / total) ** 2
        chosen[group] = int(np.argmin(loads.sum(axis=1)))
        folds[chosen[group]] += counts[group]
    return [
        [place for place, group in enumerate(groups) if chosen[group] == number]
        for number in range(len(folds))
    ]


def _remarks(
    dataset: Dataset, task: str, train: Sequence[int], test: Sequence[int], count: int, enough: int
) -> tuple[str, ...]:
    if not test:
        why = (
            f"only {count} separate visits, {enough} are needed"
            if count < enough
            else "all of one day or undated"
        )
        found = [f"approximate: {why} for a test on newer days; judged by grouped folds instead"]
    else:
        found = _one_sided(dataset, task, train, test)
    alone = _alone(dataset, [*train, *test])
    if alone:
        found.append(
            f"{alone} pictures tell neither visit nor time: each counts as a visit, "
            "so copies may be on both sides"
        )
    return tuple(found)


def _one_sided(dataset: Dataset, task: str, train: Sequence[int], test: Sequence[int]) -> list[str]:
    """What a test on newer days cannot tell."""
    seen = Counter(dataset.examples[number].labels[task] for number in test)
    taught = Counter(dataset.examples[number].labels[task] for number in train)
    undated = sum(dataset.examples[number].wall is None for number in train)
    found = [
        f"the test has no {label!r}: nothing can be said of it" for label in sorted(set(taught) - set(seen))
    ]
    found += [
        f"nothing older teaches {label!r}, which the test has" for label in sorted(set(seen) - set(taught))
    ]
    return found + ([f"{undated} pictures without a time only train"] if undated else [])


def _alone(dataset: Dataset, numbers: Sequence[int]) -> int:
    """How many pictures nobody can group: without a time, and the only one of their visit."""
    sizes = Counter(each.visit for each in dataset.examples)
    chosen = [dataset.examples[number] for number in numbers]
    return sum(each.wall is None and sizes[each.visit] == 1 for each in chosen)
