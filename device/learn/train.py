"""Teaches a head from cached embeddings: a logistic head blended with its nearest neighbours, calibrated.

Every view that trains is also scored by pieces that never saw its visit (out of fold). On these scores the
blend of the two is fitted and thresholds are set, so that both mean what they say on days to come. Classes
count the same however many views they have, and no visit gives more than five views.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device.errors import DatasetError
from device.learn.blend import Blend, Doubles, fitted
from device.learn.dataset import Dataset
from device.learn.familiar import Familiar, familiar
from device.learn.logistic import Taught, fit
from device.learn.proof import sides
from device.learn.split import FOLDS, Split, grouped
from device.learn.thresholds import PATIENCE
from device.learn.vocabulary import WHO
from device.neighbours import Floats, Lens, Neighbours, lens, neighbours

Scored = dict[int, tuple[Doubles, Doubles]]
"""Logits and likenesses (K,) of views by their places, from pieces not taught with their visits."""

STRENGTH = 10.0
"""Of the data against the L2 penalty of the logistic head."""
PER_VISIT = 5
"""Views of one visit that train; more of them are nearly copies."""
FEW, MANY_FOLDS = 30, 10
"""A label of fewer groups is judged in more folds: each head then misses only one or two of its visits."""
JUST_ENOUGH = 0.1
"""Ratio with which the meter just passes the lowest threshold: thresholds.LOWEST over a gain of 5."""
KEPT = 600
"""Examples that a head keeps as neighbours, the newest of each label in equal shares."""


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """What one set of views teaches, before it is blended."""

    taught: Taught
    neighbours: Neighbours

    def features(self, embeddings: Floats) -> tuple[Doubles, Doubles]:
        """(n, K) logits of the logistic head, and (n, K) likenesses to the labels."""
        logits = embeddings @ self.taught.weights + self.taught.bias
        return logits.astype(np.float64), self.neighbours.likeness(embeddings).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class TaughtHead:
    """A head ready to be written, and what it is worth."""

    task: str
    labels: tuple[str, ...]
    pieces: Pieces
    blend: Blend
    counts: dict[str, int]
    """Views of each label that trained."""
    visits: int
    familiar: Familiar | None
    """Of a head for who it is: what the own animals look like."""
    out_of_fold: dict[int, tuple[float, ...]]
    """Log scores of every labelled view of the training visits, by its place in the dataset."""

    def scores(self, embeddings: Floats) -> Doubles:
        """(n, K) log scores of embeddings; differences are log likelihood ratios."""
        return self.blend.scores(*self.pieces.features(embeddings))


def train(
    dataset: Dataset,
    task: str,
    split: Split,
    patience: float = PATIENCE,
    done: Callable[[float], None] = lambda _: None,
) -> TaughtHead:
    """Teach `task` from the training side of `split`.

    Args:
        patience: how many of those who may enter may be kept out while the bad visits are few, 0..1.
        done: hears how far it has come, 0..1, after each fold.

    Views without a label for the task only tell what is usual at this door, and only those that belong to no
    test visit and are older than all of them.

    Raises:
        DatasetError: fewer than two labels, or one label in fewer than two groups of visits.
    """
    labels = dataset.take(split.train).classes(task)
    _require_two_groups(dataset, task, split, labels)
    embeddings = dataset.embeddings()
    lesson = _Lesson(task, embeddings, _numbers(dataset, task, labels), labels, split)
    usual = _usual(dataset, task, split)
    chosen = at_most_five(dataset, split.train)
    scored: Scored = {}
    for number, (rest, fold) in enumerate(split.out_of_fold(), 1):
        held = {split.groups[place] for place in fold}
        pieces = lesson.pieces(
            [place for place in rest if place in chosen],
            [place for place in usual if split.groups[place] not in held],
        )
        features = pieces.features(embeddings[list(fold)])
        scored |= {place: (features[0][n], features[1][n]) for n, place in enumerate(fold)}
        done(number / (len(split.folds) + 1))  # the head itself takes as long as one fold more
    blend = _blended(lesson, scored, [place for place in scored if place in chosen], patience)
    return TaughtHead(
        task=task,
        labels=labels,
        pieces=lesson.pieces(sorted(chosen), usual),
        blend=blend,
        counts=dict(Counter(dataset.examples[place].labels[task] for place in chosen)),
        visits=len({dataset.examples[place].visit for place in chosen}),
        familiar=_familiar(dataset, task, labels, sorted(chosen)),
        out_of_fold={
            place: tuple(blend.scores(one[None], other[None])[0].tolist())
            for place, (one, other) in scored.items()
        },
    )


def folds(dataset: Dataset, task: str) -> int:
    """Into how many folds `split.split` should deal: more where the rarest label has few visits."""
    groups = grouped(dataset)
    pairs = {
        (each.labels[task], group)
        for each, group in zip(dataset.examples, groups, strict=True)
        if task in each.labels
    }
    rarest = min(Counter(label for label, _ in pairs).values(), default=0)
    return MANY_FOLDS if rarest < FEW else FOLDS


def at_most_five(dataset: Dataset, places: Iterable[int]) -> set[int]:
    """Of every visit at most five places, evenly spread over the visit."""
    visits: dict[str, list[int]] = {}
    for place in places:
        visits.setdefault(dataset.examples[place].visit, []).append(place)
    return {
        found[number]
        for found in visits.values()
        for number in np.unique(np.linspace(0, len(found) - 1, PER_VISIT).round().astype(int))
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Lesson:
    """What every fold is taught from."""

    task: str
    embeddings: Floats
    numbers: NDArray[np.intp]
    """The number of each example's label, -1 without one."""
    labels: tuple[str, ...]
    split: Split

    def pieces(self, places: Sequence[int], usual: Sequence[int]) -> Pieces:
        numbers = self.numbers[places]
        missing = sorted({self.labels[n] for n in range(len(self.labels))} - self.names(numbers))
        if missing:
            raise DatasetError(
                f"all views of {missing[0]!r} are of one visit or of visits minutes apart: nothing "
                "could be said of how well it is known; label another visit of it"
            )
        taught = fit(self.embeddings[places], [self.labels[n] for n in numbers], STRENGTH)
        kept = self._kept(places)
        through: Lens = lens(self.embeddings[list(usual) or list(places)])
        near = neighbours(through, self.embeddings[kept], self.numbers[kept].tolist(), len(self.labels))
        return Pieces(taught, near)

    def names(self, numbers: NDArray[np.intp]) -> set[str]:
        return {self.labels[number] for number in set(numbers.tolist())}

    def _kept(self, places: Sequence[int]) -> list[int]:
        """The newest of each label, in equal shares."""
        share = KEPT // len(self.labels)
        return [
            place
            for number in range(len(self.labels))
            for place in [each for each in places if self.numbers[each] == number][-share:]
        ]


def _blended(lesson: _Lesson, scored: Scored, places: Sequence[int], patience: float) -> Blend:
    """The blend for the views at `places`: a visit counts once, and a class like any other."""
    features = np.stack([np.stack(scored[place], axis=1) for place in places])
    numbers = lesson.numbers[list(places)]
    targets = np.eye(len(lesson.labels))[numbers]
    blend = fitted(features, targets, _visit_weights(lesson, places, numbers))
    return _patient(lesson, scored, blend, patience)


def _patient(lesson: _Lesson, scored: Scored, blend: Blend, patience: float) -> Blend:
    """The blend moved in favour of entry if it would keep out more than `patience` of those who may enter.

    Classes count the same in the blend, as if every other visit were bad. Where that puts the zero amid the
    clean visits, a meter that cannot begin below zero would lock out many of them: the zero moves to the
    clean visits' own quantile, which many visits tell well. It never moves the other way.
    """
    side = sides(lesson.task, lesson.labels)
    if side is None:
        return blend
    ratios: dict[int, list[float]] = {}
    for place, features in scored.items():
        if lesson.numbers[place] in side.good:
            score = blend.scores(*(each[None] for each in features))
            ratios.setdefault(lesson.split.groups[place], []).append(float(side.ratios(score)[0]))
    clean = [float(np.mean(each)) for each in ratios.values()]
    return blend.in_favour(side.good, max(0.0, JUST_ENOUGH - float(np.quantile(clean, patience))))


def _visit_weights(lesson: _Lesson, places: Sequence[int], numbers: NDArray[np.intp]) -> Doubles:
    """(n,) a visit's views share its weight, and each class has the sum of the one with the fewest visits."""
    groups = [(lesson.split.groups[place], number) for place, number in zip(places, numbers, strict=True)]
    sizes = Counter(groups)
    visits = Counter(number for _, number in sizes)
    fewest = min(visits.values())
    return np.array([fewest / (sizes[each] * visits[each[1]]) for each in groups])


def _familiar(dataset: Dataset, task: str, labels: Sequence[str], places: Sequence[int]) -> Familiar | None:
    side = sides(task, labels)
    if task != WHO or side is None:
        return None
    own = {labels[number] for number in side.good}
    known = dataset.take(place for place in places if dataset.examples[place].labels[task] in own)
    return familiar(known.embeddings(), [each.visit for each in known.examples])


def _numbers(dataset: Dataset, task: str, labels: Sequence[str]) -> NDArray[np.intp]:
    known = {label: number for number, label in enumerate(labels)}
    return np.array([known.get(each.labels.get(task, ""), -1) for each in dataset.examples], np.intp)


def _usual(dataset: Dataset, task: str, split: Split) -> list[int]:
    """The places of views that nobody labelled for the task, none of a test visit or newer than one."""
    tested = {split.groups[place] for place in split.test}
    walls = [dataset.examples[place].wall for place in split.test]
    first = min((wall for wall in walls if wall is not None), default=float("inf"))
    return [
        place
        for place, each in enumerate(dataset.examples)
        if task not in each.labels
        and split.groups[place] not in tested
        and (each.wall is None or each.wall < first)
    ]


def _require_two_groups(dataset: Dataset, task: str, split: Split, labels: Sequence[str]) -> None:
    for label in labels:
        groups = {
            split.groups[place] for place in split.train if dataset.examples[place].labels[task] == label
        }
        if len(groups) < 2:
            raise DatasetError(
                f"{task} {label!r} was seen at one visit only (or at visits minutes apart); a second one is "
                "needed to tell how well it is known: label another visit of it"
            )
