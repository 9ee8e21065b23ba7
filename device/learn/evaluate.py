"""Says what a head is worth: in visits at the door, each rate with its bound, then picture by picture."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from device.learn.blend import Doubles
from device.learn.bounds import at_least, at_most
from device.learn.dataset import Dataset
from device.learn.promises import Replayed, Scores, Terms, replay
from device.learn.proof import Sides, sides
from device.learn.split import Split
from device.learn.thresholds import Promise
from device.learn.tradeoff import Step, tradeoff
from device.learn.train import TaughtHead

LATE_S = 10.0
"""A clean visit that is let in later was delayed."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many visits, and how high (or low) the true rate may be at 95 % confidence."""

    what: str
    k: int
    n: int
    visits: tuple[str, ...] = ()
    """The visits that were counted in `k`."""
    wanted: bool = False
    """More of it is better: then the bound is a lower one."""
    of_all: float | None = None
    """Estimate for all visits of this kind at the door, 0..1: each that was drawn by chance, or is asked
    about always, weighted by one over its probability, those picked for being hard left out (Horvitz,
    Thompson 1952). None where all count the same anyway."""

    @property
    def bound(self) -> float:
        return at_least(self.k, self.n) if self.wanted else at_most(self.k, self.n)

    def in_words(self) -> str:
        """ "2 of 144 (at most 4.3 %)"."""
        if self.n == 0:
            return "none seen"
        weighted = "" if self.of_all is None else f"; weighed as drawn: {self.of_all:.1%}"
        return f"{self.k} of {self.n} ({'at least' if self.wanted else 'at most'} {self.bound:.1%}{weighted})"


@dataclass(frozen=True, slots=True)
class Curve:
    """Precision and recall of one label at every threshold that changes them, and the one assumed."""

    label: str
    points: tuple[tuple[float, float, float], ...]
    """(recall, precision, threshold)."""
    threshold: float
    """At which F1 is best on the training visits, 0..1."""
    precision: float
    recall: float
    f1: float
    testing: int
    """How many pictures of it were judged."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a head is worth on visits that it was not taught with."""

    task: str
    labels: tuple[str, ...]
    rates: tuple[Rate, ...]
    median_unlock: float | None
    """Seconds of usable sight until a clean visit was let in."""
    curves: tuple[Curve, ...]
    confusion: Mapping[tuple[str, str], int]
    """Pictures by (true label, most likely label)."""
    training: int
    testing: int
    remarks: tuple[str, ...]
    tradeoffs: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    """By light, what each threshold would have cost and spared on these visits."""

    @property
    def balanced_accuracy(self) -> float:
        """Mean recall of the labels by the most likely one, 0..1."""
        recalls = []
        for label in self.labels:
            total = sum(count for (true, _), count in self.confusion.items() if true == label)
            if total:
                recalls.append(self.confusion.get((label, label), 0) / total)
        return float(np.mean(recalls)) if recalls else 0.0


def evaluate(
    dataset: Dataset, split: Split, head: TaughtHead, thresholds: Mapping[str, Promise], terms: Terms
) -> Evaluation:
    """Judge `head`, taught on the training side of `split`, by the test side, or else out of fold.

    Args:
        thresholds: by light, as promises.set_thresholds made them.
    """
    scores = untouched(dataset, split, head)
    side = sides(head.task, head.labels)
    visits = replay(dataset, head, side, scores, terms, thresholds) if side else []
    truth = [dataset.examples[place].labels[head.task] for place in scores]
    chances = _chances(np.array(list(scores.values())))
    assumed = _assumed(dataset, head)
    proven = [each for visit in visits if not visit.bad and (each := visit.proven_after) is not None]
    said = [head.labels[number] for number in chances.argmax(axis=1)]
    pairs = list(zip(truth, said, strict=True))
    return Evaluation(
        task=head.task,
        labels=head.labels,
        rates=tuple(_rates(visits, side, _weights(dataset))) if side else (),
        median_unlock=median(proven) if proven else None,
        curves=tuple(
            _curve(label, np.array([each == label for each in truth]), chances[:, number], assumed[number])
            for number, label in enumerate(head.labels)
        ),
        confusion={pair: pairs.count(pair) for pair in sorted(set(pairs))},
        training=sum(head.counts.values()),
        testing=len(truth),
        remarks=split.remarks,
        tradeoffs={light: tradeoff(visits, light) for light in thresholds} if side else {},
    )


def untouched(dataset: Dataset, split: Split, head: TaughtHead) -> Scores:
    """Scores of the test views, or, where there is no test, of those that trained, by other folds."""
    if split.approximate:
        return head.out_of_fold
    places = [place for place in split.test if dataset.examples[place].labels[head.task] in head.labels]
    rows = head.scores(dataset.embeddings()[places])
    return {place: tuple(row.tolist()) for place, row in zip(places, rows, strict=True)}


def _weights(dataset: Dataset) -> dict[str, float]:
    """How many visits each visit stands for."""
    return {
        each.visit: weight for each, weight in zip(dataset.examples, dataset.weights().tolist(), strict=True)
    }


def _of_all(counted: Collection[str], among: Sequence[str], weights: Mapping[str, float]) -> float | None:
    """The weighted share of `counted` among visits that are not all worth the same; None if they are."""
    total = sum(weights[each] for each in among)
    if len({weights[each] for each in among}) < 2 or total <= 0:
        return None
    return sum(weights[each] for each in counted) / total


def _rates(visits: Sequence[Replayed], side: Sides, weights: Mapping[str, float]) -> list[Rate]:
    """The event-level table."""
    clean, bad = [each for each in visits if not each.bad], [each for each in visits if each.bad]
    one = side.kind.removesuffix("s").removesuffix(" visit")

    def rate(what: str, among: Sequence[Replayed], counted: Callable[[Replayed], bool]) -> Rate:
        found = tuple(each.visit for each in among if counted(each))
        of_all = _of_all(found, [each.visit for each in among], weights)
        return Rate(what, len(found), len(among), found, of_all=of_all)

    return [
        rate("clean visits never unlocked", clean, lambda each: each.proven_after is None),
        rate(
            f"clean visits delayed more than {LATE_S:.0f} s",
            clean,
            lambda each: (each.proven_after or 0) > LATE_S,
        ),
        rate(f"{one} let in", bad, lambda each: each.proven_after is not None),
        rate("undecided", visits, _undecided),
    ]


def _undecided(visit: Replayed) -> bool:
    return not any(each.refuted or each.proven_after is not None for each in visit.attempts)


def _chances(scores: Doubles) -> Doubles:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances: Doubles = raised / raised.sum(axis=1, keepdims=True)
    return chances


def _assumed(dataset: Dataset, head: TaughtHead) -> list[float]:
    """For each label the threshold with the best F1 on the training visits, out of fold."""
    chances = _chances(np.array(list(head.out_of_fold.values())))
    truth = [dataset.examples[place].labels[head.task] for place in head.out_of_fold]
    found = []
    for number, label in enumerate(head.labels):
        points = _points(np.array([each == label for each in truth]), chances[:, number])
        best = max(points, key=lambda point: 2 * point[0] * point[1] / max(point[0] + point[1], 1e-9))
        found.append(best[2])
    return found


def _curve(label: str, true: np.typing.NDArray[np.bool_], chances: Doubles, threshold: float) -> Curve:
    taken = chances >= threshold
    hits = int((taken & true).sum())
    precision, recall = hits / max(int(taken.sum()), 1), hits / max(int(true.sum()), 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return Curve(label, _points(true, chances), threshold, precision, recall, f1, int(true.sum()))


def _points(true: np.typing.NDArray[np.bool_], chances: Doubles) -> tuple[tuple[float, float, float], ...]:
    """(recall, precision, threshold) at every chance that occurs, from the highest."""
    order = np.argsort(-chances, kind="stable")
    hits, taken = np.cumsum(true[order]), np.arange(1, len(order) + 1)
    last = np.append(np.diff(chances[order]) != 0, True)
    rows = zip(hits[last] / max(int(true.sum()), 1), (hits / taken)[last], chances[order][last], strict=True)
    return tuple((float(recall), float(precision), float(chance)) for recall, precision, chance in rows)
