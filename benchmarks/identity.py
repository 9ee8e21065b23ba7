"""How well trackers keep apart who is who: IDF1, identity switches and fragments.

IDF1 after Ristani et al. ("Performance Measures and a Data Set for Multi-Target, Multi-Camera Tracking",
2016): whole tracks are given to whole animals, one to one, so that as many boxes as possible agree; it is
the share of boxes that then do, of all there are on both sides. Switches and fragments after Bernardin and
Stiefelhagen ("CLEAR MOT", 2008): a pair of the frame before goes on while its boxes overlap.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from device.messages import Box

LEAST = 0.5
"""Intersection over union from which a track's box shows an animal."""

Boxes = Mapping[int, Box]
"""By the number of the animal or of the track."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Counts, which add up over sequences."""

    agreed: int = 0
    true: int = 0
    """Boxes of animals."""
    told: int = 0
    """Boxes of tracks."""
    switches: int = 0
    fragments: int = 0

    @property
    def idf1(self) -> float:
        return 2 * self.agreed / max(self.true + self.told, 1)

    def __add__(self, other: Identity) -> Identity:
        return Identity(
            self.agreed + other.agreed,
            self.true + other.true,
            self.told + other.told,
            self.switches + other.switches,
            self.fragments + other.fragments,
        )


def judge(truth: Sequence[Boxes], told: Sequence[Boxes]) -> Identity:
    """What a tracker's boxes of every frame are worth beside the true ones."""
    switches, fragments = _clear(truth, told)
    return Identity(_agreed(truth, told), sum(map(len, truth)), sum(map(len, told)), switches, fragments)


def _agreed(truth: Sequence[Boxes], told: Sequence[Boxes]) -> int:
    """Of how many boxes animal and track agree, tracks given to animals in the best way."""
    together: Counter[tuple[int, int]] = Counter()
    for animals, tracks in zip(truth, told, strict=True):
        for animal, box in animals.items():
            for track, other in tracks.items():
                if box.iou(other) >= LEAST:
                    together[animal, track] += 1
    rows = sorted({animal for animal, _ in together})
    columns = sorted({track for _, track in together})
    costs = [[-float(together[animal, track]) for track in columns] for animal in rows]
    return -round(sum(costs[row][column] for row, column in enumerate(assigned(costs)) if column is not None))


def _clear(truth: Sequence[Boxes], told: Sequence[Boxes]) -> tuple[int, int]:
    last: dict[int, int] = {}
    followed: dict[int, bool] = {}
    switches = fragments = 0
    for animals, tracks in zip(truth, told, strict=True):
        pairs = _pairs(animals, tracks, last)
        for animal in animals:
            track = pairs.get(animal)
            if track is not None:
                switches += animal in last and last[animal] != track
                fragments += followed.get(animal) is False
                last[animal] = track
                followed[animal] = True
            elif animal in followed:
                followed[animal] = False
    return switches, fragments


def _pairs(animals: Boxes, tracks: Boxes, last: Mapping[int, int]) -> dict[int, int]:
    pairs = {
        animal: last[animal]
        for animal, box in animals.items()
        if animal in last and last[animal] in tracks and box.iou(tracks[last[animal]]) >= LEAST
    }
    rows = [animal for animal in animals if animal not in pairs]
    columns = [track for track in tracks if track not in set(pairs.values())]
    overlaps = [[animals[row].iou(tracks[column]) for column in columns] for row in rows]
    costs = [[-each if each >= LEAST else 0.0 for each in row] for row in overlaps]
    for row, column in enumerate(assigned(costs)):
        if column is not None and overlaps[row][column] >= LEAST:
            pairs[rows[row]] = columns[column]
    return pairs


def assigned(costs: Sequence[Sequence[float]]) -> list[int | None]:
    """The column of each row for the least sum of costs, exactly: the Hungarian method with potentials.

    After Kuhn ("The Hungarian Method for the Assignment Problem", 1955) as shortest augmenting paths. Of the
    larger side some stay without.
    """
    rows, columns = len(costs), len(costs[0]) if costs else 0
    if rows > columns:
        turned = assigned([[costs[row][column] for row in range(rows)] for column in range(columns)])
        found: list[int | None] = [None] * rows
        for column, row in enumerate(turned):
            if row is not None:
                found[row] = column
        return found
    u, v, owner = [0.0] * (rows + 1), [0.0] * (columns + 1), [0] * (columns + 1)
    for row in range(1, rows + 1):
        _augment(costs, row, u, v, owner)
    chosen: list[int | None] = [None] * rows
    for column in range(1, columns + 1):
        if owner[column]:
            chosen[owner[column] - 1] = column - 1
    return chosen


def _augment(
    costs: Sequence[Sequence[float]], row: int, u: list[float], v: list[float], owner: list[int]
) -> None:
    """Give one more row a column, along the shortest path of exchanges; column 0 stands for none."""
    columns = len(v) - 1
    least, way, done = [math.inf] * (columns + 1), [0] * (columns + 1), [False] * (columns + 1)
    owner[0], here = row, 0
    while owner[here]:
        done[here], current = True, owner[here]
        step, following = math.inf, 0
        for column in range(1, columns + 1):
            if done[column]:
                continue
            reduced = costs[current - 1][column - 1] - u[current] - v[column]
            if reduced < least[column]:
                least[column], way[column] = reduced, here
            if least[column] < step:
                step, following = least[column], column
        for column in range(columns + 1):
            if done[column]:
                u[owner[column]] += step
                v[column] -= step
            else:
                least[column] -= step
        here = following
    while here:
        owner[here], here = owner[way[here]], way[here]
